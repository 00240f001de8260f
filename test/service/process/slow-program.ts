// Like a program whose libraries take long to load on a busy machine: longer than the tests' patience.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
await import('./program.ts');

export {};
