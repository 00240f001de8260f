export type Theme = 'system' | 'light' | 'dark';

const KEY = 'm2s2l-theme';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

const isTheme = (value: unknown): value is Theme =>
  value === 'light' || value === 'dark' || value === 'system';

/** Light or dark as the system says, or as the reader chose; kept in this browser. */
class ThemeChoice {
  chosen = $state<Theme>('system');
  /** Counts changes of what is seen, for those who draw with its colours. */
  version = $state(0);

  constructor() {
    const kept = localStorage.getItem(KEY);
    if (isTheme(kept)) this.chosen = kept;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.version++);
  }

  apply(): void {
    if (this.chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.chosen;
    this.version++;
  }

  next(): void {
    this.chosen = NEXT[this.chosen];
    localStorage.setItem(KEY, this.chosen);
    this.apply();
  }
}

export const theme = new ThemeChoice();
