/** Damaged files: errors of ours or pictures, within limits of time, whatever bytes are changed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import { openImage } from '../../../src/image/open.ts';
import { pick, randomNumbers } from '../../hostile/random.ts';
import { JP2_FIXTURES, jp2Fixtures } from './support/streams.ts';

const MUTATIONS = Number(process.env['JP2_MUTATIONS'] ?? 2_000);
const SEED = Number(process.env['JP2_SEED'] ?? 4_711);

/** Markers and boxes are near the beginning: half of the changes go there. */
const HEADER_BYTES = 200;

/** Of processor time: other tests run at the same time. */
const MAX_MS = 5_000;

const VALUES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** Up to eight bytes changed, now and then a piece left out, doubled, or the end cut off. */
function mutate(original: Uint8Array, random: () => number): Uint8Array {
  const bytes = Uint8Array.from(original);
  const below = (limit: number): number => Math.floor(random() * limit);
  const place = (): number => below(random() < 0.5 ? Math.min(HEADER_BYTES, bytes.length) : bytes.length);
  for (let count = 1 + below(8); count > 0; count--) {
    bytes[place()] = random() < 0.5 ? pick(VALUES, random) : below(256);
  }
  const kind = random();
  if (kind < 0.1) return bytes.subarray(0, place());
  const [at, length] = [place(), below(64)];
  if (kind < 0.15) return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
  if (kind < 0.2) return Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
  return bytes;
}

async function readSome(bytes: Uint8Array, jp2ReadMode: 'fast' | 'fussy'): Promise<unknown> {
  try {
    const reader = await openImage(memorySource(bytes), { jp2ReadMode });
    for (const level of new Set([0, reader.info.levels.length - 1])) {
      const { width, height } = reader.info.levels[level]!;
      const window = { x: 0, y: 0, width: Math.min(width, 256), height: Math.min(height, 256) };
      await reader.readWindow({ page: 0, level, window });
    }
    reader.close();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('damaged JPEG 2000', () => {
  const originals = jp2Fixtures().map((name) => new Uint8Array(readFileSync(path.join(JP2_FIXTURES, name))));

  it(`${MUTATIONS} mutations give pictures or errors of ours, seed ${SEED}`, async () => {
    const random = randomNumbers(SEED);
    let pictures = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const bytes = mutate(pick(originals, random), random);
      const start = process.cpuUsage();
      const outcome = await readSome(bytes, i % 4 === 0 ? 'fussy' : 'fast');
      const { user, system } = process.cpuUsage(start);
      const elapsed = (user + system) / 1_000;
      assert.ok(outcome === undefined || outcome instanceof ServerError, `mutation ${i}: ${String(outcome)}`);
      assert.ok(elapsed < MAX_MS, `mutation ${i} took ${elapsed} ms`);
      if (outcome === undefined) pictures++;
    }
    assert.ok(pictures > MUTATIONS / 10, `only ${pictures} pictures`);
  });

  it('is refused in fussy mode and shown in the others', async () => {
    const whole = new Uint8Array(readFileSync(path.join(JP2_FIXTURES, 'lrcp.j2k')));
    const cut = whole.subarray(0, Math.floor(whole.length * 0.6));
    assert.equal(await readSome(whole, 'fussy'), undefined);
    assert.equal(await readSome(cut, 'fast'), undefined);
    const error = await readSome(cut, 'fussy');
    assert.ok(error instanceof ServerError && error.kind === 'damaged', String(error));
  });
});
