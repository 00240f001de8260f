import { type Place, placeOf } from './routes.ts';

/** Where the reader is: the address, without asking the service for a new page. */
class Router {
  path = $state(location.pathname);
  search = $state(location.search);
  readonly place: Place = $derived(placeOf(this.path));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (click) => this.#follow(click));
  }

  go(address: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.#read();
  }

  #read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  /** Links to our own pages are followed here; with a modifier they open as the browser does. */
  #follow(click: MouseEvent): void {
    if (click.defaultPrevented || click.button !== 0) return;
    if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    const link = (click.target as Element).closest?.('a');
    if (!link || link.target || link.download || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/') || link.hash) return;
    click.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();
