import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { diskError, writeAtomically, writeFileAtomically } from '../../src/files/atomic.ts';
import { smallDisk } from './full-disk.ts';
import { temporaryFolders } from './temporary-folder.ts';

const temporaryFolder = temporaryFolders();

/** What a promise is rejected with. */
const fault = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test('writes text and bytes, into folders that are not there yet', async () => {
  const folder = await temporaryFolder();
  const [text, bytes] = [join(folder, 'a/b/text'), join(folder, 'bytes')];
  await writeFileAtomically(text, 'häuser');
  await writeFileAtomically(bytes, Uint8Array.of(0, 255));
  expect(await readFile(text, 'utf8')).toBe('häuser');
  expect([...(await readFile(bytes))]).toEqual([0, 255]);
  expect(await readdir(join(folder, 'a/b'))).toEqual(['text']);
});

test('the file before stays whole until the new one is', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'file');
  await writeFile(path, 'before');
  await writeAtomically(path, async (file) => {
    await file.writeFile('after');
    expect(await readFile(path, 'utf8')).toBe('before');
    expect(await readdir(folder)).toHaveLength(2);
  });
  expect(await readFile(path, 'utf8')).toBe('after');
  expect(await readdir(folder)).toEqual(['file']);
});

test('a fault while writing leaves the file before, and nothing beside it', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'file');
  await writeFile(path, 'before');
  const broken = new Error('in the middle');
  const writing = writeAtomically(path, async (file) => {
    await file.writeFile('half');
    throw broken;
  });
  expect(await fault(writing)).toBe(broken);
  expect(await readFile(path, 'utf8')).toBe('before');
  expect(await readdir(folder)).toEqual(['file']);
});

test('many writers of one file leave one whole file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'file');
  const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});

test('a file where a folder is needed', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const path = join(folder, 'file/inner/x');
  const error = await fault(writeFileAtomically(path, 'x'));
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toBe(
    `${path}: a file stands where a folder is needed; choose another place`,
  );
});

test('a folder where the file is to go', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'inner');
  await mkdir(path);
  const error = await fault(writeFileAtomically(path, 'x'));
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(/inner: a folder stands where the file is to go/);
  expect(await readdir(folder)).toEqual(['inner']);
});

test.skipIf(process.getuid?.() === 0)(
  'a place that may not be written (not for root, who may write everywhere)',
  async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o500);
    const error = await fault(writeFileAtomically(join(folder, 'x'), 'x'));
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(/x: may not be written \(EACCES\)/);
  },
);

test('faults of the disk are told in one line, other faults stay what they are', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  for (const code of [
    'ENOSPC',
    'EDQUOT',
    'EACCES',
    'EPERM',
    'EROFS',
    'ENOTDIR',
    'EEXIST',
    'EISDIR',
    'ENAMETOOLONG',
    'ELOOP',
  ]) {
    const told = diskError(coded(code), 'out/file') as Error;
    expect(told).toBeInstanceOf(UserError);
    expect(told.message).toMatch(/^out\/file: .+; .+$/);
  }
  const ours = new TypeError('ours');
  expect(diskError(ours, 'out/file')).toBe(ours);
  const io = coded('EIO');
  expect(diskError(io, 'out/file')).toBe(io);
});

const probe = smallDisk(64);
await probe?.remove();

describe.skipIf(!probe)('a full disk (needs a root that may mount a tmpfs)', () => {
  let disk: ReturnType<typeof smallDisk>;
  beforeAll(() => {
    disk = smallDisk(64);
  });
  afterAll(() => disk?.remove());

  test('is told in one line; the file before stays, and nothing of the new one', async () => {
    const path = join(disk!.folder, 'file');
    await writeFileAtomically(path, 'before');
    const error = await fault(writeFileAtomically(path, new Uint8Array(200_000)));
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toBe(
      `${path}: the disk is full; free some space and run it again`,
    );
    expect(await readFile(path, 'utf8')).toBe('before');
    expect(await readdir(disk!.folder)).toEqual(['file']);
    await writeFileAtomically(path, new Uint8Array(30_000));
  });
});
