/** PPM, PPT, PLM and PLT on real codestreams: headers and lengths that were moved change no sample. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Chunks } from '../../../src/image/jp2/codestream/chunks.ts';
import { MARKER } from '../../../src/image/jp2/codestream/markers.ts';
import { cutOut } from '../../../src/image/jp2/cut-out.ts';
import { memorySource } from '../../../src/image/memory-source.ts';
import type { Raster } from '../../../src/image/raster.ts';
import { skipUnless } from '../../support/real-programs.ts';
import { rewriteStream, type Arrangement } from './support/rewrite-stream.ts';
import { JP2_FIXTURES, openStream, readStream, type OpenStream } from './support/streams.ts';

const STREAMS = [
  'tiled-lossless.j2k',
  'lrcp.j2k',
  'rlcp-plt.j2k',
  'pcrl-sop-eph.j2k',
  'cprl-sop-eph-plt.j2k',
  'tile-parts.j2k',
  'poc.j2k',
  'offsets.j2k',
  'five-bands.j2k',
  'terminated.j2k',
  'all-styles.j2k',
  'ht-lossy-tiled.j2k',
];

const ARRANGEMENTS: Record<string, Arrangement> = {
  'PPM in one segment': { headers: 'PPM' },
  'PPM in many segments': { headers: 'PPM', segmentBytes: 37 },
  'PPT in one segment': { headers: 'PPT' },
  'PPT in several segments': { headers: 'PPT', segmentBytes: 37 },
  'PLT beside PPM': { headers: 'PPM', lengths: 'PLT' },
  PLT: { lengths: 'PLT', segmentBytes: 50 },
  'no list': {},
};

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(JP2_FIXTURES, name)));

const hasIndex = ({ codestream }: OpenStream, marker: number): boolean =>
  codestream.header.indexes.some((segment) => segment.marker === marker);

/** Whether headers of the first tile's packets are elsewhere. */
async function arePacked({ codestream }: OpenStream): Promise<boolean> {
  const tile = await codestream.tile(0, new Chunks(codestream.source));
  return tile?.header.packedHeaders !== undefined;
}

describe('packet headers that are packed', () => {
  for (const name of STREAMS) {
    it(`are found, and give the same samples: ${name}`, async () => {
      const original = bytesOf(name);
      const whole = await openStream(memorySource(original));
      const { layers } = whole.parameters;
      const wishes = Array.from({ length: whole.levels + 1 }, (_, reduction) => ({
        reduction,
        layers: reduction === 1 ? 1 : layers,
      }));
      const expected: Raster['data'][] = [];
      for (const wish of wishes) expected.push((await readStream(whole, wish)).data);
      for (const [what, arrangement] of Object.entries(ARRANGEMENTS)) {
        const moved = await rewriteStream(original, arrangement);
        const stream = await openStream(memorySource(moved));
        assert.equal(hasIndex(stream, MARKER.PPM), arrangement.headers === 'PPM', what);
        assert.equal(await arePacked(stream), arrangement.headers !== undefined, what);
        for (const [i, wish] of wishes.entries()) {
          const { data } = await readStream(stream, wish);
          assert.deepEqual(data, expected[i], `${what}, ${i} halvings`);
        }
      }
    });
  }

  it('of the main header go along with tiles that are cut out', async () => {
    const whole = await openStream(memorySource(bytesOf('tile-parts.j2k')));
    const moved = await openStream(
      memorySource(await rewriteStream(bytesOf('tile-parts.j2k'), { headers: 'PPM' })),
    );
    const tiles = { x0: 1, y0: 1, x1: 2, y1: 2 };
    const [expected, found] = [await cutOut(whole.codestream, tiles), await cutOut(moved.codestream, tiles)];
    const [part, plain] = [
      await openStream(memorySource(found.bytes)),
      await openStream(memorySource(expected.bytes)),
    ];
    assert.ok((await arePacked(part)) && !hasIndex(part, MARKER.PPM));
    const wish = { reduction: 0, layers: 3 };
    assert.deepEqual((await readStream(part, wish)).data, (await readStream(plain, wish)).data);
  });

  const skip = skipUnless('opj_decompress');
  for (const name of ['tiled-lossless.j2k', 'tile-parts.j2k', 'pcrl-sop-eph.j2k'])
    for (const headers of ['PPM', 'PPT'] as const)
      it(`are what OpenJPEG takes for the same picture: ${name}, ${headers}`, { skip }, async () => {
        const moved = await rewriteStream(bytesOf(name), { headers, segmentBytes: 200 });
        assert.deepEqual(decompress(moved), decompress(bytesOf(name)));
      });
});

/** The picture as PPM. */
function decompress(bytes: Uint8Array): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-packed-'));
  try {
    const [from, to] = [path.join(folder, 'in.j2k'), path.join(folder, 'out.ppm')];
    writeFileSync(from, bytes);
    const { status, stderr } = spawnSync('opj_decompress', ['-i', from, '-o', to], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('lengths of packets in the main header (PLM)', () => {
  it('say where packets are', async () => {
    const original = bytesOf('tiled-lossless.j2k');
    const listed = await rewriteStream(original, { lengths: 'PLM', segmentBytes: 100 });
    const stream = await openStream(memorySource(listed));
    assert.ok(hasIndex(stream, MARKER.PLM));
    const whole = await openStream(memorySource(original));
    for (const reduction of [0, 1, 2]) {
      const wish = { reduction, layers: 1 };
      assert.deepEqual((await readStream(stream, wish)).data, (await readStream(whole, wish)).data);
    }
  });

  it('that lie are given up for the packets themselves', async () => {
    const original = bytesOf('tiled-lossless.j2k');
    const listed = await rewriteStream(original, { lengths: 'PLM' });
    const at = Buffer.from(listed).indexOf(Buffer.from([MARKER.PLM >> 8, MARKER.PLM & 0xff]));
    // Two packets of the first tile-part: one longer, the other shorter by as much.
    listed[at + 6]! += 1;
    listed[at + 7]! -= 1;
    const stream = await openStream(memorySource(listed));
    const { data } = await readStream(stream, { reduction: 0, layers: 1, isStrict: false });
    const whole = await openStream(memorySource(original));
    assert.deepEqual(data, (await readStream(whole, { reduction: 0, layers: 1 })).data);
  });
});
