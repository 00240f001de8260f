import { version } from '../../version.ts';
import { escapeHtml } from './markup.ts';
import { style } from './style.ts';

/** Marks a page as one of m2s2l, which may be overwritten. */
export const generatorMark = '<meta name="generator" content="m2s2l report">';

export interface ReportDocument {
  /** Text. */
  readonly title: string;
  /** Text above the heading. */
  readonly kicker: string;
  /** Markup. */
  readonly heading: string;
  /** Markup of the line below the heading. */
  readonly lead: string;
  /** Markup. */
  readonly main: string;
  /** Of m2s2l; by default this one. */
  readonly writtenBy?: string | undefined;
}

/** A whole HTML page that needs no other file. */
export function documentMarkup(page: ReportDocument): string {
  const { title, kicker, heading, lead, main, writtenBy = version } = page;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${generatorMark}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} – m2s2l report</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="kicker">${escapeHtml(kicker)}</p>
<h1>${heading}</h1>
<p>${lead}</p>
</header>
<main>
${main}
</main>
<footer><p>Written by m2s2l ${escapeHtml(writtenBy)}. This page is self-contained and opens offline.</p></footer>
</body>
</html>
`;
}
