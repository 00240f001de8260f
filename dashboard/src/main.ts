import './shell/language.ts';
import { mount } from 'svelte';
import './look.css';
import App from './App.svelte';
import { service } from './live/service.svelte.ts';
import { theme } from './shell/theme.svelte.ts';

theme.apply();
mount(App, { target: document.getElementById('app')! });
void service.open();
