import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { lossSection } from '../../../src/evaluation/report/loss-section.ts';
import { writeReport } from '../../../src/evaluation/report/report.ts';
import { inventedClip, inventedReport } from './invented-report.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm2s2l-report-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Opening tags that are never closed or closed in another order. */
function misnested(html: string): string[] {
  const empty = new Set(['meta', 'img', 'br', 'rect', 'path', '!doctype']);
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name] of html.matchAll(/<(\/?)([a-z0-9!]+)(?:\s[^>]*)?>/g)) {
    if (empty.has(name!)) continue;
    if (slash === '') open.push(name!);
    else if (open.pop() !== name) wrong.push(name!);
  }
  return [...wrong, ...open];
}

describe('report', () => {
  it('is one page with every clip and figure, and nothing from outside', async () => {
    const clips = [inventedClip('01', 180), inventedClip('a <b> & "c"', 300)];
    const path = await writeReport(join(folder, 'new', 'report'), inventedReport(clips));
    expect(await readdir(join(folder, 'new', 'report'))).toEqual(['index.html']);
    const html = await readFile(path, 'utf8');
    expect(html).not.toMatch(/https?:|<script|@import|url\(/);
    expect(misnested(html)).toEqual([]);
    expect(html).toContain('<h3>01</h3>');
    expect(html).toContain('<h3>a &#60;b&#62; &#38; &#34;c&#34;</h3>');
    expect(html).not.toContain('NaN');
    expect(html).not.toContain('undefined');
    for (const shown of ['0.912', '0.876', '6.25', '11 of 12', 'labels/frame_labels.json', 'total'])
      expect(html).toContain(shown);
    expect(html.match(/<img /g)).toHaveLength(clips[0]!.peaks.length + clips[1]!.peaks.length);
    expect(html.match(/<img (?![^>]*alt="[^"]+")/g)).toBeNull();
    expect(html.match(/<th>/g)).toBeNull(); // every heading cell has its scope
  });

  it('stays light with hours of footage and a hundred clips', async () => {
    const clips = Array.from({ length: 100 }, (_, i) => inventedClip(`clip ${i}`, 400));
    const path = await writeReport(
      folder,
      inventedReport([...clips, inventedClip('long', 18_000, 5)]),
    );
    const html = await readFile(path, 'utf8');
    expect(html.length).toBeLessThan(3e6);
    expect(html.match(/<img /g)).toHaveLength(72);
    expect(html).toContain('the 72 highest of');
  });

  it('has a dash where there are no labels, masks, speed or losses', async () => {
    const nothing = { microAuc: null, macroAuc: null, averagePrecision: null, eer: null };
    const clip = { ...inventedClip('01', 100), labels: undefined, peaks: [] };
    const data = inventedReport([clip]);
    const path = await writeReport(folder, {
      ...data,
      dataset: { ...data.dataset, anomalousFrames: null, labelSource: null },
      protocols: { live: nothing, paper: nothing, raw: nothing },
      localisation: { pixelAuc: null, rbdc: null, tbdc: null },
      operations: {
        threshold: 1,
        alarmsPerHour: null,
        events: null,
        eventsFound: null,
        medianDelayFrames: null,
        keptBudgets: [],
      },
      framesPerSecond: null,
      losses: [],
    });
    const html = await readFile(path, 'utf8');
    expect(misnested(html)).toEqual([]);
    expect(html).not.toMatch(/NaN|null|undefined|Infinity/);
    expect(html).toContain('no labels');
    expect(html).not.toContain('<h2>Training</h2>');
  });

  it('draws series that never move', async () => {
    const still = new Float64Array(50);
    const clip = { ...inventedClip('still', 50), score: still, appearance: still, motion: still };
    const html = await readFile(await writeReport(folder, inventedReport([clip])), 'utf8');
    expect(html).not.toMatch(/NaN|Infinity/);
  });

  it('draws a loss that falls below 0 on a plain scale, the others on a logarithmic one', () => {
    const points = (values: number[]) => values.map((value, i) => ({ epoch: i, value }));
    const chart = (values: number[]) =>
      lossSection([{ name: 'loss', training: points(values), validation: [] }]);
    const apart = (values: number[]) => {
      const path = /class="line training" d="([^"]*)"/.exec(chart(values))![1]!;
      const heights = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]));
      const [first, second, third] = heights as [number, number, number];
      return (second - first) / (third - second);
    };
    expect(apart([1, -4, -9])).toBeCloseTo(1, 1);
    expect(apart([100, 10, 1])).toBeCloseTo(1, 1);
  });

  it('replaces an earlier report, and nothing else', async () => {
    const data = inventedReport([inventedClip('01', 60)]);
    await writeReport(folder, data);
    await writeReport(folder, data);
    await writeFile(join(folder, 'holiday.jpg'), '');
    const refused = writeReport(folder, data);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(`${folder}: holds holiday.jpg`);
    await rm(join(folder, 'holiday.jpg'));
    await writeFile(join(folder, 'index.html'), '<p>my own page');
    await expect(writeReport(folder, data)).rejects.toThrow('holds index.html');
    expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe('<p>my own page');
  });

  it('refuses a file in the folder\u2019s place, and a folder in the page\u2019s', async () => {
    const data = inventedReport([inventedClip('01', 60)]);
    await writeFile(join(folder, 'file'), '');
    await expect(writeReport(join(folder, 'file'), data)).rejects.toThrow('a file stands where');
    await mkdir(join(folder, 'odd', 'index.html'), { recursive: true });
    await expect(writeReport(join(folder, 'odd'), data)).rejects.toThrow(UserError);
  });
});
