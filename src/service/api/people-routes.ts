import { z } from 'zod';
import {
  deed,
  deedFilter,
  newPassword,
  person,
  personChange,
  personInput,
  signInLink,
} from '../contract/people.ts';
import { BadRequest } from './bad-request.ts';
import { found, id, json, nothing, type Route, route } from './route.ts';

const DAY = 24 * 3_600_000;
const params = z.object({ person: id });

export const peopleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/people',
    role: 'admin',
    summary: 'People who sign in by name',
    answer: json(z.array(person)),
    handler: ({ access }) => access.people.all(),
  }),
  route({
    method: 'POST',
    path: '/api/people',
    role: 'admin',
    summary: 'Add a person; without a password they sign in by a link first',
    body: personInput,
    answer: json(person, 201),
    handler: async ({ access, body, record }) => {
      const added = await access.people.add(body);
      record({ deed: 'Added a person', detail: `${added.name}, ${added.role}` });
      return added;
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/people/:person',
    role: 'admin',
    summary: 'Change a person; a password of null is taken away',
    params,
    body: personChange,
    answer: json(person),
    handler: async ({ access, params: { person: of }, body, record }) => {
      const changed = found(await access.people.change(of, body), 'person');
      record({
        deed: 'Changed a person',
        detail: `${changed.name}: ${Object.keys(body).join(', ')}`,
      });
      return changed;
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/people/:person',
    role: 'admin',
    summary: 'Remove a person, with their sessions',
    params,
    answer: nothing,
    handler: ({ access, params: { person: of }, record }) => {
      const name = access.people.all().find((one) => one.id === of)?.name;
      found(access.people.remove(of) || undefined, 'person');
      record({ deed: 'Removed a person', detail: name ?? null });
    },
  }),
  route({
    method: 'POST',
    path: '/api/people/:person/link',
    role: 'admin',
    summary: 'Make a link by which a person signs in once, for a day',
    params,
    answer: json(signInLink, 201),
    handler: ({ access, links, publicAddress, params: { person: of } }) => {
      found(
        access.people.all().find((one) => one.id === of),
        'person',
      );
      const { secret, link } = links.make('sign in', of, DAY);
      const path = `/sign-in/${secret}`;
      const address = publicAddress();
      return { path, url: address ? address + path.slice(1) : null, expires: link.expires };
    },
  }),
  route({
    method: 'PUT',
    path: '/api/session/password',
    role: 'viewer',
    summary: 'Set your own password; the one before is needed where you have one',
    body: z.strictObject({ password: newPassword, before: z.string().max(200).optional() }),
    answer: nothing,
    handler: async ({ access, identity, body, record }) => {
      if (identity?.person === undefined) throw new BadRequest('only people have passwords');
      await access.people.setPassword(identity.person, body.password, body.before);
      record({ deed: 'Set their password', detail: null });
    },
  }),
  route({
    method: 'GET',
    path: '/api/audit',
    role: 'admin',
    summary: 'Who judged and changed what, the latest first',
    query: deedFilter,
    answer: json(z.array(deed)),
    handler: ({ store, query }) => store.deeds(query),
  }),
  route({
    method: 'GET',
    path: '/api/events/:event/deeds',
    role: 'viewer',
    summary: 'Who judged, kept and noted this event',
    params: z.object({ event: id }),
    answer: json(z.array(deed)),
    handler: ({ store, params: { event } }) => store.deeds({ event, limit: 50 }),
  }),
];
