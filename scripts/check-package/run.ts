import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd: string;
  /** Stands first in `PATH`. */
  readonly path?: string;
}

/** The environment of a user: nothing that npm set for this script, and `path` first. */
export function userEnvironment(path?: string): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)/.test(name),
  );
  const env = Object.fromEntries(entries);
  return path ? { ...env, PATH: `${path}:${env.PATH}` } : env;
}

/** Runs a program to its end and gives its stdout. @throws Error with all it printed where it fails */
export async function run(
  program: string,
  words: readonly string[],
  { cwd, path }: RunOptions,
): Promise<string> {
  const child = spawn(program, words, {
    cwd,
    env: userEnvironment(path),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const code = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code !== 0)
    throw new Error(`${[program, ...words].join(' ')}: exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}
