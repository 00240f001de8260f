/**
 * The parts that a camera's life is put together from, each an interface before its implementation.
 * None of them knows another; `service.ts` wires them. Times are milliseconds since 1970.
 */

export type * from './parts/archive.ts';
export type * from './parts/decoder.ts';
export type * from './parts/inference.ts';
export type * from './parts/learner.ts';
export * from './parts/no-worker.ts';
export type * from './parts/rehearser.ts';
export * from './parts/store.ts';
