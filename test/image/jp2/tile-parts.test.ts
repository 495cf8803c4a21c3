import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { MARKER } from '../../../src/image/jp2/codestream/markers.ts';
import { readTileParts } from '../../../src/image/jp2/codestream/tile-parts.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import type { ByteSource } from '../../../src/image/source.ts';
import { countingSource } from '../support/sources.ts';
import { bytesOf, EOC, mainHeader, segment, tilePart, u16, u32, u8 } from './support/build-stream.ts';
import { openStream } from './support/streams.ts';

/** Two tiles side by side. */
const CANVAS = { area: [0, 0, 16, 8] } as const;

const tlm = (...entries: readonly (readonly [tile: number, length: number])[]): number[] =>
  segment(MARKER.TLM, u8(0, 0x50), ...entries.map(([tile, length]) => [...u8(tile), ...u32(length)]));

async function partsOf(...pieces: readonly number[][]) {
  const { source, counts } = countingSource(memorySource(bytesOf(...pieces)));
  const { codestream } = await openStream(source);
  const opened = counts.reads;
  const parts = await readTileParts(codestream.source, codestream.header);
  return { parts, reads: counts.reads - opened };
}

describe('tile-parts', () => {
  const [first, second, third] = [tilePart(0, [0, 0]), tilePart(1, [0]), tilePart(0, [0, 0, 0])];
  const start = mainHeader(CANVAS).length;

  it('are found from SOT to SOT, in any order', async () => {
    const { parts } = await partsOf(mainHeader(CANVAS), first, second, third, EOC);
    const starts = [start, start + first.length, start + first.length + second.length];
    assert.deepEqual(Array.from(parts.starts), starts);
    assert.deepEqual(Array.from(parts.ends), [starts[1], starts[2], starts[2]! + third.length]);
    assert.deepEqual(Array.from(parts.order), [0, 2, 1]);
    assert.deepEqual(Array.from(parts.first), [0, 2, 3]);
    assert.equal(parts.isDamaged, false);
  });

  it('are taken from TLM when it is true', async () => {
    const list = tlm([0, first.length], [1, second.length], [0, third.length]);
    const { parts } = await partsOf(mainHeader(CANVAS, {}, list), first, second, third, EOC);
    assert.deepEqual(Array.from(parts.tiles), [0, 1, 0]);
    assert.equal(parts.starts[1], start + list.length + first.length);
  });

  const lies = {
    'other lengths': tlm([0, first.length + 1], [1, second.length - 1], [0, third.length]),
    'other tiles': tlm([0, first.length], [0, second.length], [0, third.length]),
    'tiles that are not there': tlm([0, first.length], [7, second.length], [0, third.length]),
    'too few parts': tlm([0, first.length], [1, second.length]),
  };
  for (const [what, list] of Object.entries(lies)) {
    it(`are looked for when TLM states ${what}`, async () => {
      const { parts } = await partsOf(mainHeader(CANVAS, {}, list), first, second, third, EOC);
      assert.deepEqual(Array.from(parts.tiles), [0, 1, 0]);
      assert.equal(parts.starts[1], start + list.length + first.length);
    });
  }

  it('reach to the end when the last one has no length, and are cut off by it', async () => {
    const open = await partsOf(mainHeader(CANVAS), first, tilePart(1, [0, 0, 0], [], 0), EOC);
    assert.equal(open.parts.ends[1], start + first.length + 17 + 2);
    const cut = await partsOf(mainHeader(CANVAS), first, tilePart(1, [0, 0], [], 1000));
    assert.equal(cut.parts.isDamaged, true);
    assert.equal(cut.parts.ends[1], start + first.length + 16);
  });

  it('are found again behind something else, and behind a tile that is not there', async () => {
    const other = u16(0x1234, 1, 2, 3, 4, 5, 6, 7);
    const { parts } = await partsOf(mainHeader(CANVAS), first, other, second, EOC);
    const secondStart = start + first.length + other.length;
    assert.deepEqual(Array.from(parts.starts), [start, secondStart]);
    assert.deepEqual(Array.from(parts.ends), [secondStart, secondStart + second.length]);
    assert.equal(parts.isDamaged, true);
    const beyond = await partsOf(mainHeader(CANVAS), first, tilePart(2, [0]), second, EOC);
    assert.deepEqual(Array.from(beyond.parts.tiles), [0, 1]);
    assert.equal(
      beyond.parts.ends[0],
      start + first.length,
      'the tile that is not there belongs to no other',
    );
    const alone = await partsOf(mainHeader(CANVAS), first, tilePart(2, [0]), EOC);
    assert.equal(alone.parts.starts.length, 1);
    assert.equal(alone.parts.isDamaged, true);
  });

  const lengths = { 'too short': 15, 'too long': 40, 'out of the file': 100_000, 'shorter than itself': 13 };
  for (const [what, length] of Object.entries(lengths)) {
    it(`are found although one has a length that is ${what}`, async () => {
      const wrong = tilePart(0, [1, 2, 3, 4], [], length);
      const { parts } = await partsOf(mainHeader(CANVAS), wrong, second, third, EOC);
      const firstFound = length === 13 ? 1 : 0;
      assert.deepEqual(Array.from(parts.tiles), [0, 1, 0].slice(firstFound));
      const ends = [wrong.length, wrong.length + second.length, wrong.length + second.length + third.length];
      assert.deepEqual(
        Array.from(parts.ends),
        ends.slice(firstFound).map((end) => start + end),
      );
      assert.equal(parts.isDamaged, true);
    });
  }

  it('are looked for in a part of a large file only', async () => {
    const size = 2 ** 33;
    const head = bytesOf(mainHeader(CANVAS), tilePart(0, [0], [], 100));
    const zeros: ByteSource = {
      path: 'zeros.j2k',
      identity: { size, mtimeMs: 0, inode: 0 },
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        bytes.set(head.subarray(offset, offset + length));
        return bytes;
      },
      close: () => undefined,
    };
    const { source, counts } = countingSource(zeros);
    const { codestream } = await openStream(source);
    const { starts } = await codestream.tileParts();
    assert.equal(starts.length, 1);
    assert.ok(counts.bytes < 2 ** 27, `${counts.bytes} bytes`);
  });

  it('are not none', async () => {
    const isDamage = (error: unknown): boolean => error instanceof ServerError && error.kind === 'damaged';
    await assert.rejects(partsOf(mainHeader(CANVAS), tilePart(0, [], [], 13)), isDamage);
  });

  it('may be 100,000, which are found in few reads', async () => {
    const count = 100_000;
    const parts = Buffer.alloc(count * 16);
    for (let i = 0; i < count; i++) Buffer.from(tilePart(i % 2, [0, 0])).copy(parts, i * 16);
    const bytes = Buffer.concat([bytesOf(mainHeader(CANVAS)), parts, bytesOf(EOC)]);
    const { source, counts } = countingSource(memorySource(new Uint8Array(bytes)));
    const { codestream } = await openStream(source);
    const opened = { ...counts };
    assert.ok(opened.reads < 6 && opened.bytes < 70_000, 'opening does not look at tile-parts');
    const found = await codestream.tileParts();
    assert.equal(found.starts.length, count);
    assert.ok(counts.reads - opened.reads < 12, `${counts.reads - opened.reads} reads`);
  });
});
