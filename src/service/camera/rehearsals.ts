import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { randomId } from '../contract/random-id.ts';
import type { RehearsalOrder, RehearsalReport, RehearsalStatus } from '../contract/rehearsal.ts';
import { requireModelFolder } from '../files/data-folder.ts';
import type { RecordedFile, Rehearsed, Rehearser, StoredCamera } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { footageToRehearse, isWithin, latest, secondsOf } from './footage.ts';
import { withEvents } from './previews.ts';

/** Alarms that a report lists at most. */
const MOST_ALARMS = 200;

const SECONDS_AN_HOUR = 3600;

type Context = Pick<CameraContext, 'store' | 'folder' | 'schedule' | 'logger'> & {
  readonly files: Pick<CameraContext['files'], 'fetch'>;
};

/** A rehearsal that was asked for. */
interface Asked {
  readonly order: RehearsalOrder;
  readonly started: number;
  readonly end: AbortController;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** When its turn came, and the share that is done. */
  begun: number;
  share: number;
  reason: string | null;
  report: RehearsalReport | null;
}

/**
 * Rehearsals of cameras on the footage that they have recorded, the latest of each. They are not
 * stored: after a restart there are none.
 */
export class Rehearsals {
  readonly #context: Context;
  readonly #rehearser: Rehearser;
  readonly #asked = new Map<string, Asked>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(context: Context, rehearser: Rehearser) {
    this.#context = context;
    this.#rehearser = rehearser;
  }

  /** Removes what a service that was killed left. */
  async start(): Promise<void> {
    await rm(this.#context.folder.rehearsals, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#rehearser.stop();
    await Promise.all(this.#underWay);
  }

  get residentBytes(): number {
    return this.#rehearser.residentBytes;
  }

  status(id: string): RehearsalStatus | undefined {
    const camera = this.#camera(id);
    if (!camera) return undefined;
    const footage = hoursOf(this.#footage(camera), camera);
    const asked = this.#asked.get(id);
    if (!asked)
      return {
        state: 'none',
        order: null,
        started: null,
        progress: null,
        reason: null,
        report: null,
        footage,
      };
    const { state, order, started, reason, report } = asked;
    return { state, order, started, progress: progressOf(asked), reason, report, footage };
  }

  /**
   * Starts one, in place of one under way.
   * @throws UserError where nothing watches, or there is no footage
   */
  begin(id: string, order: RehearsalOrder): RehearsalStatus | undefined {
    const camera = this.#camera(id);
    if (!camera) return undefined;
    const { name } = camera.settings;
    if (camera.model === null) throw new UserError(`${name} has no model yet: it learns first`);
    const files = latest(this.#footage(camera), SECONDS_AN_HOUR * order.hours);
    if (files.length === 0)
      throw new UserError(
        `${name} has no footage to rehearse on yet: it records while it watches; try again in a few minutes`,
      );
    this.forget(id);
    const asked: Asked = {
      order,
      started: Date.now(),
      end: new AbortController(),
      state: 'waiting',
      begun: 0,
      share: 0,
      reason: null,
      report: null,
    };
    this.#asked.set(id, asked);
    const work = this.#run(camera, asked, files).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return this.status(id);
  }

  /** Ends one, and forgets what it found. @returns whether there is such a camera */
  forget(id: string): boolean {
    this.#asked.get(id)?.end.abort();
    this.#asked.delete(id);
    return this.#camera(id) !== undefined;
  }

  async #run(camera: StoredCamera, asked: Asked, files: readonly RecordedFile[]): Promise<void> {
    const { schedule, folder, logger, files: stored } = this.#context;
    const { order, end } = asked;
    const { budget, regions } = schedule.inForce(camera.id, camera.settings);
    const kept = join(folder.rehearsals, randomId());
    try {
      for (const { path } of files) await stored.fetch(path);
      const footage = await keep(files, kept);
      const found = await this.#rehearser.rehearse(
        {
          model: requireModelFolder(camera.model!),
          footage,
          alarmsPerDay: order.alarmsPerDay ?? budget.alarmsPerDay,
          drill: order.drill,
          grouping: budget.grouping,
          regions,
        },
        (share) => {
          if (asked.state === 'waiting') asked.begun = performance.now();
          asked.state = 'running';
          asked.share = share;
        },
        end.signal,
      );
      asked.report = this.#reportOf(camera, files, found);
      asked.state = 'done';
    } catch (error) {
      if (end.signal.aborted) return;
      if (!(error instanceof UserError)) logger.error({ camera: camera.id, err: error }, 'fault');
      asked.reason = error instanceof UserError ? error.message : 'internal error; see the log';
      asked.state = 'failed';
    } finally {
      await rm(kept, { recursive: true, force: true });
    }
  }

  #reportOf(
    camera: StoredCamera,
    files: readonly RecordedFile[],
    { peaks, ...figures }: Rehearsed,
  ): RehearsalReport {
    const latestFirst = peaks.toReversed().slice(0, MOST_ALARMS);
    const alarms = latestFirst.map(({ time, score }) => ({ time, end: time, peak: score }));
    return {
      ...figures,
      learnedHours: hoursOf(files, camera).learnedHours,
      from: files[0]!.from,
      to: files.at(-1)!.to,
      peaks: withEvents(camera.id, this.#context.store, alarms).map(({ time, peak, event }) => ({
        time,
        score: peak,
        event,
      })),
    };
  }

  #camera(id: string): StoredCamera | undefined {
    return this.#context.store.cameras().find((camera) => camera.id === id);
  }

  #footage({ id, learned }: StoredCamera): RecordedFile[] {
    return footageToRehearse(this.#context.store.footage(id), learned?.span ?? null, Date.now());
  }
}

function hoursOf(
  files: readonly RecordedFile[],
  { learned }: StoredCamera,
): RehearsalStatus['footage'] {
  const span = learned?.span;
  const seen = span ? files.filter((file) => isWithin(file, span)) : [];
  return {
    hours: secondsOf(files) / SECONDS_AN_HOUR,
    learnedHours: secondsOf(seen) / SECONDS_AN_HOUR,
  };
}

function progressOf({ state, share, begun }: Asked): RehearsalStatus['progress'] {
  if (state !== 'running') return null;
  const passed = (performance.now() - begun) / 1000;
  return { share, secondsLeft: share > 0 ? (passed * (1 - share)) / share : null };
}

/** Recording goes on meanwhile, and old footage makes room: links keep what is rehearsed on. */
async function keep(files: readonly RecordedFile[], folder: string): Promise<RecordedFile[]> {
  await mkdir(folder, { recursive: true });
  const kept: RecordedFile[] = [];
  for (const file of files) {
    const path = join(folder, basename(file.path));
    try {
      await link(file.path, path).catch(() => copyFile(file.path, path));
      kept.push({ ...file, path });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new UserError(`${path}: ${(error as Error).message}`);
    }
  }
  return kept;
}
