/** Waits until `found` gives something. @throws Error with `otherwise` after ten minutes */
export async function until<T>(
  found: () => T | undefined | Promise<T | undefined>,
  otherwise: string,
): Promise<T> {
  const end = Date.now() + 600_000;
  for (;;) {
    const result = await found();
    if (result !== undefined) return result;
    if (Date.now() > end) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Whether nothing answers at an address. */
export const isSilent = (address: string): Promise<boolean> =>
  fetch(address).then(
    () => false,
    () => true,
  );
