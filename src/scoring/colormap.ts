/** Red, green and blue, 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Stops in OKLCH: lightness rises evenly from deep violet over red to light yellow, so it also reads in gray. */
const stops = [
  { lightness: 0.25, chroma: 0.12, hue: 290 },
  { lightness: 0.42, chroma: 0.19, hue: 330 },
  { lightness: 0.59, chroma: 0.2, hue: 380 },
  { lightness: 0.76, chroma: 0.16, hue: 420 },
  { lightness: 0.93, chroma: 0.12, hue: 462 },
];

const table: readonly Rgb[] = Array.from({ length: 256 }, (_, i) => colourAt(i / 255));

/** Colour of a heat, clipped to 0 … 1; lightness rises evenly. */
export function heatColour(heat: number): Rgb {
  return table[Math.round(255 * Math.min(1, Math.max(0, heat)))]!;
}

/**
 * Heat of a local rarity for drawing: 0 below `level` / 2, 1 at twice the level. The fixed scale keeps
 * ordinary places clear and pictures comparable.
 */
export function heatOf(local: number, level: number): number {
  return Math.min(1, Math.max(0, (local - level / 2) / (1.5 * level)));
}

function colourAt(position: number): Rgb {
  const scaled = position * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(scaled));
  const share = scaled - from;
  const mix = (key: 'lightness' | 'chroma' | 'hue') =>
    stops[from]![key] * (1 - share) + stops[from + 1]![key] * share;
  return oklch(mix('lightness'), mix('chroma'), (mix('hue') * Math.PI) / 180);
}

/** OKLCH to sRGB (Ottosson, A perceptual color space for image processing, 2020), clipped to the gamut. */
function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Linear light to a byte of sRGB. */
function encode(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  const curved = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
  return Math.round(255 * curved);
}
