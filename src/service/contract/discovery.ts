import { z } from 'zod';

/** Cameras that were found, none of which is opened. */
export const foundCameras = z.object({
  usb: z.array(z.object({ device: z.string(), name: z.string() })),
  onvif: z
    .array(
      z.object({
        host: z.string(),
        name: z.string().describe('As it says itself; its host where it says none'),
        service: z.string().describe('Address of its ONVIF service'),
      }),
    )
    .describe('Those in this network that answered a WS-Discovery probe'),
});
export type FoundCameras = z.infer<typeof foundCameras>;
