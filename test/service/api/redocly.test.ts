import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { openApiDocument } from '../../../src/service/api/openapi.ts';
import { routes } from '../../../src/service/api/routes.ts';

test('the description keeps the rules that Redocly recommends', { timeout: 60_000 }, async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const source = JSON.stringify(openApiDocument(routes));
  const problems = await lintFromString({ source, config });
  expect(
    problems.map(({ ruleId, severity, message, location }) => ({
      ruleId,
      severity,
      message,
      place: location.map(({ pointer }) => pointer),
    })),
  ).toEqual([]);
});
