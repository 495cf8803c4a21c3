import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdCompressed } from '../../../src/encode/tiff/zstd.ts';
import { ServerError } from '../../../src/errors.ts';
import { loadLibzstd } from '../../../src/image/system/libzstd.ts';
import { decodeZstd } from '../../../src/image/tiff/zstd.ts';
import { noise } from '../../processing/rasters-of.ts';

const library = loadLibzstd();
const skip = library === undefined && 'libzstd or koffi is not installed';
const decodeInto = library?.decodeInto ?? (() => undefined);
const nowhere = (): undefined => undefined;

const next = noise(6);
const below = (limit: number): number => Math.floor(next() * limit);
const TEXTS: Readonly<Record<string, Uint8Array>> = {
  'equal bytes': new Uint8Array(40_000).fill(9),
  'a ramp with grain': Uint8Array.from({ length: 300_000 }, (_, i) => (i >> 7) + below(4)),
  noise: Uint8Array.from({ length: 70_000 }, () => below(256)),
  'one byte': Uint8Array.of(77),
};
const TEXT = TEXTS['a ramp with grain']!;
/** Its copy, as the module that compresses gives views of its memory. */
const stored = async (bytes: Uint8Array, level = 3): Promise<Uint8Array> =>
  (await zstdCompressed(bytes, level)).slice();

describe('libzstd', { skip }, () => {
  for (const [name, text] of Object.entries(TEXTS))
    it(`decodes ${name}, as the decoder without it does`, async () => {
      for (const level of [1, 3, 19]) {
        const frame = await stored(text, level);
        const output = new Uint8Array(text.length + 10).fill(7);
        assert.equal(decodeInto(frame, output), text.length);
        assert.deepEqual(output.subarray(0, text.length), text);
        assert.deepEqual(output.subarray(text.length), new Uint8Array(10).fill(7));
        assert.deepEqual(await decodeZstd(frame, text.length, nowhere), text);
        assert.deepEqual(await decodeZstd(frame, text.length), text);
      }
    });

  it('writes into a part of an array and reads from one', async () => {
    const frame = await stored(TEXT);
    const [input, output] = [new Uint8Array(frame.length + 6), new Uint8Array(TEXT.length + 20)];
    input.set(frame, 3);
    const part = input.subarray(3, 3 + frame.length);
    assert.equal(decodeInto(part, output.subarray(10, 10 + TEXT.length)), TEXT.length);
    assert.deepEqual(output.slice(10, 10 + TEXT.length), TEXT);
    assert.ok(output.subarray(0, 10).every((byte) => byte === 0));
  });

  it('leaves to others what is broken, has another size, or is not one frame', async () => {
    const frame = await stored(TEXT);
    for (const [input, room] of [
      [frame, TEXT.length - 1],
      [frame.subarray(0, 1_000), TEXT.length],
      [frame.subarray(0, -1), TEXT.length],
      [Buffer.concat([frame, frame]), 2 * TEXT.length],
      [Buffer.concat([frame, Buffer.alloc(4)]), TEXT.length],
      [new Uint8Array(0), 100],
      [new Uint8Array(100).fill(0xff), 100],
      // The magic number of version 0.7.
      [Buffer.concat([Uint8Array.of(0x27), frame.subarray(1)]), TEXT.length],
    ] as const)
      assert.equal(decodeInto(input, new Uint8Array(room)), undefined);
  });

  it('changes nothing of what tiles come to, unless a damaged one is taken for whole', async () => {
    const outcomes = { whole: 0, other: 0 };
    const text = TEXT.subarray(0, 6_000);
    for (let round = 0; round < 500; round++) {
      const frame = await stored(text, 1 + (round % 5));
      for (let flips = below(3); flips > 0; flips--) frame[below(frame.length)]! ^= 1 << below(8);
      const length = text.length + [0, -below(500), below(500)][below(3)]!;
      const input = below(4) === 0 ? frame.subarray(0, below(frame.length)) : frame;
      const plain = await outcome(async () => decodeZstd(input, length, nowhere));
      const made = await outcome(async () => decodeZstd(input, length));
      // Its quick decoder of literals does not find every bit that is left over; without a checksum nobody else does.
      const isTakenForWhole = made instanceof Uint8Array && made.length === text.length;
      if (plain.length === text.length || !isTakenForWhole) assert.deepEqual(made, plain);
      outcomes[plain.length === text.length ? 'whole' : 'other']++;
    }
    assert.ok(outcomes.whole > 100 && outcomes.other > 100, JSON.stringify(outcomes));
  });

  it('decodes tiles whose data is two frames', async () => {
    const frames = Buffer.concat([await stored(TEXT), await stored(TEXT)]);
    assert.deepEqual(await decodeZstd(frames, 2 * TEXT.length), new Uint8Array(Buffer.concat([TEXT, TEXT])));
  });
});

async function outcome(decode: () => Promise<Uint8Array>): Promise<Uint8Array | string> {
  try {
    return (await decode()).slice();
  } catch (error) {
    assert.ok(error instanceof ServerError);
    return `${error.kind}: ${error.message}`;
  }
}

it('libzstd is none where it cannot be loaded, and tiles are decoded all the same', async () => {
  assert.equal(loadLibzstd(['libof-another-planet.so.9']), undefined);
  assert.deepEqual(await decodeZstd(await stored(TEXT), TEXT.length, nowhere), TEXT);
});
