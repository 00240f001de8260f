import type { z } from 'zod';

/** The first thing that is wrong, as one line with the path of its key: `cameras[0].source.url: Invalid URL`. */
export function issueLine(error: z.ZodError): string {
  const issue = error.issues[0]!;
  if (issue.code === 'unrecognized_keys')
    return `${keyPath([...issue.path, issue.keys[0]!])}: is not a known key`;
  const path = keyPath(issue.path);
  const line = issue.message.replaceAll(/\s*\n\s*/g, ' ');
  return path === '' ? line : `${path}: ${line}`;
}

function keyPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
