import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { deflated } from '../../src/encode/deflate.ts';
import { deflatedRuns } from '../../src/encode/deflate-runs.ts';
import { recycling } from '../../src/recycling.ts';
import { noise } from '../processing/rasters-of.ts';

const next = noise(29);
const below = (limit: number): number => Math.floor(next() * limit);

const CONTENTS: Readonly<Record<string, (i: number) => number>> = {
  noise: () => below(256),
  zeros: () => 0,
  'slow steps': (i) => i >> 9,
  'four values': () => below(4),
  'runs with errors': () => (below(40) === 0 ? below(256) : 7),
  'small differences': () => -Math.log(1 - next()) * 12 * (below(2) === 0 ? 1 : -1),
};

const content = (name: string, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => CONTENTS[name]!(i));

function assertInflates(stored: Uint8Array, bytes: Uint8Array): void {
  // All of it: zlib lets be what is behind the end of a stream.
  const { buffer, engine } = zlib.inflateSync(stored, { info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  assert.equal(engine.bytesWritten, stored.length);
  assert.equal(Buffer.compare(buffer, bytes), 0);
}

describe('deflate of runs', () => {
  for (const name of Object.keys(CONTENTS))
    it(`is what zlib inflates: ${name}`, () => {
      const block = 4 * 65_535;
      for (const length of [0, 1, 2, 3, 4, 5, 258, 259, 260, 261, 5_000, 65_536, block, block + 1, 500_000]) {
        const bytes = content(name, length);
        assertInflates(deflatedRuns(bytes), bytes);
      }
    });

  it('is what zlib inflates where contents change, whatever the length', () => {
    const names = Object.keys(CONTENTS);
    for (let round = 0; round < 500; round++) {
      const parts = Array.from({ length: 3 }, () => content(names[below(names.length)]!, below(3_000)));
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      assertInflates(deflatedRuns(bytes), bytes);
    }
  });

  it('has no code of more than 15 bits, whose tree would have some', () => {
    // Frequencies of Fibonacci: the deepest tree.
    const values: number[] = [];
    for (let symbol = 0, [count, following] = [1, 1]; symbol < 22; symbol++) {
      for (let i = 0; i < count; i++) values.push(symbol * 11);
      [count, following] = [following, count + following];
    }
    for (let i = values.length - 1; i > 0; i--) {
      const other = below(i + 1);
      [values[i], values[other]] = [values[other]!, values[i]!];
    }
    const bytes = Uint8Array.from(values);
    assertInflates(deflatedRuns(bytes), bytes);
  });

  it('is as small as what zlib makes of runs, and hardly larger than the bytes', () => {
    for (const name of Object.keys(CONTENTS)) {
      const bytes = content(name, 196_864);
      const { length } = deflatedRuns(bytes);
      const byZlib = zlib.deflateSync(bytes, { level: 1, strategy: zlib.constants.Z_RLE });
      assert.ok(length <= byZlib.length * 1.01 + 20, `${name}: ${length} and ${byZlib.length}`);
      assert.ok(length <= bytes.length + 32);
    }
  });

  it('is in memory that may be given back', () => {
    const stored = deflatedRuns(content('noise', 100_000));
    recycling.giveBack(stored);
    assert.equal(recycling.lend(stored.length).buffer, stored.buffer);
  });
});

describe('zlib streams for files', () => {
  it('are inflated to what they were at every level, large or small', async () => {
    for (const length of [1_000, 600_000])
      for (const level of [0, 1, 2, 6, 9]) {
        const bytes = content('small differences', length);
        assertInflates(await deflated(bytes, level), bytes);
      }
  });
});
