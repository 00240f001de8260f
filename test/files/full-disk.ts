import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a process which is about to end may still hold a file. */
const PATIENCE = 30_000;

/**
 * A disk of a few kilobytes: a small tmpfs, which only root of a system that allows mounts can make.
 * Undefined where it cannot be made. It is removed once nothing on it is open, and what is open too
 * long is an error.
 */
export function smallDisk(
  kilobytes: number,
): { folder: string; remove: () => Promise<void> } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'm2s2l-disk-'));
  try {
    const size = `size=${kilobytes}k`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return { folder, remove: () => remove(folder) };
}

async function remove(folder: string): Promise<void> {
  const end = Date.now() + PATIENCE;
  let open: string[] = [];
  while (!unmounted(folder)) {
    open = openFiles(folder);
    if (Date.now() < end) {
      await sleep(50);
      continue;
    }
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
    throw new Error(`still open: ${open.join(', ')}`);
  }
  rmSync(folder, { recursive: true });
}

function unmounted(folder: string): boolean {
  try {
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Open files below a folder, each with the process that holds it. */
function openFiles(folder: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const links = tried(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    return links.flatMap((fd) => {
      const path = tried(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
      return path?.startsWith(folder) ? [`${path} (process ${pid})`] : [];
    });
  });
}

/** What ends meanwhile has nothing open. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
