/**
 * Chromium under the POSIX locale, as in a kiosk, says that its language is `en-US@posix`, which its
 * own `Intl`, and so uPlot when it is loaded, refuses. Loaded before all else.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
