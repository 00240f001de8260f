import { CannotStore } from '../parts.ts';

/** Stores what may be left out, or stored later, while the disk is full or the database damaged. @returns whether it is stored */
export function ifRoom(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof CannotStore) return false;
    throw error;
  }
}
