import { z } from 'zod';

/** A program of the fleet, as the page shows it. */
export const fleetMember = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['server', 'worker']),
  version: z.string(),
  started: z.number(),
  capacity: z.number().nullable().describe('Frames a second that it can score; null for a server'),
  load: z.number().nullable().describe('The share of that which it scores'),
  lag: z.number().nullable().describe('Milliseconds from a frame to its score'),
  most: z.number().nullable().describe('Cameras that it takes at most; null: its share'),
  draining: z.boolean().describe('It gives up its cameras, and takes none'),
  clockOff: z.number().describe("Milliseconds that its clock is before the database's"),
  reached: z.boolean().describe('Whether this server hears it'),
  announces: z.boolean().describe('Whether it is the server that sends'),
  cameras: z.array(z.string()).describe('Ids of the cameras that it has'),
});
export type FleetMember = z.infer<typeof fleetMember>;

/** All programs of the fleet; none where the service runs alone. */
export const fleet = z.object({
  shared: z.boolean().describe('Whether there is a fleet at all'),
  version: z.string().describe('Of this server'),
  members: z.array(fleetMember),
});
export type Fleet = z.infer<typeof fleet>;
