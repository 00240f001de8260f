/** Size of the gray pictures that a scene is judged by. Its shape does not follow the camera's. */
export const scenePicture = { width: 64, height: 36, channels: 1 } as const;

const { width, height } = scenePicture;
const pixels = width * height;

/** How a scene looks: what little of it stays when people and light are left out. */
export interface SceneLook {
  /** Square root of the gradient's magnitude, row by row `[36, 64]`. */
  readonly edges: Float32Array;
  /** Mean luminance, 0..255. */
  readonly luminance: number;
  /** Standard deviation of the luminance. */
  readonly contrast: number;
  /** Mean magnitude of the gradient. */
  readonly texture: number;
}

/**
 * @param picture mean luminance of some seconds `[36, 64]`, 0..255
 * @param ignored 1 for each pixel that does not count `[36, 64]`
 */
export function lookOf(picture: Float32Array, ignored?: Uint8Array): SceneLook {
  const edges = new Float32Array(pixels);
  let texture = 0;
  let sum = 0;
  let squares = 0;
  let counted = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (ignored?.[at] === 1) continue;
      counted += 1;
      const value = picture[at]!;
      sum += value;
      squares += value * value;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) continue;
      const across = picture[at + 1]! - picture[at - 1]!;
      const down = picture[at + width]! - picture[at - width]!;
      const gradient = Math.hypot(across, down) / 2;
      edges[at] = Math.sqrt(gradient);
      texture += gradient;
    }
  }
  const seen = Math.max(1, counted);
  const luminance = sum / seen;
  const contrast = Math.sqrt(Math.max(0, squares / seen - luminance * luminance));
  return { edges, luminance, contrast, texture: texture / seen };
}

/** A look without some pixels; light and contrast stay those of the whole. */
export function lookWithout(look: SceneLook, ignored: Uint8Array | undefined): SceneLook {
  if (!ignored) return look;
  const edges = look.edges.map((edge, at) => (ignored[at] === 1 ? 0 : edge));
  const counted = ignored.reduce((sum, pixel) => sum + 1 - pixel, 0);
  const texture = edges.reduce((sum, edge) => sum + edge * edge, 0) / Math.max(1, counted);
  return { ...look, edges, texture };
}

/** Moves a look by a share of the way to another. */
export function blendLooks(look: SceneLook, to: SceneLook, share: number): SceneLook {
  const blend = (a: number, b: number) => a + (b - a) * share;
  return {
    edges: look.edges.map((edge, i) => blend(edge, to.edges[i]!)),
    luminance: blend(look.luminance, to.luminance),
    contrast: blend(look.contrast, to.contrast),
    texture: blend(look.texture, to.texture),
  };
}

/**
 * Correlation of the edges of two looks where the second is shifted by some pixels, -1..1: about 1
 * for one view in one light, 0.4 and more in another light, about 0 for another view.
 */
export function edgeCorrelation(a: SceneLook, b: SceneLook, shiftX = 0, shiftY = 0): number {
  let count = 0;
  let sumA = 0;
  let sumB = 0;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let y = 1 + Math.max(0, -shiftY); y < height - 1 - Math.max(0, shiftY); y++) {
    for (let x = 1 + Math.max(0, -shiftX); x < width - 1 - Math.max(0, shiftX); x++) {
      const edgeA = a.edges[y * width + x]!;
      const edgeB = b.edges[(y + shiftY) * width + x + shiftX]!;
      count++;
      sumA += edgeA;
      sumB += edgeB;
      squaresA += edgeA * edgeA;
      squaresB += edgeB * edgeB;
      products += edgeA * edgeB;
    }
  }
  const spread = (squaresA - (sumA * sumA) / count) * (squaresB - (sumB * sumB) / count);
  return spread > 1e-9 ? (products - (sumA * sumB) / count) / Math.sqrt(spread) : 0;
}

/** Pixels of a scene's picture up to which a shift of the camera is looked for, to each side. */
const furthestShift = 8;

/** Whether a second look is the first, seen by a camera that was pushed a little. */
export function isShifted(a: SceneLook, b: SceneLook, unshifted: number): boolean {
  for (let shiftY = -furthestShift; shiftY <= furthestShift; shiftY++) {
    for (let shiftX = -furthestShift; shiftX <= furthestShift; shiftX++) {
      // A trembling camera, and one that was wiped, is where it was.
      if (Math.abs(shiftX) < 2 && Math.abs(shiftY) < 2) continue;
      const shifted = edgeCorrelation(a, b, shiftX, shiftY);
      if (shifted > 0.6 && shifted > unshifted + 0.25) return true;
    }
  }
  return false;
}
