import { cameraSettings } from '../../../src/service/contract/camera.ts';
import { randomId } from '../../../src/service/contract/random-id.ts';
import type { NewEvent, StoredCamera } from '../../../src/service/parts.ts';

/** A camera that nobody has. */
export function inventedCamera(change: Partial<StoredCamera> = {}): StoredCamera {
  return {
    id: 'door',
    settings: cameraSettings.parse({
      name: 'Front door',
      source: { kind: 'file', path: 'door.mp4' },
    }),
    life: 'watching',
    resumed: 'watching',
    model: null,
    threshold: null,
    learning: null,
    created: 1,
    overlay: null,
    learned: null,
    ...change,
  };
}

/** Something that never happened, at that camera. */
export function inventedEvent(change: Partial<NewEvent> = {}): NewEvent {
  const { start = 1_000_000 } = change;
  return {
    id: randomId(),
    camera: 'door',
    kind: 'alarm',
    start,
    end: start + 3000,
    peak: { time: start + 1000, score: 9.5, appearance: 6, motion: 3.5 },
    threshold: 7,
    cause: 'appearance',
    timeScale: null,
    regions: [{ x: 1, y: 2, width: 30, height: 40, score: 8 }],
    size: { width: 640, height: 360 },
    shadow: false,
    alike: null,
    withheld: false,
    zone: null,
    quiet: null,
    signatures: [],
    ...change,
  };
}
