/** The pages, by their paths. */
export type Place =
  | { readonly page: 'wall' }
  | { readonly page: 'events' }
  | { readonly page: 'event'; readonly id: string }
  | { readonly page: 'new camera' }
  | { readonly page: 'camera'; readonly id: string }
  | { readonly page: 'schedule' }
  | { readonly page: 'inbox' }
  | { readonly page: 'shared'; readonly id: string }
  | { readonly page: 'act'; readonly id: string }
  | { readonly page: 'sign in'; readonly id: string }
  | { readonly page: 'fleet' }
  | { readonly page: 'settings' }
  | { readonly page: 'nowhere' };

/** The page of a path; what is no path of ours is `nowhere`. */
export function placeOf(path: string): Place {
  const [first, second, ...more] = path.split('/').filter(Boolean);
  if (more.length) return { page: 'nowhere' };
  if (first === undefined) return { page: 'wall' };
  if (first === 'inbox' && second === undefined) return { page: 'inbox' };
  if (first === 'sign-in' && second !== undefined) return idPlace('sign in', second);
  if (first === 'act' && second !== undefined) return idPlace('act', second);
  if (first === 'shared' && second !== undefined) return idPlace('shared', second);
  if (first === 'settings' && second === undefined) return { page: 'settings' };
  if (first === 'fleet' && second === undefined) return { page: 'fleet' };
  if (first === 'schedule' && second === undefined) return { page: 'schedule' };
  if (first === 'events')
    return second === undefined ? { page: 'events' } : idPlace('event', second);
  if (first === 'cameras' && second === 'new') return { page: 'new camera' };
  if (first === 'cameras' && second !== undefined) return idPlace('camera', second);
  return { page: 'nowhere' };
}

function idPlace(page: 'event' | 'camera' | 'shared' | 'act' | 'sign in', part: string): Place {
  try {
    return { page, id: decodeURIComponent(part) };
  } catch {
    return { page: 'nowhere' };
  }
}

export const cameraPath = (id: string): string => `/cameras/${encodeURIComponent(id)}`;
export const eventPath = (id: string, search = ''): string =>
  `/events/${encodeURIComponent(id)}${search}`;
