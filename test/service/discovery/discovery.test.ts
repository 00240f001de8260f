import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { onvifCameras } from '../../../src/service/discovery/onvif.ts';
import { usbCameras } from '../../../src/service/discovery/usb.ts';
import { temporaryFolder } from '../camera/fakes.ts';

/** A device that answers each probe with some messages. */
async function device(...answers: string[]) {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const asked: string[] = [];
  socket.on('message', (probe, { port, address }) => {
    asked.push(probe.toString());
    for (const answer of answers) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { target: { address: '127.0.0.1', port: socket.address().port }, asked };
}

const match = (scopes: string, addresses: string) =>
  `<?xml version="1.0"?><e:Envelope><e:Body><d:ProbeMatches><d:ProbeMatch>
   <d:Scopes>${scopes}</d:Scopes><d:XAddrs>${addresses}</d:XAddrs>
   </d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>`;

test('cameras that answer a probe are told once each, whatever else answers', async () => {
  const yard = match(
    'onvif://www.onvif.org/name/Back%20yard onvif://www.onvif.org/hardware/X1',
    'http://192.168.1.20/onvif/device_service http://[fe80::1]/onvif/device_service',
  );
  const { target, asked } = await device(
    yard,
    yard,
    match('', 'http://me:secret@192.168.1.3:8080/onvif'),
    match('onvif://www.onvif.org/name/%3Cscript%3E%', 'http://192.168.1.4/'),
    match('', 'javascript:alert(1)'),
    'nonsense',
    'x'.repeat(30_000),
  );
  expect(await onvifCameras(target, 1500)).toEqual([
    {
      host: '192.168.1.20',
      name: 'Back yard',
      service: 'http://192.168.1.20/onvif/device_service',
    },
    { host: '192.168.1.3', name: '192.168.1.3', service: 'http://192.168.1.3:8080/onvif' },
    { host: '192.168.1.4', name: '3Cscript 3E', service: 'http://192.168.1.4/' },
  ]);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain('NetworkVideoTransmitter');
});

test('where nobody answers there are none', async () => {
  expect(await onvifCameras({ address: '127.0.0.1', port: 9 }, 50)).toEqual([]);
});

test('USB cameras are told by number, each once', async () => {
  const root = temporaryFolder();
  for (const [device, name, index] of [
    ['video10', 'Second', '0'],
    ['video0', 'First: HD camera', '0'],
    ['video1', 'First: HD camera', '1'],
  ] as const) {
    await mkdir(join(root, device));
    await writeFile(join(root, device, 'name'), `${name}\n`);
    await writeFile(join(root, device, 'index'), `${index}\n`);
  }
  await mkdir(join(root, 'v4l-subdev0'));
  expect(await usbCameras(root)).toEqual([
    { device: '/dev/video0', name: 'First: HD camera' },
    { device: '/dev/video10', name: 'Second' },
  ]);
  expect(await usbCameras(join(root, 'none'))).toEqual([]);
});
