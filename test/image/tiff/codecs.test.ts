import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { compressionOf } from '../../../src/image/tiff/compression.ts';
import { inflate } from '../../../src/image/tiff/inflate.ts';
import { decodeOldLzw } from '../../../src/image/tiff/lzw-old.ts';
import { decodeLzw } from '../../../src/image/tiff/lzw.ts';
import { decodePackBits } from '../../../src/image/tiff/packbits.ts';
import { decodeZstd } from '../../../src/image/tiff/zstd.ts';
import { readFileSync } from 'node:fs';
import { fixture } from '../support/sources.ts';

/** Codes one after the other, from the highest or the lowest bit, as wide as an encoder makes them. */
function packCodes(codes: readonly number[], order: 'highest first' | 'lowest first'): Uint8Array {
  const bits: number[] = [];
  let next = 258;
  let previous = false;
  for (const code of codes) {
    const early = order === 'highest first' ? 1 : 0;
    const width = Math.min(12, Math.floor(Math.log2(Math.max(next + early, 256))) + 1);
    for (let bit = 0; bit < width; bit++)
      bits.push((code >> (order === 'highest first' ? width - 1 - bit : bit)) & 1);
    if (code === 256) [next, previous] = [258, false];
    else if (previous && next < 4096) next++;
    else previous = true;
  }
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => (bytes[i >> 3]! |= bit << (order === 'highest first' ? 7 - (i & 7) : i & 7)));
  return bytes;
}

/** Codes of a simple encoder with a dictionary of strings. */
function lzwCodes(text: Uint8Array): number[] {
  const codes = [256];
  let dictionary = new Map<string, number>();
  let current = '';
  const codeOf = (string: string): number =>
    string.length === 1 ? string.charCodeAt(0) : dictionary.get(string)!;
  for (const byte of text) {
    const longer = current + String.fromCharCode(byte);
    if (longer.length === 1 || dictionary.has(longer)) {
      current = longer;
      continue;
    }
    codes.push(codeOf(current));
    dictionary.set(longer, 258 + dictionary.size);
    current = String.fromCharCode(byte);
    if (dictionary.size === 4_094 - 258) {
      codes.push(codeOf(current), 256);
      dictionary = new Map();
      current = '';
    }
  }
  return current === '' ? [...codes, 257] : [...codes, codeOf(current), 257];
}

const TEXTS: Record<string, Uint8Array> = {
  nothing: new Uint8Array(0),
  'one byte': Uint8Array.of(7),
  'equal bytes': new Uint8Array(10_000).fill(200),
  'words again and again': Buffer.from('lorem ipsum dolor sit amet '.repeat(400)),
  noise: Uint8Array.from({ length: 30_000 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 255),
  'a ramp': Uint8Array.from({ length: 40_000 }, (_, i) => i >> 6),
};

describe('LZW', () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    it(`decodes ${name}`, () => {
      assert.deepEqual(
        decodeLzw(packCodes(lzwCodes(text), 'highest first'), text.length),
        new Uint8Array(text),
      );
    });
    it(`decodes ${name} of old files`, () => {
      const packed = packCodes(lzwCodes(text), 'lowest first');
      assert.deepEqual(decodeOldLzw(packed, text.length), new Uint8Array(text));
      assert.deepEqual(decodeLzw(packed, text.length), new Uint8Array(text));
    });
  }

  it('decodes the example of the specification', () => {
    const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257];
    assert.deepEqual([...decodeLzw(packCodes(codes, 'highest first'), 10)], [7, 7, 7, 8, 8, 7, 7, 6, 6]);
  });

  it('stops at the length that it was given', () => {
    const packed = packCodes(lzwCodes(TEXTS['equal bytes']!), 'highest first');
    assert.deepEqual(decodeLzw(packed, 5_000), new Uint8Array(5_000).fill(200));
  });

  it('gives what is there when data ends early', () => {
    const packed = packCodes(lzwCodes(TEXTS['noise']!), 'highest first');
    const part = decodeLzw(packed.subarray(0, 1_000), 30_000);
    assert.ok(part.length > 500 && part.length < 2_000);
    assert.deepEqual(part, TEXTS['noise']!.subarray(0, part.length));
  });

  for (const codes of [[256, 300], [256, 258], [256, 1, 260], [300]]) {
    it(`refuses the codes ${codes.join(' ')}`, () => {
      assert.throws(() => decodeLzw(packCodes(codes, 'highest first'), 10), { kind: 'damaged' });
    });
  }
  it('refuses impossible codes in old files', () => {
    assert.throws(() => decodeOldLzw(packCodes([256, 1, 300], 'lowest first'), 10), { kind: 'damaged' });
  });

  it('takes any bytes without harm', () => {
    for (let seed = 0; seed < 300; seed++) {
      const bytes = Uint8Array.from(
        { length: 200 },
        (_, i) => Math.imul(seed * 200 + i + 1, 2_654_435_761) >>> 24,
      );
      try {
        assert.ok(decodeLzw(bytes, 5_000).length <= 5_000);
      } catch (error) {
        assert.equal((error as { kind?: unknown }).kind, 'damaged');
      }
    }
  });
});

describe('PackBits', () => {
  it('decodes the example of the specification', () => {
    const packed = Uint8Array.of(
      0xfe,
      0xaa,
      0x02,
      0x80,
      0x00,
      0x2a,
      0xfd,
      0xaa,
      0x03,
      0x80,
      0x00,
      0x2a,
      0x22,
      0xf7,
      0xaa,
    );
    const text = [
      0xaa,
      0xaa,
      0xaa,
      0x80,
      0x00,
      0x2a,
      0xaa,
      0xaa,
      0xaa,
      0xaa,
      0x80,
      0x00,
      0x2a,
      0x22,
      ...Array<number>(10).fill(0xaa),
    ];
    assert.deepEqual([...decodePackBits(packed, 24)], text);
  });
  it('skips 128, and stops at the length and at the end', () => {
    assert.deepEqual([...decodePackBits(Uint8Array.of(128, 0, 5), 9)], [5]);
    assert.deepEqual([...decodePackBits(Uint8Array.of(129, 1), 3)], [1, 1, 1]);
    assert.deepEqual([...decodePackBits(Uint8Array.of(3, 1, 2, 3, 4), 2)], [1, 2]);
    assert.deepEqual([...decodePackBits(Uint8Array.of(5, 1, 2), 9)], [1, 2]);
    assert.deepEqual([...decodePackBits(Uint8Array.of(200), 9)], []);
  });
});

describe('deflate', () => {
  const text = Buffer.from('lorem ipsum '.repeat(100));
  const packed = zlib.deflateSync(text);

  it('inflates', () => assert.deepEqual(inflate(packed, text.length), new Uint8Array(text)));
  it('does without the checksum, or with a wrong one', () => {
    assert.deepEqual(inflate(packed.subarray(0, -4), text.length), new Uint8Array(text));
    const wrong = Buffer.from(packed);
    wrong.fill(0, wrong.length - 4);
    assert.deepEqual(inflate(wrong, text.length), new Uint8Array(text));
  });
  it('takes data with more behind it', () => {
    assert.deepEqual(inflate(Buffer.concat([packed, Buffer.alloc(50)]), text.length), new Uint8Array(text));
    assert.deepEqual(inflate(packed, 100), new Uint8Array(text.subarray(0, 100)));
  });
  it('gives what is there when data ends early', () =>
    assert.ok(inflate(packed.subarray(0, 20), text.length).length < text.length));
  it('refuses other data', () => {
    for (const bytes of [Buffer.alloc(20), zlib.gzipSync(text), zlib.deflateRawSync(text), Buffer.alloc(0)]) {
      assert.throws(() => inflate(bytes, text.length), { kind: 'damaged' });
    }
    const broken = Buffer.from(packed);
    broken.fill(0xff, 2, 6);
    assert.throws(() => inflate(broken, text.length), { kind: 'damaged' });
  });
  it('refuses a bomb', () => {
    const bomb = zlib.deflateSync(Buffer.alloc(50_000_000), { level: 9 });
    assert.throws(() => inflate(bomb, 1_000), { kind: 'damaged' });
  });
});

describe('Zstandard', () => {
  /** A frame with one block of three bytes, stored (RFC 8878, section 3.1.1). */
  const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x03, 0x19, 0x00, 0x00, 7, 8, 9);

  it('decodes', async () => assert.deepEqual([...(await decodeZstd(frame, 3))], [7, 8, 9]));
  it('gives too little, or refuses, when data is broken or too much', async () => {
    for (const [bytes, length] of [
      [frame.subarray(0, 8), 3],
      [Buffer.from('no frame'), 3],
      [frame, 2],
    ] as const) {
      const decoded = await (async () => decodeZstd(bytes, length))().catch((error: unknown) => {
        assert.equal((error as { kind?: unknown }).kind, 'damaged');
        return new Uint8Array(0);
      });
      assert.ok(decoded.length < length);
    }
    assert.deepEqual([...(await decodeZstd(frame, 3))], [7, 8, 9]);
  });
  it('refuses tiles that would fill the memory', () =>
    assert.rejects(async () => decodeZstd(frame, 2 ** 30), { kind: 'too-large' }));
});

describe('compressionOf', () => {
  it('names what is not decoded', () => {
    assert.deepEqual(compressionOf(34_661), { name: 'jbig' });
    assert.deepEqual(compressionOf(12_345), { name: 'compression 12345' });
  });
  it('gives the bytes of uncompressed segments as they are', async () => {
    const bytes = readFileSync(fixture('text.txt'));
    const segment = {
      bytes,
      width: 1,
      height: 1,
      samplesPerPixel: 1,
      length: 1,
      photometric: 1,
      jpegTables: undefined,
      codecParameters: [],
      endsInAlpha: false,
      compression: 1,
    };
    assert.equal(await compressionOf(1).decode?.(segment), bytes);
  });
});
