import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { PostgresServer } from './server.ts';

/** New databases of a real PostgreSQL. */
export interface Databases {
  /** @returns its address */
  create(): Promise<string>;
  close(): Promise<void>;
}

/** Of a server of our own, or of the one that `M2S2L_TEST_POSTGRES` names. */
export async function testDatabases(): Promise<Databases> {
  const { M2S2L_TEST_POSTGRES: given } = process.env;
  if (given === undefined) {
    const server = await PostgresServer.start();
    return { create: () => server.database(), close: () => server.remove() };
  }
  const made: string[] = [];
  const ask = async (sql: string) => {
    const client = new pg.Client({ connectionString: given });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  return {
    create: async () => {
      const name = `m2s2l_test_${randomBytes(6).toString('hex')}`;
      await ask(`CREATE DATABASE ${name}`);
      made.push(name);
      return Object.assign(new URL(given), { pathname: `/${name}` }).href;
    },
    close: async () => {
      for (const name of made) await ask(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
