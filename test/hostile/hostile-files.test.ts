/** Files that once broke something; each stays for ever, with what it broke. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ServerError, type ErrorKind } from '../../src/errors.ts';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import { pictureTrial } from '../fuzz/pictures.ts';
import { scopeOf } from '../support/scope.ts';

const FOLDER = path.resolve('fixtures/hostile');

/** Processor time to open a file: this is done in the threads that answer everybody. */
const MAX_OPEN_MS = 500;

interface HostileFile {
  readonly broke: string;
  readonly outcome: ErrorKind | 'opens';
}

const FILES: Readonly<Record<string, HostileFile>> = {
  'avif-extents-without-bytes.avif': {
    broke:
      '30 KB say that 5,000 items have 65,535 extents of no bytes: opening it took minutes, and so did decoding it in libheif',
    outcome: 'damaged',
  },
  'avif-shared-property.avif': {
    broke: 'one long property belongs to items 38,250 times, and was read as often: a second',
    outcome: 'opens',
  },
  'avif-side-of-2129704.avif': {
    broke:
      '349 bytes say that the picture is 2,129,704 pixels wide: libvips took half a minute and a gigabyte for a level of it',
    outcome: 'damaged',
  },
  'gif-frame-off-its-canvas.gif': {
    broke:
      'a picture of 40 × 30 has a frame at 32,768, 7,168: libvips makes the picture as large, which took half a minute',
    outcome: 'opens',
  },
  'jp2-without-a-column.j2k': {
    broke:
      'the image area is 34 points wide, and no sample of a component with one in 108 lies in it: a picture of 0 × 117',
    outcome: 'damaged',
  },
  'png-text-bombs.png': {
    broke: '128 KB inflate to 128 MB of texts that nobody asked for: two seconds, a minute for a megabyte',
    outcome: 'opens',
  },
  'tiff-ccitt-423-bands.tif': {
    broke: '423 samples a pixel in fax compression: 3 KB became 52 million samples for every tile',
    outcome: 'unsupported',
  },
  'tiff-fax-tile-of-59106-rows.tif': {
    broke:
      'tiles of 59,106 rows of fax for a picture of 48: all of them were decoded, 6 seconds for its reads',
    outcome: 'opens',
  },
};

async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    (await openImage(memorySource(bytes))).close();
    return 'opens';
  } catch (error) {
    if (error instanceof ServerError) return error.kind;
    throw error;
  }
}

async function assertQuick(bytes: Uint8Array): Promise<string> {
  const start = process.cpuUsage();
  const outcome = await outcomeOf(bytes);
  const { user, system } = process.cpuUsage(start);
  assert.ok((user + system) / 1000 < MAX_OPEN_MS, `opening took ${(user + system) / 1000} ms`);
  return outcome;
}

describe('a file that', { timeout: 120_000 }, () => {
  it('broke something has its entry here', () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(FILES).sort());
  });

  for (const [name, { broke, outcome }] of Object.entries(FILES)) {
    it(`broke something breaks nothing: ${name}: ${broke}`, async (test) => {
      const bytes = new Uint8Array(readFileSync(path.join(FOLDER, name)));
      // In a process of its own, which may hang.
      await pictureTrial(scopeOf(test))(bytes);
      assert.equal(await assertQuick(bytes), outcome);
    });
  }

  it('is a GIF with two million empty parts before its picture is refused soon', async () => {
    const head = Buffer.from('GIF89a\x01\0\x01\0\0\0\0\x21\xfe', 'latin1');
    const parts = Buffer.alloc(2 ** 22, Buffer.of(1, 0));
    assert.equal(await assertQuick(new Uint8Array(Buffer.concat([head, parts]))), 'damaged');
  });

  it('is a JPEG with garbage before each of a thousand segments is refused soon', async () => {
    const segment = Buffer.concat([Buffer.alloc(60_000), Buffer.of(0xff, 0xfe, 0, 2)]);
    const parts = Array<Buffer>(1_000).fill(segment);
    const bytes = Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xfe, 0, 2), ...parts]);
    assert.equal(await assertQuick(new Uint8Array(bytes)), 'damaged');
  });
});
