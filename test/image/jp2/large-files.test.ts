/** Files over 4 GiB, most of which are holes that take no room on the disk. */
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { memorySource } from '../../../src/image/memory-source.ts';
import type { Raster } from '../../../src/image/raster.ts';
import { countingSource, fileSource } from '../support/sources.ts';
import { box, u32 } from './support/build-stream.ts';
import { JP2_FIXTURES, openStream, readStream } from './support/streams.ts';

const GIB = 2 ** 30;
const WHOLE = { reduction: 0, layers: 1 };

/** Opening and tile-parts are few reads. */
const MAX_BYTES = 2 ** 20;

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

function writeSparse(file: string, size: number, pieces: readonly Piece[]): void {
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, size);
  for (const { at, bytes } of pieces) writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

async function readCounted(file: string): Promise<{ raster: Raster; bytes: number }> {
  const { source, counts } = countingSource(fileSource(file));
  const raster = await readStream(await openStream(source), WHOLE);
  source.close();
  return { raster, bytes: counts.bytes };
}

describe('files over 4 GiB', () => {
  const bytes = new Uint8Array(readFileSync(path.join(JP2_FIXTURES, 'tiled-lossless.j2k')));
  let folder: string;
  let expected: Raster;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-large-'));
    expected = await readStream(await openStream(memorySource(bytes)), WHOLE);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('may have the codestream behind a box of 5 GiB', async () => {
    const file = path.join(folder, 'large-box.jp2');
    const ihdr = box('ihdr', u32(expected.height, expected.width), [0, 3, 7, 7, 0, 0]);
    const header = box('jp2h', ihdr, box('colr', [1, 0, 0], u32(16)));
    const start = [...box('jP  ', u32(0x0d0a870a)), ...box('ftyp', [...Buffer.from('jp2 ')], u32(0), [...Buffer.from('jp2 ')]), ...header]; // prettier-ignore
    const boxBytes = 5 * GIB;
    const free = [...u32(1), ...Buffer.from('free'), ...u32(boxBytes / 2 ** 32, boxBytes % 2 ** 32)];
    // XLBox of 0 is none: the length in 64 bits, too.
    const length = bytes.length + 16;
    const codestream = [...u32(1), ...Buffer.from('jp2c'), ...u32(0, length)];
    const at = start.length + boxBytes;
    writeSparse(file, at + length, [
      { at: 0, bytes: Uint8Array.from([...start, ...free]) },
      { at, bytes: Uint8Array.from([...codestream, ...bytes]) },
    ]);
    const { raster, bytes: read } = await readCounted(file);
    assert.deepEqual(raster.data, expected.data);
    assert.ok(read < MAX_BYTES, `${read} bytes were read`);
  });

  it('may have tile-parts on both sides of the 4 GiB', async () => {
    const file = path.join(folder, 'large-parts.j2k');
    const stream = await openStream(memorySource(bytes));
    const { starts, ends } = await stream.codestream.tileParts();
    const pieces: Piece[] = [{ at: 0, bytes: bytes.subarray(0, starts[0]) }];
    let at = starts[0]!;
    // The first two are as long as a length can be, nearly; behind their packets there is nothing.
    for (const [i, start] of starts.entries()) {
      const part = bytes.slice(start, ends[i]);
      const length = i < 2 ? 3 * GIB : part.length;
      new DataView(part.buffer).setUint32(6, length);
      pieces.push({ at, bytes: part });
      at += length;
    }
    pieces.push({ at, bytes: Uint8Array.of(0xff, 0xd9) });
    writeSparse(file, at + 2, pieces);
    const { raster, bytes: read } = await readCounted(file);
    assert.deepEqual(raster.data, expected.data);
    assert.ok(read < MAX_BYTES, `${read} bytes were read`);
  });
});
