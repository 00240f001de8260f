/** A program: the inference process, which `SharedInference` owns. */

import { Turns } from '../../detector/turns.ts';
import { UnknownCase } from '../../errors.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import { superviseThis } from '../process/child.ts';
import { LoadedModels } from './loaded-models.ts';
import type { FromInference, ToInference } from './messages.ts';
import { ScoredCamera } from './scored-camera.ts';

interface Watch {
  readonly folder: string;
  regions: readonly PictureRegion[];
  camera?: ScoredCamera;
}

const models = new LoadedModels();
const turns = new Turns();
/** The watches, by their numbers; without a camera while the model is loading. */
const watches = new Map<number, Watch>();

const line = superviseThis<ToInference, FromInference>((order) => {
  switch (order.kind) {
    case 'watch':
      return watch(order);
    case 'unwatch':
      return unwatch(order.watch);
    case 'regions':
      return setRegions(order.watch, order.regions);
    case 'frame':
      watches.get(order.watch)?.camera?.push(order.frame);
      return turns.wake();
    default:
      throw new UnknownCase(order satisfies never);
  }
});

async function watch(order: Extract<ToInference, { kind: 'watch' }>): Promise<void> {
  const { watch: number, folder } = order;
  const entry: Watch = { folder, regions: order.regions };
  const failed = (error: unknown) => {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    const named = reason!.includes(folder) ? reason! : `${folder}: ${reason}`;
    line.send({ kind: 'model failed', watch: number, reason: named });
  };
  watches.set(number, entry);
  try {
    const model = await models.take(folder);
    if (!watches.has(number)) return models.leave(folder);
    entry.camera = new ScoredCamera(
      model,
      { ...order, regions: entry.regions },
      {
        onAnswer: (score) => line.send({ kind: 'answer', watch: number, score }),
        onFailed(error) {
          failed(error);
          void unwatch(number);
        },
      },
    );
    turns.add(entry.camera.turns);
    const { width, height, channels } = model.detector.format;
    line.send({ kind: 'watching', watch: number, frameBytes: channels * height * width });
  } catch (error) {
    watches.delete(number);
    failed(error);
  }
}

/** They may change while the model is loading. */
function setRegions(number: number, regions: readonly PictureRegion[]): void {
  const entry = watches.get(number);
  if (!entry) return;
  entry.regions = regions;
  if (entry.camera) entry.camera.regions = regions;
}

async function unwatch(number: number): Promise<void> {
  const entry = watches.get(number);
  watches.delete(number);
  // One that is still loading gives its model back itself.
  if (!entry?.camera) return;
  turns.remove(entry.camera.turns);
  await models.leave(entry.folder);
}
