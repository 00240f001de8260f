/** A gap longer than this, in seconds, is a jump of the recorder's clock and no time that passed. */
const longestGap = 10;

/**
 * Turns the times that a container gives into seconds since the first frame that always rise.
 * A time that is missing, falls back, stands still or leaps (a cut, a clock that was set, a
 * broken header) counts as one frame after the last; those that follow are taken relative to it.
 * @param fps frames a second, for frames without a time of their own
 * @returns called once a frame, in order, with its time in seconds or undefined
 */
export function frameClock(fps: number): (seconds: number | undefined) => number {
  const limit = Math.max(longestGap, 10 / fps);
  let index = 0;
  let origin: number | undefined;
  let last = 0;
  // Times without pts are counted from here, so that no rounding adds up.
  let anchor = { index: 0, time: 0 };
  return (seconds) => {
    const at = index++;
    if (at > 0) {
      const given = seconds === undefined || origin === undefined ? Number.NaN : seconds - origin;
      if (given > last && given - last <= limit) {
        last = given;
        anchor = { index: at, time: given };
        return last;
      }
      last = anchor.time + (at - anchor.index) / fps;
    }
    if (seconds !== undefined) origin = seconds - last;
    return last;
  };
}
