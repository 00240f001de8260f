import { MqttPublisher } from '../../../src/service/mqtt/mqtt-publisher.ts';
import { inventedStatus } from './invented.ts';

// Tells a broker of a camera until it is killed.
const publisher = new MqttPublisher({
  url: process.argv[2]!,
  topic: 'm2s2l',
  discovery: 'homeassistant',
});
publisher.camera(inventedStatus());
publisher.start();
