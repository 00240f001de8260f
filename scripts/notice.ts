/**
 * Writes NOTICE: what an installed m2s2l consists of, under which licences, from the lockfile and
 * from FFmpeg's own word on how it was built. `--check` only says whether it is up to date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const path = join(root, 'NOTICE');

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Bundled into the package itself, though the lockfile counts them as of development. */
const bundled = ['onnxruntime-node', 'onnxruntime-common', 'node-av'];

const readJson = async <T>(file: string) =>
  JSON.parse(await readFile(join(root, file), 'utf8')) as T;

/** Parts of FFmpeg whose licences are stricter than its own LGPL, by its switches. */
const strict: Readonly<Record<string, string>> = {
  '--enable-gpl': 'GPL parts of FFmpeg',
  '--enable-version3': 'version 3 of the (L)GPL',
  '--enable-libx264': 'x264, GPL-2.0-or-later',
  '--enable-libx265': 'x265, GPL-2.0-or-later',
  '--enable-libfdk-aac': 'Fraunhofer FDK AAC, a licence of its own',
};

async function ffmpegSwitches(): Promise<string[]> {
  const ffmpeg = await import('node-av');
  const configuration = ffmpeg.getFFmpegInfo().configuration;
  return Object.keys(strict).filter((name) => configuration.includes(name));
}

async function notice(): Promise<string> {
  const { packages } = await readJson<{ packages: Record<string, Locked> }>('package-lock.json');
  const licences = new Map<string, Set<string>>();
  for (const [place, { version, license, dev }] of Object.entries(packages)) {
    const name = place.split('node_modules/').at(-1)!;
    if (place === '' || (dev && !bundled.includes(place.replace('node_modules/', '')))) continue;
    const named = license ?? 'no licence named';
    licences.set(named, (licences.get(named) ?? new Set()).add(`${name} ${version}`));
  }
  const lists = [...licences]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(
      ([licence, names]) =>
        `${licence}\n${[...names]
          .sort()
          .map((name) => `  ${name}`)
          .join('\n')}`,
    );
  const switches = await ffmpegSwitches();
  return `m2s2l
Apache-2.0, see LICENSE. Made by npm run notice; do not edit.

WHAT YOU PASS ON

Using m2s2l puts no condition on you. Passing on an installed copy (a container image, an appliance, an
installer) means to pass on all that is listed here, each under its licence. Two parts ask for more than
their notice:

FFmpeg, inside the platform packages @seydx/node-av-*. These name MIT, which is the licence of the
binding; the FFmpeg linked into it is configured with
${switches.map((name) => `  ${name.padEnd(22)}${strict[name]}`).join('\n')}
so that the binary as a whole is under GPL-3.0-or-later at least. Who passes it on must offer its
corresponding source (FFmpeg as Jellyfin patches it, and the libraries above) and the text of the GPL.
The licence of FDK AAC is not compatible with the GPL by the FFmpeg project's account, so take advice
before you pass such a binary on. m2s2l decodes no sound and does not call it. To ship without these
parts, build node-av's source against an FFmpeg of yours and put the result in place of the platform
package: docs/deployment.md says how.

libvips, inside the platform packages @img/sharp-libvips-*: LGPL-3.0-or-later. It is a shared library
that may be replaced; keep its notice, and offer its source.

ONNX Runtime and node-av are in dist/node_modules of the package, without their install scripts.
ONNX Runtime: MIT, copyright Microsoft Corporation. node-av: MIT, its LICENSE.md lies beside it.

demo/upcam and demo/live.mp4: MIT, copyright 2021 Fabian S. Hofmann, see demo/upcam/LICENSE.md.

Licence of ONNX Runtime:

  Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
  associated documentation files (the "Software"), to deal in the Software without restriction,
  including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
  and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
  subject to the following conditions:

  The above copyright notice and this permission notice shall be included in all copies or substantial
  portions of the Software.

  THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
  LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
  NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
  WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
  SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

PACKAGES, BY LICENCE

Each carries the text of its licence. Of platform packages npm installs those of one platform.

${lists.join('\n\n')}
`;
}

const text = await notice();
if (!process.argv.includes('--check')) await writeFile(path, text);
else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
  console.error('NOTICE is not up to date: npm run notice');
  process.exitCode = 1;
}
