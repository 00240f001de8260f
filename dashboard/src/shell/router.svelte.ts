import { addressOf, pathAt } from './base.ts';
import { type Place, placeOf } from './routes.ts';

/** Where the reader is: the address, without asking the service for a new page. */
class Router {
  path = $state(pathAt(location.pathname));
  search = $state(location.search);
  readonly place: Place = $derived(placeOf(this.path));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (click) => this.#follow(click));
  }

  go(path: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', addressOf(path));
    else history.pushState(null, '', addressOf(path));
    this.#read();
  }

  #read(): void {
    this.path = pathAt(location.pathname);
    this.search = location.search;
  }

  /** Links to our own pages are followed here; with a modifier they open as the browser does. */
  #follow(click: MouseEvent): void {
    if (click.defaultPrevented || click.button !== 0) return;
    if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    const link = (click.target as Element).closest?.('a');
    if (!link || link.target || link.download || link.origin !== location.origin) return;
    const path = pathAt(link.pathname);
    if (path.startsWith('/api/')) return;
    click.preventDefault();
    // With a <base> a browser would take it for a place on the first page.
    if (link.hash) document.getElementById(link.hash.slice(1))?.focus();
    else this.go(path + link.search);
  }
}

export const router = new Router();
