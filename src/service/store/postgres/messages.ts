import type { MessagePort } from 'node:worker_threads';
import type { Row, Value } from '../database.ts';

/** What the thread of a connection is told first. */
export interface ConnectionOptions {
  readonly address: string;
  /** Milliseconds that a connection may take to open, and a statement to answer. */
  readonly patience: number;
  /** Counts answers, so that who waits is woken: one 32-bit number. */
  readonly answers: SharedArrayBuffer;
  readonly port: MessagePort;
}

export interface Statement {
  readonly number: number;
  readonly text: string;
  readonly values: readonly Value[];
  /** Whether each later connection begins with it, too; in place of the one before. */
  readonly first?: boolean;
}

/** What PostgreSQL said of a statement. */
export type StatementAnswer =
  | { readonly number: number; readonly rows: Row[]; readonly changed: number }
  | { readonly number: number; readonly fault: StatementFault };

export interface StatementFault {
  readonly message: string;
  /** SQLSTATE, or the code of the network's error; undefined where there is none. */
  readonly code: string | undefined;
  /** Whether the connection is gone with it. */
  readonly disconnected: boolean;
}
