import { superviseThis } from '../../../src/service/process/child.ts';

/** What the program of these tests can be told to do. */
export type Deed = 'echo' | 'compute' | 'hang' | 'grow' | 'throw' | 'reject' | 'exit' | 'flood';

const kept: Uint8Array[] = [];

// Like one that reads from a camera: nothing but its owner's end makes it go.
setInterval(() => undefined, 1000);

superviseThis<{ deed: Deed; data?: unknown }, unknown>(({ deed, data }, line) => {
  switch (deed) {
    case 'echo':
      line.send(data);
      break;
    case 'compute': {
      // So much processor time, however long that takes.
      const begun = process.cpuUsage();
      const used = ({ user, system } = process.cpuUsage(begun)) => user + system;
      while (used() < Number(data) * 1000);
      line.send('computed');
      break;
    }
    case 'hang':
      for (;;);
    case 'grow':
      // Bit by bit, so that it goes on answering whether it lives.
      setInterval(() => kept.push(new Uint8Array(10e6).fill(1)), 1);
      break;
    case 'throw':
      throw new Error('two lines\n  of trouble');
    case 'reject':
      void Promise.reject(new Error('nobody caught it'));
      break;
    case 'exit':
      process.exit(3);
      break;
    case 'flood': {
      // Far more than a pipe holds, left out where it is full.
      let sent = 0;
      for (let i = 0; i < 200; i++) {
        if (line.full) continue;
        line.send(new Uint8Array(1e6));
        sent++;
      }
      const wait = setInterval(() => {
        if (line.full) return;
        clearInterval(wait);
        line.send({ sent });
      }, 10);
      break;
    }
  }
});
