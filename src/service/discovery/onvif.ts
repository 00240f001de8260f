import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import type { FoundCameras } from '../contract/discovery.ts';

/** Where devices listen for probes: WS-Discovery 1.1, section 3.1.1. */
const GROUP = { address: '239.255.255.250', port: 3702 };

/** Devices answer within half a second; those behind Wi-Fi later. */
const WAIT = 2000;

const MOST = 200;

/** Bytes of an answer beyond which it is none. */
const LARGEST = 20_000;

/** Asks for devices that transmit video: ONVIF core specification, section 7.3. */
const probe = (id: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
  xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
  xmlns:n="http://www.onvif.org/ver10/network/wsdl">
<s:Header><a:MessageID>urn:uuid:${id}</a:MessageID>
<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>
<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body>
</s:Envelope>`;

/**
 * The cameras in this network that answer a probe.
 * @param target where the probe goes, else to the group of all devices
 * @param wait milliseconds in which answers are taken
 */
export async function onvifCameras(target = GROUP, wait = WAIT): Promise<FoundCameras['onvif']> {
  const found = new Map<string, FoundCameras['onvif'][number]>();
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (answer) => {
    const camera = answer.length <= LARGEST ? cameraOf(answer.toString()) : undefined;
    if (camera && found.size < MOST) found.set(camera.service, camera);
  });
  // A machine without a network finds none.
  socket.on('error', () => undefined);
  try {
    socket.send(probe(randomUUID()), target.port, target.address, () => undefined);
    await pause(wait);
  } finally {
    socket.close();
  }
  return [...found.values()].sort((a, b) => a.host.localeCompare(b.host));
}

/** What a device says of itself. Its text is a stranger's: only a host, and a plain name, are taken. */
function cameraOf(answer: string): FoundCameras['onvif'][number] | undefined {
  const addresses = /<[^<>]*XAddrs>([^<]*)</.exec(answer)?.[1]?.trim().split(/\s+/) ?? [];
  const service = addresses.find(
    (address) => /^https?:\/\//.test(address) && URL.canParse(address),
  );
  if (service === undefined) return undefined;
  const { hostname, origin, pathname } = new URL(service);
  const named = /onvif:\/\/www\.onvif\.org\/name\/([^\s<]+)/i.exec(answer)?.[1];
  return { host: hostname, name: plain(named) || hostname, service: `${origin}${pathname}` };
}

function plain(name: string | undefined): string {
  if (name === undefined) return '';
  let text = name;
  try {
    text = decodeURIComponent(name);
  } catch {
    // Left as it came.
  }
  return text
    .replaceAll(/[^\p{L}\p{N} ._()-]+/gu, ' ')
    .trim()
    .slice(0, 80);
}
