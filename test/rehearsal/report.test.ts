import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rehearsal } from '../../src/rehearsal/figures.ts';
import { writeRehearsal } from '../../src/rehearsal/report.ts';
import { temporaryFolders } from '../video/footage.ts';

const temporaryFolder = temporaryFolders();

const rehearsal: Rehearsal = {
  model: 'hall & stairs',
  hours: 24,
  budgetPerDay: 4,
  alarms: 1,
  alarmsPerDay: 1,
  alarmsPerDayLater: null,
  worstDay: 1,
  worstHour: 1,
  hoursOverBudget: 0,
  guarantee: 8,
  guaranteeConstant: 4,
  shadow: { hours: 0, alarms: 0 },
  withheld: 0,
  threshold: { first: 10, median: 11.5, least: 3, most: 9, last: 12 },
  peaks: [{ time: 3725, score: 19.2, file: '<monday>.mp4' }],
  drill: {
    inserted: 2,
    found: 1,
    medianDelaySeconds: 1.5,
    kinds: { fast: { inserted: 2, found: 1 } },
    blockDifference: { found: 0 },
  },
};

test('the page holds the figures, and names are made safe', async () => {
  const folder = join(await temporaryFolder(), 'report');
  await writeRehearsal(folder, rehearsal);
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  expect(page).toContain('hall &#38; stairs');
  expect(page).toContain('&#60;monday&#62;.mp4');
  expect(page).not.toContain('<monday>');
  expect(page).toContain('1:02:05');
  expect(page).toContain('1 of 2');
  expect(page).not.toContain('Budgets');
  const other = { ...rehearsal, budgetPerDay: 24, alarms: 17 };
  await writeRehearsal(folder, { ...rehearsal, budgets: [rehearsal, other] });
  const several = await readFile(join(folder, 'index.html'), 'utf8');
  expect(several).toContain('<h2>Budgets</h2>');
  expect(several).toMatch(/>24<.*>17</s);
  await writeRehearsal(folder, { ...rehearsal, peaks: [] });
  expect(await readFile(join(folder, 'index.html'), 'utf8')).toContain('None.');
});

test('nothing else is written over', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'mine.txt'), 'mine');
  await expect(writeRehearsal(folder, rehearsal)).rejects.toThrow('mine.txt');
});
