/** Bytes of a heatmap that came as base64. */
export const heatBytes = (base64: string): Uint8Array => {
  const text = atob(base64);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
};

/**
 * Colours of a heatmap, RGBA: clear at nothing, amber where half a region's level is reached, red from
 * the level on (128 of 255).
 */
export function heatColours(levels: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(levels.length * 4);
  levels.forEach((level, k) => {
    const strength = Math.min(1, Math.max(0, (level - 40) / 110));
    rgba.set([255, 200 - 170 * strength, 20, 165 * strength ** 0.8], 4 * k);
  });
  return rgba;
}
