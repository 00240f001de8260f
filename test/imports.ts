import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything a file imports: statically, dynamically, for its types alone, or to export it again. */
export function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const statements = [
    /^\s*import\s*(['"])(.+?)\1/gm,
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*(['"])(.+?)\1/gm,
    /\bimport\s*\(\s*(['"`])(.+?)\1/gm,
  ];
  return statements.flatMap((statement) => [...code.matchAll(statement)].map((found) => found[2]!));
}

export interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** The imports of all files below a folder. */
export async function allImports(folder: string): Promise<Import[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const imports = await Promise.all(
    files.map(async (file) =>
      importsOf(await readFile(file, 'utf8')).map((specifier) => ({ file, specifier })),
    ),
  );
  return imports.flat();
}
