import { foundCameras } from '../contract/discovery.ts';
import { onvifCameras } from '../discovery/onvif.ts';
import { usbCameras } from '../discovery/usb.ts';
import { json, type Route, route } from './route.ts';

/** One search at a time: each sends a probe to the whole network. */
let underWay: ReturnType<typeof search> | undefined;

async function search() {
  const [usb, onvif] = await Promise.all([usbCameras(), onvifCameras()]);
  return { usb, onvif };
}

export const discoveryRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/cameras/find',
    role: 'admin',
    summary: 'Look for USB cameras, and for ONVIF cameras in the network; two seconds',
    answer: json(foundCameras),
    handler: () => {
      underWay ??= search().finally(() => (underWay = undefined));
      return underWay;
    },
  }),
];
