import type { z } from 'zod';

/** The first thing that is wrong, as one line with the path of its key: `cameras[0].source.url: Invalid URL`. */
export const issueLine = (error: z.ZodError): string => issueLines(error)[0]!;

/** Everything that is wrong, a line each. */
export function issueLines(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${keyPath([...issue.path, key])}: is not a known key`);
    const path = keyPath(issue.path);
    const line = issue.message.replaceAll(/\s*\n\s*/g, ' ');
    return path === '' ? line : `${path}: ${line}`;
  });
}

function keyPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
