import { version } from '../../version.ts';
import { cameraState } from '../contract/camera.ts';
import { cameraTopics, type MqttSettings, statusTopic } from './topics.ts';

/** By topic, what Home Assistant finds there: one device a camera, with its alarm, score and state. */
export function discovery(
  settings: MqttSettings,
  camera: { readonly id: string; readonly name: string },
): Map<string, object> {
  // Two services on one broker differ in their topic.
  const device = `${settings.topic}_${camera.id}`.replaceAll(/[^\w-]/g, '_');
  const topics = cameraTopics(settings, camera.id);
  const entity = (component: string, name: string, config: object): [string, object] => [
    `${settings.discovery}/${component}/${device}/${name.toLowerCase()}/config`,
    {
      name,
      unique_id: `${device}_${name.toLowerCase()}`,
      availability_topic: statusTopic(settings),
      device: {
        identifiers: [device],
        name: camera.name,
        manufacturer: 'm2s2l',
        model: 'Camera',
        sw_version: version,
      },
      origin: { name: 'm2s2l', sw_version: version },
      ...config,
    },
  ];
  return new Map([
    entity('binary_sensor', 'Alarm', { device_class: 'problem', state_topic: topics.alarm }),
    entity('sensor', 'Score', {
      state_class: 'measurement',
      state_topic: topics.score,
      value_template: '{{ value_json.score }}',
      json_attributes_topic: topics.score,
    }),
    entity('sensor', 'State', {
      device_class: 'enum',
      options: cameraState.options,
      state_topic: topics.state,
      value_template: '{{ value_json.state }}',
      json_attributes_topic: topics.state,
    }),
  ]);
}
