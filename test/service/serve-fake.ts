/**
 * The API and the page on data that are made up: `node test/service/serve-fake.ts [port] [token]`.
 * With `token`, one is needed and printed.
 */
import { pino } from 'pino';
import { Server } from '../../src/service/api/server.ts';
import { FakeService } from './fake-service.ts';
import { memoryTokens } from './memory-tokens.ts';

const service = await FakeService.open();
const server = new Server({
  service,
  tokens: memoryTokens(),
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8480),
  requireToken: process.argv[3] === 'token',
  logger: pino({ level: process.env.LOG_LEVEL ?? 'warn' }),
  checkAnswers: true,
});
const token = server.access.firstToken();
process.stdout.write(`${await server.listen()}${token ? `  token ${token}` : ''}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    await server.close();
    await service.close();
  });
