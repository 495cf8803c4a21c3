/** A window reads the bytes of its packets, and few besides. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { neededBounds } from '../../../src/image/jp2/core/window.ts';
import { resolutionOf, type TileGeometry } from '../../../src/image/jp2/packets/geometry.ts';
import { PrecinctMaker } from '../../../src/image/jp2/packets/precinct.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import type { Rectangle } from '../../../src/image/raster.ts';
import { randomNumbers } from '../../hostile/random.ts';
import { skipUnless } from '../../support/real-programs.ts';
import { countingSource } from '../support/sources.ts';
import { partsOf, type Part } from './support/rewrite-stream.ts';
import { openStream, readStream } from './support/streams.ts';

const SIDE = 1024;
const WINDOW = 256;
const WINDOWS = 8;
/** Windows are read at full size and at each of so many halvings. */
const REDUCTIONS = 3;
const SEED = 20_261_126;
const MAX_RATIO = 1.5;

/** Where no list says where packets are, this much is read of each that is passed over, to see how long it is. */
const PASSED_BYTES = 512;

interface Kind {
  readonly options: string;
  /** PLT says where packets are. */
  readonly isListed: boolean;
}

const KINDS: Record<string, Kind> = {
  'tiles of 256, TLM and PLT': { options: '-t 256,256 -PLT -TLM', isListed: true },
  'tiles of 256': { options: '-t 256,256', isListed: false },
  'tiles of 512, RLCP, precincts': { options: '-t 512,512 -p RLCP -c [128,128]', isListed: false },
  'tiles of 512, RPCL, precincts, PLT': { options: '-t 512,512 -p RPCL -c [128,128] -PLT', isListed: true },
  'untiled, RPCL, PLT': { options: '-p RPCL -c [128,128] -PLT', isListed: true },
  'untiled, RPCL': { options: '-p RPCL -c [128,128]', isListed: false },
  'untiled, PCRL, PLT': { options: '-p PCRL -c [128,128] -PLT', isListed: true },
  'untiled, LRCP, PLT': { options: '-p LRCP -c [128,128] -PLT', isListed: true },
};

/** Waves and grain: about a bit and a half a sample are left of it. */
function paintPicture(): Uint8Array {
  const random = randomNumbers(SEED);
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
    return (
      128 + 50 * Math.sin(x / 9 + (i % 3)) * Math.cos(y / 13) + 40 * Math.sin(x * y * 0.0007) + 25 * random()
    );
  });
}

/** Bytes of the packets that a window is made of, and packets before the last of them that are not. */
function neededOf(
  parts: readonly Part[],
  window: Rectangle,
  reduction: number,
): { bytes: number; passed: number } {
  let bytes = 0;
  let passed = 0;
  for (const part of parts) {
    const needed = part.precincts.map((precinct) => isNeeded(part.geometry, precinct, window, reduction));
    const last = needed.lastIndexOf(true);
    needed.forEach((isOne, i) => {
      const [sop, blocks] = part.bodies[i]!;
      if (isOne) bytes += part.headers[i]!.length + sop.length + blocks.length;
      else if (i < last) passed++;
    });
  }
  return { bytes, passed };
}

function isNeeded(geometry: TileGeometry, number: number, window: Rectangle, reduction: number): boolean {
  const resolution = resolutionOf(geometry, number);
  const { parameters, resolutions } = geometry.components[resolution.component]!;
  const { levels, isReversible } = parameters.coding;
  if (resolution.resolution > levels - reduction) return false;
  const shown = resolutions.slice(0, levels - reduction + 1);
  const all = shown.at(-1)!;
  const part = {
    x0: Math.max(window.x, all.x0),
    y0: Math.max(window.y, all.y0),
    x1: Math.min(window.x + window.width, all.x1),
    y1: Math.min(window.y + window.height, all.y1),
  };
  if (part.x1 <= part.x0 || part.y1 <= part.y0) return false;
  const bounds = neededBounds({ isReversible, resolutions: shown }, part)[resolution.resolution]!;
  const { bands } = new PrecinctMaker().create(resolution, number - resolution.firstPrecinct);
  return bands.some(({ band, x0, y0, x1, y1 }) => {
    const wanted = bounds[resolution.bands.indexOf(band)]!;
    return wanted.x0 < x1 && wanted.x1 > x0 && wanted.y0 < y1 && wanted.y1 > y0;
  });
}

describe('bytes that windows read', { skip: skipUnless('opj_compress') }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-bytes-'));
    const header = `P6\n${SIDE} ${SIDE}\n255\n`;
    writeFileSync(path.join(folder, 'picture.ppm'), Buffer.concat([Buffer.from(header), paintPicture()]));
  });
  after(() => rmSync(folder, { recursive: true }));

  function compress(options: string): Uint8Array {
    const [from, to] = [path.join(folder, 'picture.ppm'), path.join(folder, 'picture.j2k')];
    const args = ['-i', from, '-o', to, '-I', '-r', '8', '-n', '5', ...options.split(' ')];
    const { status, stdout } = spawnSync('opj_compress', args, { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    return new Uint8Array(readFileSync(to));
  }

  for (const [what, { options, isListed }] of Object.entries(KINDS)) {
    it(`are few more than those of their packets: ${what}, seed ${SEED}`, async () => {
      const bytes = compress(options);
      const { codestream } = await openStream(memorySource(bytes));
      const parts = await partsOf(bytes, codestream);
      const random = randomNumbers(SEED);
      for (let i = 0; i < WINDOWS; i++) {
        const reduction = i % (REDUCTIONS + 1);
        const side = Math.min(WINDOW, SIDE / 2 ** reduction / 2);
        const places = SIDE / 2 ** reduction / 64 - side / 64 + 1;
        const [x, y] = [Math.floor(random() * places) * 64, Math.floor(random() * places) * 64];
        const window = { x, y, width: side, height: side };
        const { source, counts } = countingSource(memorySource(bytes));
        const stream = await openStream(source);
        await stream.codestream.tileParts();
        const before = counts.bytes;
        await readStream(stream, { reduction, layers: 1, window });
        const read = counts.bytes - before;
        const needed = neededOf(parts, window, reduction);
        const allowed = MAX_RATIO * needed.bytes + (isListed ? 0 : PASSED_BYTES * needed.passed);
        const text = `${read} bytes for ${needed.bytes}, ${needed.passed} passed over, ${reduction} halvings, ${x},${y}`;
        assert.ok(read <= allowed, text);
      }
    });
  }
});
