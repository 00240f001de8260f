import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../../src/service/api/openapi.ts';
import { routes } from '../../../src/service/api/routes.ts';
import { runningServer } from './running.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document of any depth
type Json = any;

/** Calls back for every object in a document, with its place. */
function walk(value: Json, visit: (object: Json, place: string) => void, place = '#'): void {
  if (typeof value !== 'object' || value === null) return;
  visit(value, place);
  for (const [key, inner] of Object.entries(value)) walk(inner, visit, `${place}/${key}`);
}

const at = (document: Json, ref: string): Json =>
  ref
    .slice(2)
    .split('/')
    .reduce((inner, key) => inner?.[key], document);

describe('the description', () => {
  const document = openApiDocument(routes) as Json;

  test('is OpenAPI 3.1 with a title and a version', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.title).toBeTypeOf('string');
    expect(document.info.version).toBeTypeOf('string');
    expect(() => JSON.stringify(document)).not.toThrow();
  });

  test('has every route, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations as Json).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const known = routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
    expect(described.toSorted()).toEqual(known.toSorted());
  });

  test('every operation is whole: its own id, parameters of its path, answers, security', () => {
    const ids = new Set<string>();
    for (const [path, operations] of Object.entries<Json>(document.paths))
      for (const operation of Object.values<Json>(operations)) {
        ids.add(operation.operationId);
        expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9]*$/);
        const inPath = operation.parameters.filter((p: Json) => p.in === 'path');
        expect(inPath.map((p: Json) => p.name)).toEqual(
          [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
        );
        for (const parameter of operation.parameters) {
          expect(parameter.schema).toBeTypeOf('object');
          expect(parameter.description, `${path} ${parameter.name}`).toBeTypeOf('string');
          if (parameter.in === 'path') expect(parameter.required).toBe(true);
        }
        for (const [status, response] of Object.entries<Json>(operation.responses)) {
          expect(status).toMatch(/^(\d{3}|4XX|default)$/);
          expect(response.description).toBeTypeOf('string');
        }
        for (const requirement of operation.security)
          for (const scheme of Object.keys(requirement))
            expect(document.components.securitySchemes).toHaveProperty(scheme);
      }
    expect(ids.size).toBe(routes.length);
  });

  test('every reference resolves, and no component is left over', () => {
    const used = new Set<string>();
    walk(document, (object, place) => {
      if (typeof object.$ref !== 'string') return;
      expect(at(document, object.$ref), `${place}: ${object.$ref}`).toBeTypeOf('object');
      used.add(object.$ref);
    });
    expect(used.size).toBeGreaterThan(10);
    for (const name of Object.keys(document.components.schemas)) {
      expect(name).toMatch(/^[A-Za-z0-9]+$/);
      expect(used).toContain(`#/components/schemas/${name}`);
    }
  });

  test('every schema is one of JSON Schema', () => {
    for (const [name, schema] of Object.entries<Json>(document.components.schemas))
      expect(() => compiled(document, schema), name).not.toThrow();
  });
});

describe('answers are as they are described:', () => {
  const running = runningServer();
  const linkFor = (path: string) => {
    const { links } = running().service;
    const day = 24 * 3_600_000;
    return path.startsWith('/api/actions')
      ? links.make('action', { action: 'real' }, day, 'event-1').secret
      : links.make('share', null, day, 'event-1').secret;
  };

  test.each(
    routes
      .filter(({ method, answer }) => method === 'GET' && 'schema' in answer)
      .map(({ path }) => [path]),
  )('GET %s', async (path) => {
    const { ask } = running();
    const document = (await ask('GET', '/api/openapi.json')).json;
    const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')].get;
    const query = '?from=0&to=100000&points=10&alarmsPerDay=2&starts=0,100000';
    const place = path
      .replace(':camera', 'yard')
      .replace(':event', 'event-1')
      .replace(':link', linkFor(path));
    const { status, json } = await ask('GET', `${place}${query}`);
    expect(status).toBe(200);
    const schema = compiled(document, operation.responses[200].content['application/json'].schema);
    expect(schema.safeParse(json).error).toBeUndefined();
    expect(schema.safeParse('something else').success).toBe(false);
  });
});

/** A schema of the document that checks values, made from the document alone. */
function compiled(document: Json, schema: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
}
