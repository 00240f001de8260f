import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inflateFromChromium } from '../chromium.ts';

/** What a child process needs to find SwiftShader, a Vulkan driver that computes on the CPU. */
export interface SoftwareVulkan {
  readonly env: Readonly<Record<string, string>>;
}

/** Where Debian's package chromium has it; libvulkan1 must be there, too. */
const DEBIAN = '/usr/lib/chromium';
const DRIVER = 'vk_swiftshader_icd.json';

/**
 * SwiftShader out of the npm package with a Chromium in it, unpacked into `folder`, else Debian's.
 * Undefined where there is neither.
 */
export async function softwareVulkan(folder: string): Promise<SoftwareVulkan | undefined> {
  const unpacked = await inflateFromChromium('swiftshader.tar.br', folder);
  const at = [unpacked, DEBIAN].find((place) => place && existsSync(join(place, DRIVER)));
  if (!at) return undefined;
  return {
    env: {
      VK_ICD_FILENAMES: join(at, DRIVER),
      LD_LIBRARY_PATH: [at, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      XDG_RUNTIME_DIR: folder,
    },
  };
}
