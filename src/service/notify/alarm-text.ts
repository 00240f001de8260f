import { UnknownCase } from '../../errors.ts';
import type { AnomalyEvent } from '../contract/event.ts';

/** What an event is about, in words. */
const causeWords = {
  motion: 'Something moves unlike anything learned here',
  appearance: 'Something looks unlike anything learned here',
} as const satisfies Record<AnomalyEvent['cause'], string>;

const third = (share: number): 0 | 1 | 2 => (share < 1 / 3 ? 0 : share < 2 / 3 ? 1 : 2);
const rows = ['top', '', 'bottom'] as const;
const columns = ['left', '', 'right'] as const;

/** `bottom left`; undefined where no region stands out. */
function placeWords({ regions, size }: AnomalyEvent): string | undefined {
  const [worst] = regions;
  if (!worst) return undefined;
  const row = rows[third((worst.y + worst.height / 2) / size.height)];
  const column = columns[third((worst.x + worst.width / 2) / size.width)];
  return [row, column].filter(Boolean).join(' ') || 'middle';
}

/** `14:03:12`, by the clock of this machine. */
const clockWords = (time: number): string =>
  new Date(time).toLocaleTimeString('en-GB', { hour12: false });

/** Title and text of a notification. @param held alarms of the camera since the last one that sent none */
export function alarmText(
  event: AnomalyEvent,
  moment: 'alarm' | 'clip' | 'withdrawn',
  held: number,
): { readonly title: string; readonly text: string } {
  const place = placeWords(event);
  const what = `${causeWords[event.cause]}${place ? `, ${place}` : ''}.`;
  const at = clockWords(event.start);
  switch (moment) {
    case 'alarm': {
      const more = held > 0 ? ` ${held} more since the last notification.` : '';
      return { title: `Alarm at ${event.cameraName}`, text: `${at}: ${what}${more}` };
    }
    case 'clip':
      return { title: `Clip ready: ${event.cameraName}`, text: `Of the alarm at ${at}. ${what}` };
    case 'withdrawn':
      return {
        title: `Withdrawn: ${event.cameraName}`,
        text: `The alarm at ${at} was none: ${event.retracted}.`,
      };
    default:
      throw new UnknownCase(moment satisfies never);
  }
}
