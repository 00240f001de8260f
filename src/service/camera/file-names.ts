import type { AnomalyEvent } from '../contract/event.ts';

const endings = { thumbnail: 'jpg', heatmap: 'png', clip: 'mp4' } as const;

/** `Back-yard_2026-11-30_14-03-12_alarm_real.mp4`: camera, local time, kind, and the verdict where there is one. */
export function eventFileName(
  event: Pick<AnomalyEvent, 'cameraName' | 'camera' | 'start' | 'kind' | 'verdict'>,
  file: keyof typeof endings,
): string {
  const { cameraName, camera, start, kind, verdict } = event;
  const plain = cameraName
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const parts = [plain || camera, localTime(start), kind.replace(' ', '-')];
  if (verdict !== 'open') parts.push(verdict);
  if (file === 'heatmap') parts.push('heatmap');
  return `${parts.join('_')}.${endings[file]}`;
}

function localTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}_${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('-')}`;
}
