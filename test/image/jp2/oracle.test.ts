/** Every reduction and number of layers against OpenJPEG, where it is installed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { widenedBits } from '../../../src/image/raster.ts';
import { skipUnless } from '../../support/real-programs.ts';
import { fileSource } from '../support/sources.ts';
import { JP2_FIXTURES, jp2Fixtures, openStream, readStream } from './support/streams.ts';

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly samples: Uint8Array | Uint16Array;
}

/** A line of text, `PG ML + depth width height`, and samples of one or two bytes, the highest first. */
function parsePgx(bytes: Buffer): Plane {
  const end = bytes.indexOf('\n');
  const [depth = 0, width = 0, height = 0] = bytes.toString('latin1', 0, end).match(/\d+/g)!.map(Number);
  const body = bytes.subarray(end + 1);
  if (depth <= 8) return { width, height, samples: new Uint8Array(body) };
  const samples = Uint16Array.from({ length: width * height }, (_, i) => body.readUInt16BE(2 * i));
  return { width, height, samples };
}

/** The components as opj_decompress gives them. */
function decompress(file: string, reduction: number, layers: number): Plane[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-oracle-'));
  try {
    const args = ['-i', file, '-o', path.join(folder, 'out.pgx'), '-r', `${reduction}`, '-l', `${layers}`];
    const { status, stderr } = spawnSync('opj_decompress', args, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
    const names = readdirSync(folder).sort();
    return names.map((name) => parsePgx(readFileSync(path.join(folder, name))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isPart15 = (name: string): boolean => name.startsWith('ht-');

/** OpenJPEG decodes Part 15 from 2.5 on. */
function skipPart15(): string | false {
  const { stdout } = spawnSync('opj_decompress', ['-h'], { encoding: 'utf8' });
  const [, minor = '0'] = /library v2\.(\d+)/.exec(stdout) ?? [];
  return Number(minor) < 5 && 'this OpenJPEG is older than 2.5';
}

/** OpenJPEG takes three components of several sizes for YCC, and gives RGB of its own. */
const SKIPPED = new Set(['subsampled.j2k']);

/** Of the samples of lossy codestreams, those that differ by more than 1. */
const MAX_OFF = 0.005;

describe('JPEG 2000 against opj_decompress', { skip: skipUnless('opj_decompress') }, () => {
  for (const name of jp2Fixtures().filter((file) => !SKIPPED.has(file))) {
    it(name, { skip: isPart15(name) && skipPart15() }, async () => {
      const file = path.join(JP2_FIXTURES, name);
      const stream = await openStream(fileSource(file));
      const { layers, components } = stream.parameters;
      const isLossless = components.every(({ coding }) => coding.isReversible);
      for (let reduction = 0; reduction <= stream.levels; reduction++) {
        for (let count = 1; count <= layers; count++) {
          const what = `${reduction} halvings, ${count} layers`;
          const planes = decompress(file, reduction, count);
          const raster = await readStream(stream, { reduction, layers: count });
          assert.equal(planes.length, raster.bands);
          const narrow = widenedBits(stream.bands.storedBits);
          let off = 0;
          planes.forEach(({ width, height, samples }, band) => {
            const { dx, dy } = stream.codestream.header.canvas.components[band]!;
            assert.deepEqual(
              [width, height],
              [Math.ceil(raster.width / dx), Math.ceil(raster.height / dy)],
              what,
            );
            samples.forEach((sample, i) => {
              const [x, y] = [(i % width) * dx, Math.floor(i / width) * dy];
              const at = (y * raster.width + x) * raster.bands + band;
              const distance = Math.abs((raster.data[at]! >> narrow) - sample);
              if (distance > (isLossless ? 0 : 1)) off++;
            });
          });
          assert.ok(
            off <= (isLossless ? 0 : MAX_OFF * raster.data.length),
            `${off} samples are off: ${what}`,
          );
        }
      }
    });
  }
});

/** The picture as OpenJPH writes it: PGM or PPM, two bytes for samples of more than eight bits, the highest first. */
function expand(file: string, reduction: number, bands: number): Plane & { readonly bands: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-oracle-'));
  try {
    const out = path.join(folder, bands === 1 ? 'out.pgm' : 'out.ppm');
    const args = ['-i', file, '-o', out, '-skip_res', `${reduction}`];
    const { status, stdout, stderr } = spawnSync('ojph_expand', args, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stdout + stderr);
    const bytes = readFileSync(out);
    const [text = '', width, height, max] = /^P[56]\s+(\d+)\s+(\d+)\s+(\d+)\s/.exec(
      bytes.toString('latin1', 0, 64),
    )!;
    const body = bytes.subarray(text.length);
    const count = Number(width) * Number(height) * bands;
    const samples =
      Number(max) <= 255
        ? new Uint8Array(body)
        : Uint16Array.from({ length: count }, (_, i) => body.readUInt16BE(2 * i));
    return { width: Number(width), height: Number(height), samples, bands };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('high throughput against ojph_expand', { skip: skipUnless('ojph_expand') }, () => {
  for (const name of jp2Fixtures().filter(isPart15)) {
    it(name, async () => {
      const file = path.join(JP2_FIXTURES, name);
      const stream = await openStream(fileSource(file));
      assert.ok(stream.parameters.components.every(({ coding }) => coding.style.highThroughput));
      const isLossless = stream.parameters.components.every(({ coding }) => coding.isReversible);
      for (let reduction = 0; reduction <= stream.levels; reduction++) {
        const raster = await readStream(stream, { reduction, layers: 1 });
        const expected = expand(file, reduction, raster.bands);
        assert.deepEqual([expected.width, expected.height], [raster.width, raster.height]);
        let off = 0;
        expected.samples.forEach((sample, at) => {
          if (Math.abs(sample - raster.data[at]!) > (isLossless ? 0 : 1)) off++;
        });
        assert.ok(
          off <= (isLossless ? 0 : MAX_OFF * raster.data.length),
          `${off} samples are off: ${reduction}`,
        );
      }
    });
  }
});
