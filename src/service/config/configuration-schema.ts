import { z } from 'zod';
import { configurationFile } from '../contract/settings.ts';

type Json = Readonly<Record<string, unknown>>;

const place = '#/$defs/fromFile';

/** JSON Schema (2020-12) of the configuration file, for editors: completion, and faults as one types. */
export function configurationSchema(): Json {
  const { $schema, ...schema } = z.toJSONSchema(configurationFile, { io: 'input' });
  const own = withFromFile(schema) as { $defs?: Json };
  return {
    $schema,
    title: 'Configuration of m2s2l serve',
    ...own,
    $defs: {
      ...own.$defs,
      fromFile: {
        description: 'The text of another file, as of a secret; its path is taken from this file',
        type: 'object',
        properties: { fromFile: { type: 'string', minLength: 1 } },
        required: ['fromFile'],
        additionalProperties: false,
      },
    },
  };
}

/** Wherever a text may stand, the text of a file may. */
function withFromFile(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFromFile);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withFromFile(one)]),
  );
  const isText = inner.type === 'string' && !('const' in inner) && !('enum' in inner);
  return isText ? { anyOf: [inner, { $ref: place }] } : inner;
}
