import { describe, expect, it } from 'vitest';
import { heatColour, heatOf, type Rgb } from '../../src/scoring/colormap.ts';

/** Relative luminance of sRGB. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((byte) => (byte / 255) ** 2.2);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

describe('heat colours', () => {
  it('grow lighter with the heat, so they read in gray', () => {
    for (let i = 4; i <= 255; i += 4)
      expect(luminance(heatColour(i / 255))).toBeGreaterThan(luminance(heatColour((i - 4) / 255)));
  });

  it('go from dark violet to light yellow, in bytes, clipped', () => {
    const [red, green, blue] = heatColour(0);
    expect(blue).toBeGreaterThan(red);
    expect(red).toBeGreaterThan(green);
    const [r, g, b] = heatColour(1);
    expect(Math.min(r, g)).toBeGreaterThan(200);
    expect(b).toBeLessThan(180);
    expect(heatColour(-1)).toEqual(heatColour(0));
    expect(heatColour(7)).toEqual(heatColour(1));
    for (let i = 0; i < 256; i++)
      for (const byte of heatColour(i / 255)) expect(byte >= 0 && byte <= 255).toBe(true);
  });

  it('leave the ordinary clear', () => {
    expect(heatOf(0, 4)).toBe(0);
    expect(heatOf(2, 4)).toBe(0);
    expect(heatOf(5, 4)).toBeCloseTo(0.5);
    expect(heatOf(100, 4)).toBe(1);
  });
});
