/**
 * Seconds between two pictures after which what a model knows of the first says nothing about the
 * second; of a slow stream ten pictures' time.
 */
const longestPause = 10;

/** Seconds of a gap after which it is a clock that was set or a broken header, and no time that passed. */
const longestGap = 24 * 3600;

/** The time of one frame. */
export interface FrameTime {
  /** Seconds since the first frame; rises from frame to frame. */
  readonly time: number;
  /** True where it does not follow the frame before: a gap, or a clock that was set. */
  readonly apart: boolean;
}

/**
 * Turns the times that a container gives into seconds since the first frame that always rise.
 * A time that is missing, falls back, stands still or leaps beyond `limit` (a cut, a clock that was
 * set, a broken header) counts as one frame after the last; those that follow are taken relative to it.
 * @param fps frames a second, for frames without a time of their own
 * @param limit seconds of the longest gap that is kept; default a day
 * @returns called once a frame, in order, with its time in seconds or undefined
 */
export function frameClock(
  fps: number,
  limit = longestGap,
): (seconds: number | undefined) => FrameTime {
  const pause = Math.max(longestPause, 10 / fps);
  const most = Math.max(limit, pause);
  let index = 0;
  let origin: number | undefined;
  let last = 0;
  // Times without pts are counted from here, so that no rounding adds up.
  let anchor = { index: 0, time: 0 };
  return (seconds) => {
    const at = index++;
    let apart = false;
    if (at > 0) {
      const given = seconds === undefined || origin === undefined ? Number.NaN : seconds - origin;
      apart = Math.abs(given - last) > pause;
      if (given > last && given - last <= most) {
        last = given;
        anchor = { index: at, time: given };
        return { time: last, apart };
      }
      last = anchor.time + (at - anchor.index) / fps;
    }
    if (seconds !== undefined) origin = seconds - last;
    return { time: last, apart };
  };
}
