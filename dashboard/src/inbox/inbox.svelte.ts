import type { InboxAnswer, VerdictAnswer } from '../../../src/service/contract/inbox.ts';
import { service } from '../live/service.svelte.ts';

/** Milliseconds for which events are gathered before the counts are asked for again. */
const GATHER = 800;

/** What waits for a verdict, and the last verdicts, which can be taken back. */
class Inbox {
  toJudge = $state.raw<InboxAnswer['toJudge']>([]);
  /** Grows with each change of what waits. */
  version = $state(0);
  undoable = $state.raw<{ readonly words: string; readonly undo: VerdictAnswer['undo'] } | null>(
    null,
  );
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly total: number = $derived(this.toJudge.reduce((sum, { alarms }) => sum + alarms, 0));
  readonly nearMisses: number = $derived(
    this.toJudge.reduce((sum, { nearMisses }) => sum + nearMisses, 0),
  );

  alarmsOf(camera: string): number {
    return this.toJudge.find((one) => one.camera === camera)?.alarms ?? 0;
  }

  /** Keeps the counts up to date. @returns stops that */
  follow(): () => void {
    void this.refresh();
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.refresh(), GATHER);
    };
    const silences = [service.events.listen('', later), service.removedEvents.listen('', later)];
    return () => {
      clearTimeout(this.#timer);
      for (const silence of silences) silence();
    };
  }

  async refresh(): Promise<void> {
    try {
      this.toJudge = await service.api.toJudge();
      this.version++;
    } catch {
      // The page says by itself that the service does not answer.
    }
  }

  /** Judges, and remembers what takes it back. */
  async judge(
    order: Parameters<typeof service.api.judgeMany>[0],
    words: (count: number) => string,
  ): Promise<VerdictAnswer> {
    const answer = await service.api.judgeMany(order);
    this.undoable = { words: words(answer.events.length), undo: answer.undo };
    await this.refresh();
    return answer;
  }

  async undo(): Promise<void> {
    const last = this.undoable;
    if (!last) return;
    this.undoable = null;
    await service.api.judgeMany({ verdicts: last.undo });
    await this.refresh();
  }
}

export const inbox = new Inbox();

/** The title of a page, with how many alarms wait for a verdict. */
export const titled = (title: string): string =>
  `${inbox.total ? `(${inbox.total}) ` : ''}${title} – m2s2l`;
