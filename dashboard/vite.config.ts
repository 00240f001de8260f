import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Builds the page into `dist/dashboard`, from where the service sends it. */
export default defineConfig({
  root: import.meta.dirname,
  // The service says where the page is, by its <base>.
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2023',
    // What is inlined would need `data:` in the page's Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': process.env.M2S2L_SERVICE ?? 'http://127.0.0.1:8480' } },
});
