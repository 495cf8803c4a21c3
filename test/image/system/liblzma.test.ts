import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { bindFirst } from '../../../src/image/system/koffi.ts';
import { LIBLZMA_NAMES, loadLiblzma } from '../../../src/image/system/liblzma.ts';
import { decodeXz } from '../../../src/image/tiff/xz.ts';
import { crc32 } from '../../../src/encode/crc32.ts';
import { noise } from '../../processing/rasters-of.ts';

/** An .xz stream at a preset of 0 to 9 with a check: 0 none, 1 CRC-32, 4 CRC-64, 10 SHA-256. */
type Encode = (bytes: Uint8Array, preset?: number, check?: number) => Uint8Array;

const encoder = bindFirst(LIBLZMA_NAMES, (library): Encode => {
  const encode = library.func(
    'int lzma_easy_buffer_encode(uint32_t preset, int check, const void *allocator, const void *in, size_t inBytes, void *out, _Inout_ size_t *written, size_t outBytes)',
  );
  return (bytes, preset = 6, check = 0) => {
    const [output, written] = [new Uint8Array(2 * bytes.length + 1024), [0]];
    assert.equal(encode(preset, check, null, bytes, bytes.length, output, written, output.length), 0);
    return output.subarray(0, written[0]);
  };
});
const library = loadLiblzma();
const skip = (library === undefined || encoder === undefined) && 'liblzma or koffi is not installed';
const stored: Encode = encoder ?? ((bytes) => bytes);
const decodeInto = library?.decodeInto ?? (() => undefined);
const nowhere = (): undefined => undefined;

const next = noise(5);
const below = (limit: number): number => Math.floor(next() * limit);
const TEXTS: Readonly<Record<string, Uint8Array>> = {
  'equal bytes': new Uint8Array(40_000).fill(9),
  'a ramp with grain': Uint8Array.from({ length: 60_000 }, (_, i) => (i >> 7) + below(4)),
  noise: Uint8Array.from({ length: 70_000 }, () => below(256)),
  'one byte': Uint8Array.of(77),
};
const TEXT = TEXTS['a ramp with grain']!;

describe('liblzma', { skip }, () => {
  for (const [name, text] of Object.entries(TEXTS))
    it(`decodes what our own decoder decodes: ${name}`, () => {
      for (const [preset, check] of [[0, 0], [1, 1], [6, 4], [9, 10]] as const) {
        const stream = stored(text, preset, check);
        const output = new Uint8Array(text.length + 10).fill(7);
        assert.equal(decodeInto(stream, output), text.length);
        assert.deepEqual(output.subarray(0, text.length), text);
        assert.deepEqual(output.subarray(text.length), new Uint8Array(10).fill(7));
        assert.deepEqual(decodeXz(stream, text.length, nowhere), text);
        assert.deepEqual(decodeXz(stream, text.length), text);
      }
    }); // prettier-ignore

  it('writes into a part of an array and reads from one', () => {
    const stream = stored(TEXT);
    const [input, output] = [new Uint8Array(stream.length + 6), new Uint8Array(TEXT.length + 20)];
    input.set(stream, 3);
    const part = input.subarray(3, 3 + stream.length);
    assert.equal(decodeInto(part, output.subarray(10, 10 + TEXT.length)), TEXT.length);
    assert.deepEqual(output.slice(10, 10 + TEXT.length), TEXT);
    assert.ok(output.subarray(0, 10).every((byte) => byte === 0));
  });

  it('does not look at the check', () => {
    const stream = stored(TEXT, 6, 10);
    // It is the 32 bytes before the index of 8 bytes and the footer of 12.
    stream[stream.length - 12 - 8 - 20]! ^= 1;
    assert.equal(decodeInto(stream, new Uint8Array(TEXT.length)), TEXT.length);
  });

  it('leaves to our own decoder what takes a dictionary of more than 64 MB', () => {
    const stream = stored(TEXT);
    const large = withDictionary(stream, 40);
    assert.equal(decodeInto(large, new Uint8Array(TEXT.length)), undefined);
    assert.deepEqual(decodeXz(large, TEXT.length), TEXT);
    assert.equal(decodeInto(withDictionary(stream, 28), new Uint8Array(TEXT.length)), TEXT.length);
  });

  for (const [what, input, room] of [
    ['more than there is room for', stored(TEXT), TEXT.length - 1],
    ['data that ends early', stored(TEXT).subarray(0, 1_000), TEXT.length],
    ['data without its end', stored(TEXT).subarray(0, -1), TEXT.length],
    ['no data', new Uint8Array(0), 100],
    ['what is none', new Uint8Array(100).fill(0xff), 100],
  ] as const)
    it(`does not decode ${what}`, () => assert.equal(decodeInto(input, new Uint8Array(room)), undefined));

  it('changes nothing of what damaged tiles, or ones of another size, come to', () => {
    const outcomes = { bytes: 0, damaged: 0 };
    for (let round = 0; round < 400; round++) {
      const text = TEXTS[Object.keys(TEXTS)[round % 3]!]!.subarray(0, 900 + below(3_000));
      const stream = stored(text, round % 10, [0, 1, 4, 10][round % 4]).slice();
      for (let flips = below(3); flips > 0; flips--) stream[12 + below(stream.length - 12)]! ^= 1 << below(8);
      const length = text.length + [0, -below(500), below(500)][below(3)]!;
      const input = below(4) === 0 ? stream.subarray(0, 20 + below(stream.length - 20)) : stream;
      const plain = outcome(() => decodeXz(input, length, nowhere));
      assert.deepEqual(outcome(() => decodeXz(input, length)), plain);
      outcomes[plain instanceof Uint8Array ? 'bytes' : 'damaged']++;
    }
    assert.ok(outcomes.bytes > 50 && outcomes.damaged > 50, JSON.stringify(outcomes));
  }); // prettier-ignore

  it('decodes no other filters than before', () => {
    const stream = stored(TEXT).slice();
    stream[12 + stream.subarray(12).indexOf(0x21)] = 4;
    assert.throws(() => decodeXz(stream, TEXT.length), { kind: 'unsupported' });
  });
});

/**
 * The stream with another size of its dictionary, by its number: the byte of properties of filter 0x21 in the header of the
 * first block, which begins with its length and ends with its checksum.
 */
function withDictionary(stream: Uint8Array, dictionary: number): Uint8Array {
  const changed = stream.slice();
  const header = changed.subarray(12, 12 + (changed[12]! + 1) * 4);
  const filter = header.findIndex((byte, at) => byte === 0x21 && header[at + 1] === 1);
  header[filter + 2] = dictionary;
  const checked = header.subarray(0, -4);
  new DataView(changed.buffer).setUint32(12 + checked.length, crc32(checked), true);
  return changed;
}

function outcome(decode: () => Uint8Array): Uint8Array | string {
  try {
    return decode().slice();
  } catch (error) {
    assert.ok(error instanceof ServerError);
    return `${error.kind}: ${error.message}`;
  }
}

it('liblzma is none where it cannot be loaded, and tiles are decoded all the same', { skip }, () => {
  assert.equal(loadLiblzma(['libof-another-planet.so.9']), undefined);
  assert.deepEqual(decodeXz(stored(TEXT), TEXT.length, nowhere), TEXT);
});
