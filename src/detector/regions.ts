import { z } from 'zod';
import { areaOf } from '../scoring/regions/regions.ts';

/** A share of the picture that a region has at least: a line counts nowhere. */
const SMALLEST = 0.0001;

const share = z.number().min(0).max(1);

/** A part of the picture, as a person draws it. */
const pictureRegion = z.strictObject({
  name: z.string().trim().min(1).max(40),
  kind: z
    .enum(['ignore', 'zone'])
    .describe('What happens in ignore counts nowhere; a zone gives its name to what happens in it'),
  polygon: z
    .array(z.tuple([share, share]))
    .min(3)
    .max(64)
    .refine((polygon) => areaOf(polygon) >= SMALLEST, 'has no area')
    .describe("Corners as shares of the picture's width and height, from its top left"),
  alarms: z
    .boolean()
    .default(true)
    .describe('Of a zone: without, what happens in it is listed and neither alarms nor counts'),
});

const distinctNames = (regions: readonly { readonly name: string }[]): boolean =>
  new Set(regions.map(({ name }) => name)).size === regions.length;

/** The regions of one camera. */
export const pictureRegions = z
  .array(pictureRegion)
  .max(32)
  .refine(distinctNames, 'two have the same name');

/** A list of regions, or something that has one: a camera's settings are more than its regions. */
export const regionsFile = z.union([
  pictureRegions,
  z.looseObject({ regions: pictureRegions }).transform(({ regions }) => regions),
]);
