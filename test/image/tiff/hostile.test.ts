import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { TYPE } from '../../../src/image/tiff/tags.ts';
import type { TypeName } from '../support/build-tiff.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import { fixture, openBytes } from '../support/sources.ts';

/** Opens and reads a small window of each level; the answer is what went wrong. */
async function tryToRead(bytes: Uint8Array): Promise<unknown> {
  try {
    const reader = await openBytes(bytes);
    for (const [level, { width, height }] of reader.info.levels.entries()) {
      const window = { x: 0, y: 0, width: Math.min(width, 64), height: Math.min(height, 64) };
      await reader.readWindow({ page: 0, level, window });
      await reader.readEncodedTile({ page: 0, level, column: 0, row: 0 });
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function assertHarmless(outcome: unknown, name: string): void {
  assert.ok(outcome === undefined || outcome instanceof ServerError, `${name}: ${String(outcome)}`);
}

describe('hostile TIFF', () => {
  const claims: readonly number[] = [0, 1, 2, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 2 ** 53, 2 ** 62];
  for (const tag of [
    'ImageWidth',
    'ImageLength',
    'BitsPerSample',
    'SamplesPerPixel',
    'TileWidth',
    'TileLength',
    'RowsPerStrip',
    'PlanarConfiguration',
  ] as const) {
    it(`may claim any ${tag}`, async () => {
      for (const isBig of [false, true]) {
        for (const claim of claims) {
          const tags = pictureTags({ width: 20, height: 20 }).filter((spec) => spec.tag !== tag);
          const type: TypeName = isBig ? 'long8' : 'long';
          const value = isBig ? claim : Math.min(claim, 0xffffffff);
          const file = buildTiff(
            [
              {
                tags: [...tags, { tag, type, values: [value] }],
                segments: Array<Uint8Array>(4).fill(new Uint8Array(256)),
              },
            ],
            { isBig },
          );
          assertHarmless(await tryToRead(file), `${tag} ${value}`);
        }
      }
    });
  }

  it('may claim that its arrays are endless', async () => {
    for (const tag of [
      'TileOffsets',
      'TileByteCounts',
      'BitsPerSample',
      'ExtraSamples',
      'SubIFDs',
      'ColorMap',
      'JPEGTables',
      'ICCProfile',
      'XMP',
      'SMaxSampleValue',
    ] as const) {
      for (const type of Object.keys(TYPE) as TypeName[]) {
        const tags = pictureTags({ width: 20, height: 20 }).filter((spec) => spec.tag !== tag);
        const file = buildTiff(
          [
            {
              tags: [...tags, { tag, type, values: [1], count: 0xfffffff0, offset: 8 }],
              segments: Array<Uint8Array>(4).fill(new Uint8Array(256)),
            },
          ],
          { isBig: true },
        );
        assertHarmless(await tryToRead(file), `${tag} ${type}`);
      }
    }
  });

  it('allocates nothing for a picture of 2^62 pixels', async () => {
    const tags = pictureTags({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 });
    const before = process.memoryUsage().arrayBuffers;
    const outcome = await tryToRead(buildTiff([{ tags, segments: [new Uint8Array(256)] }]));
    assert.ok(outcome instanceof ServerError);
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 22);
  });

  const small = [
    'tiny.tif',
    'one-pixel.tif',
    'bilevel-g4.tif',
    'turn_pyr_000_090.tif',
    'palette.tif',
    'rgb-webp.tif',
  ];
  for (const [file, name] of small.entries()) {
    it(`may be ${name} with wrong bytes`, async () => {
      const original = readFileSync(fixture(name));
      for (let seed = 0; seed < 150; seed++) {
        const bytes = Buffer.from(original);
        const random = randomNumbers(file * 1_000 + seed);
        // Most of it where the directories are.
        const start = Math.max(0, original.readUInt32LE(4) - 100);
        for (let i = 0; i < 1 + (seed % 8); i++) {
          const at = seed % 3 === 0 ? random(bytes.length) : Math.min(bytes.length - 1, start + random(600));
          bytes[at] = random(256);
        }
        assertHarmless(await tryToRead(bytes), `seed ${seed}`);
      }
    });
  }
});

/** Numbers below a bound, the same for the same seed. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed + 1;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
