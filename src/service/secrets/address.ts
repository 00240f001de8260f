import { type Stats, statSync } from 'node:fs';
import { UnknownCase, UserError } from '../../errors.ts';
import { authorityOf, maskAddress, mayHoldLogin, withParameters } from '../../video/address.ts';
import type { CameraSource } from '../contract/camera.ts';

export { maskAddress, withParameters };

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f]/g;

/** Where an address leads to, without what may be secret. */
export function shownHost(url: string): string {
  const shown = maskAddress(url);
  return URL.canParse(shown) ? new URL(shown).host : shown;
}

/**
 * Refuses an address of which a person and a parser may think different parts the password, as
 * `rtsp://user:pa@ss/word@host/`: it would be sent to a host called `ss`.
 * @throws UserError with no secret in it
 */
export function requireUnambiguousLogin(url: string): void {
  const rest = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const after = rest.slice(authorityOf(rest).length);
  if (after.includes('@') && mayHoldLogin(rest))
    throw new UserError(
      `${maskAddress(url)}: the end of its password is ambiguous; special characters in a password are written as %40 (@), %2F (/), %3A (:), %3F (?), %23 (#), and an @ elsewhere as %40`,
    );
}

/** A source as it may be shown in a message: its address without secrets, its path or its device. */
export function maskedSource(source: CameraSource): string {
  switch (source.kind) {
    case 'rtsp':
    case 'http':
      return maskAddress(source.url);
    case 'usb':
      return source.device;
    case 'file':
    case 'folder':
      return source.path;
    default:
      throw new UnknownCase(source satisfies never);
  }
}

/**
 * Lets through what may be opened: addresses of the schemes of their kind with a host, files and
 * folders that are there.
 * @throws UserError for everything else, with no secret in it
 */
export function requireAllowedSource(source: CameraSource): void {
  const shown = maskedSource(source).replaceAll(controlCharacters, '?');
  if (Object.values(source).some((value) => String(value).search(controlCharacters) >= 0))
    throw new UserError(`${shown}: holds control characters; take them out`);
  switch (source.kind) {
    case 'rtsp':
      requireAddress(source.url, shown, ['rtsp', 'rtsps']);
      return;
    case 'http':
      requireAddress(source.url, shown, ['http', 'https']);
      return;
    case 'usb':
      if (!/^\/dev\/video\d+$/.test(source.device))
        throw new UserError(
          `${shown}: is not a video device; these are called /dev/video0 and so on`,
        );
      requireThere(source.device);
      return;
    case 'file':
      if (requireThere(source.path).isFile()) return;
      throw new UserError(`${shown}: is not a file; for a folder of frames choose that kind`);
    case 'folder':
      if (requireThere(source.path).isDirectory()) return;
      throw new UserError(`${shown}: is not a folder; for a video file choose that kind`);
    default:
      throw new UnknownCase(source satisfies never);
  }
}

function requireAddress(url: string, shown: string, schemes: readonly string[]): void {
  const scheme = url.match(/^([a-z]+):\/\/[^\s\\]+$/i)?.[1]?.toLowerCase();
  // A scheme followed by anything but :// would be options to FFmpeg.
  if (scheme && schemes.includes(scheme) && URL.canParse(url) && new URL(url).hostname) return;
  throw new UserError(
    `${shown}: is not an address of this kind; it must begin with ${schemes.map((name) => `${name}://`).join(' or ')}` +
      ', then the host; special characters in a password are written as %40 and the like',
  );
}

/**
 * Lets through footage to learn from: a file or a folder. A device or a pipe would never end.
 * @throws UserError
 */
export function requireFootageThere(path: string): void {
  const shown = path.replaceAll(controlCharacters, '?');
  if (shown !== path) throw new UserError(`${shown}: holds control characters; take them out`);
  const stats = requireThere(path);
  if (stats.isFile() || stats.isDirectory()) return;
  throw new UserError(
    `${path}: is neither a video file nor a folder; choose another to learn from`,
  );
}

function requireThere(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      `${path}: ${code === 'EACCES' ? 'may not be read' : 'does not exist'}; choose another`,
    );
  }
}
