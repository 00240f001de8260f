import { StoreFull } from '../parts.ts';

/** Stores what may be left out, or is stored later, while the disk is full. @returns whether it is stored */
export function ifRoom(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof StoreFull) return false;
    throw error;
  }
}
