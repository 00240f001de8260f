import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(import.meta.dirname, '..', '..');
const ort = fileURLToPath(new URL('.', import.meta.resolve('onnxruntime-web')));

const zod = fileURLToPath(new URL('.', import.meta.resolve('zod')));

const page = `<!doctype html>
<meta charset="utf-8">
<title>m2s2l</title>
<link rel="icon" href="data:,">
<script type="importmap">
  { "imports": { "onnxruntime-web": "/ort/ort.wasm.min.mjs", "zod": "/zod/index.js" } }
</script>`;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.ts': 'text/javascript',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

export interface PageServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  close(): void;
}

/**
 * Serves on this machine alone an empty page whose scripts may import sources of ours, types stripped,
 * `onnxruntime-web` and `zod`; and beside it what was exported, and frames.
 */
export async function servePage(exported: string, frames: Uint8Array): Promise<PageServer> {
  const read = async (path: string): Promise<string | Uint8Array> => {
    const [, place, ...rest] = path.split('/') as [string, string, ...string[]];
    const inside = rest.join('/');
    if (place === '') return page;
    if (place === 'frames') return frames;
    if (place === 'onnx') return readFile(join(exported, inside));
    if (place === 'ort') return readFile(join(ort, inside));
    if (place === 'zod') return readFile(join(zod, inside));
    return stripTypeScriptTypes(await readFile(join(root, place, inside), 'utf8'));
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://127.0.0.1');
    const body = await read(pathname).catch(() => undefined);
    response.statusCode = body === undefined ? 404 : 200;
    const type = TYPES[pathname === '/' ? '.html' : extname(pathname)];
    response.setHeader('content-type', type ?? 'application/octet-stream');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}
