import { expect, test } from 'vitest';
import { inNaturalOrder } from '../../src/video/folder.ts';

test.each([
  ['numbers', ['1.jpg', '2.jpg', '10.jpg']],
  ['numbers with and without zeros', ['a1.png', 'a02.png', 'a3.png', 'a10.png']],
  ['times with decimals', ['1700000000.25.jpg', '1700000000.5.jpg', '1700000001.125.jpg']],
  ['times with and without decimals', ['9.jpg', '10.jpg', '10.25.jpg', '10.5.jpg', '11.jpg']],
  ['small times', ['0.001.jpg', '0.01.jpg', '0.1.jpg', '0.5.jpg']],
  ['decimals of one length', ['7.125.tif', '7.250.tif', '7.500.tif', '12.000.tif']],
  ['a counter after a dot', ['cam.1.jpg', 'cam.9.jpg', 'cam.10.jpg', 'cam.25.jpg']],
  ['counters after a number', ['1.1.jpg', '1.9.jpg', '1.10.jpg', '1.25.jpg', '2.1.jpg']],
  ['words', ['a.jpg', 'b.jpg']],
])('%s are in their order', (_, names) => {
  expect(inNaturalOrder(names.toReversed())).toEqual(names);
  expect(inNaturalOrder([...names.slice(1), names[0]!])).toEqual(names);
});
