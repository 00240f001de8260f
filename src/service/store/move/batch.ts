/** Rows that are read, and written, at once. */
export const BATCH = 500;
