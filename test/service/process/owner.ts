import { extname } from 'node:path';
import { SupervisedProcess } from '../../../src/service/process/supervised.ts';

// An owner that a test kills: its child must end by itself.
const child = new SupervisedProcess(
  { name: 'orphan', module: new URL(`./program${extname(import.meta.url)}`, import.meta.url) },
  {
    onReady: () => process.send?.(child.pid),
    onMessage: () => undefined,
    onLost: () => undefined,
  },
);
child.start();
