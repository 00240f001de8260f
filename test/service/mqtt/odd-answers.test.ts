import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { MqttPublisher } from '../../../src/service/mqtt/mqtt-publisher.ts';
import { until } from '../poll.ts';

/** Something at the broker's address that answers each connection with the same bytes. */
async function answering(bytes: Buffer, ends: boolean): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', () => (ends ? socket.end(bytes) : socket.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `mqtt://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each<[string, Buffer, boolean?]>([
  ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'), true],
  ['a mail server', Buffer.from('220 example.org ESMTP\r\n')],
  ['a TLS server', Buffer.from([0x15, 3, 1, 0, 2, 2, 40]), true],
  ['a broker that is full', Buffer.from([0x20, 2, 0, 3])],
  ['a broker that refuses the password', Buffer.from([0x20, 2, 0, 4])],
  ['a reason that is none', Buffer.from([0x20, 2, 0, 0xff])],
  ['an acknowledgement of MQTT 5', Buffer.from([0x20, 6, 0, 0x8a, 3, 0x21, 0, 10])],
  ['an acknowledgement without a reason', Buffer.from([0x20, 0])],
  ['a length that never ends', Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['a message of 256 MB that never comes', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 97])],
  ['a message before the acknowledgement', Buffer.from([0x30, 4, 0, 1, 97, 98])],
  ['a receipt of nothing', Buffer.from([0x50, 2, 0, 9])],
  ['silence', Buffer.alloc(0)],
  ['an end', Buffer.alloc(0), true],
])(
  '%s instead of a broker is told in one line, and tried again',
  async (_, bytes, ends = false) => {
    const url = await answering(bytes, ends);
    const publisher = new MqttPublisher(
      { url, topic: 'm2s2l', discovery: 'homeassistant' },
      { reconnect: 50, timeout: 300 },
    );
    onTestFinished(() => publisher.stop());
    publisher.start();
    await until('it is told', () => publisher.lastError !== null);
    expect(publisher.state).toBe('disconnected');
    expect(publisher.lastError).toMatch(/^[^\n]{5,200}$/);
    expect(publisher.lastError).not.toContain('secret');
  },
);
