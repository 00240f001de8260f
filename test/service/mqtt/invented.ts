import type { CameraStatus } from '../../../src/service/contract/camera.ts';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import type { LiveScore } from '../../../src/service/contract/live.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';

/** What the service would say of a camera that nobody has. */
export function inventedStatus(change: Partial<CameraStatus> = {}): CameraStatus {
  return {
    id: 'door',
    settings: inventedCamera().settings,
    fromFile: false,
    state: 'watching',
    since: 5,
    detail: 'watches',
    scene: null,
    progress: null,
    threshold: {
      threshold: 7,
      alarmsPerDay: 4,
      hours: 20,
      expectedAlarmsPerDay: 2,
      confidence: 0.95,
      hoursNeeded: 18,
      time: 5,
    },
    trust: null,
    snoozedUntil: null,
    verdictsWaiting: 0,
    learnAgain: { possible: false, line: 'its model was not learned here' },
    size: { width: 640, height: 360 },
    counts: {
      frames: 100,
      dropped: 3,
      scored: 90,
      reconnects: 2,
      latencyMs: 40,
      framesPerSecond: 10,
    },
    lastScore: 1.5,
    oddMinutes: 0,
    ...change,
  };
}

/** A score of that camera. */
export function inventedScore(time: number, score: number): LiveScore {
  return {
    camera: 'door',
    time,
    score,
    appearance: score,
    motion: 0,
    threshold: 7,
    alarm: false,
    heatmap: null,
  };
}

/** An event of that camera, as it is told. */
export function inventedAnomaly(change: Partial<AnomalyEvent> = {}): AnomalyEvent {
  const { signatures: _, ...event } = inventedEvent();
  return {
    ...event,
    cameraName: 'Front door',
    verdict: 'open',
    kept: false,
    note: null,
    thumbnail: false,
    clip: false,
    clipMissing: null,
    effect: null,
    retracted: null,
    ...change,
  };
}
