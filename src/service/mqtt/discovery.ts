import { version } from '../../version.ts';
import { cameraState } from '../contract/camera.ts';
import { BY_CLOCK, NO_PROFILE } from './commands.ts';
import { cameraTopics, deviceOf, type MqttSettings, profileTopic, statusTopic } from './topics.ts';

/** Without the time: an attribute that always changes fills Home Assistant's history. */
const scoreAttributes =
  "{{ {'appearance': value_json.appearance, 'motion': value_json.motion, 'threshold': value_json.threshold} | tojson }}";

/**
 * Home Assistant's device discovery message of a camera: one device with its alarm, score, state, the
 * picture of its last event, and a switch that snoozes it. Alarm and score are unavailable while the camera
 * is not watched.
 * @param page address of the service's page, ending with `/`, where that is known
 */
export function discovery(
  settings: MqttSettings,
  camera: { readonly id: string; readonly name: string },
  page?: string,
): object {
  const device = deviceOf(settings, camera.id);
  const topics = cameraTopics(settings, camera.id);
  // Version 0.1 had the same unique ids: Home Assistant keeps names, rooms and history of its entities.
  const entity = (platform: string, name: string, config: object) => ({
    platform,
    name,
    unique_id: `${device}_${name.toLowerCase()}`,
    ...config,
  });
  const service = { availability: [{ topic: statusTopic(settings) }] };
  const watched = {
    availability: [...service.availability, { topic: topics.availability }],
    availability_mode: 'all',
  };
  return {
    device: {
      identifiers: [device],
      name: camera.name,
      manufacturer: 'm2s2l',
      model: 'Camera',
      sw_version: version,
      ...(page !== undefined && { configuration_url: `${page}cameras/${camera.id}` }),
    },
    origin: { name: 'm2s2l', sw_version: version },
    components: {
      alarm: entity('binary_sensor', 'Alarm', {
        ...watched,
        device_class: 'problem',
        state_topic: topics.alarm,
      }),
      score: entity('sensor', 'Score', {
        ...watched,
        state_class: 'measurement',
        state_topic: topics.score,
        value_template: '{{ value_json.score }}',
        json_attributes_topic: topics.score,
        json_attributes_template: scoreAttributes,
      }),
      picture: entity('image', 'Picture', {
        ...service,
        image_topic: topics.picture,
        content_type: 'image/jpeg',
      }),
      snooze: entity('switch', 'Snooze', {
        ...service,
        state_topic: topics.snooze,
        command_topic: `${topics.snooze}/set`,
      }),
      state: entity('sensor', 'State', {
        ...service,
        device_class: 'enum',
        options: cameraState.options,
        state_topic: topics.state,
        value_template: '{{ value_json.state }}',
        json_attributes_topic: topics.state,
      }),
    },
  };
}

/** The list of profiles as Home Assistant finds it, with its topic. */
export function profileDiscovery(
  settings: MqttSettings,
  profiles: readonly string[],
  page?: string,
): [topic: string, config: object] {
  const device = settings.topic.replaceAll(/[^\w-]/g, '_');
  const topic = profileTopic(settings);
  const config = {
    name: 'Profile',
    unique_id: `${device}_profile`,
    device: {
      identifiers: [device],
      name: 'm2s2l',
      manufacturer: 'm2s2l',
      model: 'Service',
      sw_version: version,
      ...(page !== undefined && { configuration_url: page }),
    },
    origin: { name: 'm2s2l', sw_version: version },
    availability: [{ topic: statusTopic(settings) }],
    options: [BY_CLOCK, NO_PROFILE, ...profiles],
    state_topic: topic,
    command_topic: `${topic}/set`,
  };
  return [`${settings.discovery}/select/${device}/profile/config`, config];
}
