import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DEFAULT_YCBCR } from '../../../src/image/tiff/pixel-tags.ts';
import { ycbcrToRgb } from '../../../src/image/tiff/ycbcr.ts';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import { fixture, openBytes, openFixture, readLevel } from '../support/sources.ts';

/** A picture as the only tile of a TIFF. */
async function inTiff(
  name: string,
  spec: { readonly compression: number; readonly photometric?: number; readonly width?: number },
): Promise<Uint8Array> {
  const { info } = await openFixture(name);
  const { width, height } = info.levels[0]!;
  const tile = { width: spec.width ?? width, height };
  const tags = pictureTags({ width, height, bands: info.bands, photometric: 2, ...spec, tile });
  return buildTiff([{ tags, segments: [new Uint8Array(readFileSync(fixture(name)))] }]);
}

describe('JPEG 2000 in TIFF', () => {
  for (const [name, photometric, compression] of [
    ['rgb-lossless.jp2', 2, 34_712],
    ['grey.jp2', 1, 34_712],
    ['raw-codestream.j2k', 2, 33_005],
  ] as const) {
    it(`${name} as compression ${compression}`, async () => {
      const { data } = await readLevel(await openBytes(await inTiff(name, { compression, photometric })));
      assert.ok(Buffer.from(data).equals(Buffer.from((await readLevel(await openFixture(name))).data)));
    });
  }

  it('is luma and chroma in the number that Aperio has for it', async () => {
    const file = await inTiff('rgb-lossless.jp2', { compression: 33_003 });
    const { data } = await readLevel(await openBytes(file));
    const expected = Uint8Array.from((await readLevel(await openFixture('rgb-lossless.jp2'))).data);
    ycbcrToRgb(expected, DEFAULT_YCBCR);
    // libtiff's sixteen binary places round otherwise here and there.
    assert.ok(data.every((sample, i) => Math.abs(sample - expected[i]!) <= 1));
  });

  it('is made RGB once where its chroma is coarser, so that the codestream tells of it, too', async () => {
    const { data } = await readLevel(await openFixture('jp2/subsampled.j2k'));
    for (const compression of [33_003, 33_005, 34_712]) {
      const file = await inTiff('jp2/subsampled.j2k', { compression });
      assert.deepEqual((await readLevel(await openBytes(file))).data, data, String(compression));
    }
  });

  it('is luma and chroma in what libvips writes, as libvips reads it', async () => {
    const { data, bands } = await readLevel(await openFixture('libvips-jp2k.tif'));
    const truth = await readLevel(await openFixture('tiff/rgb.tif'));
    assert.equal(bands, 3);
    assert.ok(data.every((sample, i) => Math.abs(sample - truth.data[i]!) <= 3));
  });

  it('is red, green and blue under the same number when another library has written it', async () => {
    const file = Buffer.from(await inTiff('raw-codestream.j2k', { compression: 33_004 }));
    file.write('Created by: JJ2000 ', file.indexOf('Created by OpenJPEG'), 'latin1');
    const { data } = await readLevel(await openBytes(new Uint8Array(file)));
    assert.deepEqual(data, (await readLevel(await openFixture('raw-codestream.j2k'))).data);
  });

  for (const compression of [34_712, 33_005, 33_004]) {
    for (const isLittleEndian of [true, false]) {
      it(`of 16 bits as compression ${compression}, ${isLittleEndian ? 'II' : 'MM'}`, async () => {
        const { info } = await openFixture('grey16.jp2');
        const { width, height } = info.levels[0]!;
        const tags = pictureTags({ width, height, bits: 16, compression, tile: { width, height } });
        const segments = [new Uint8Array(readFileSync(fixture('grey16.jp2')))];
        const raster = await readLevel(await openBytes(buildTiff([{ tags, segments }], { isLittleEndian })));
        assert.equal(raster.bitsPerSample, 16);
        assert.deepEqual(raster.data, (await readLevel(await openFixture('grey16.jp2'))).data);
      });
    }
  }

  it('of 16 bits is luma and chroma in the number that Aperio has for it', async () => {
    const [name] = readdirSync(fixture('jp2')).filter((file) => file.includes('16') && file.includes('rgb'));
    assert.ok(name !== undefined);
    const { info } = await openFixture(`jp2/${name}`);
    const { width, height } = info.levels[0]!;
    const tags = pictureTags({
      width,
      height,
      bands: 3,
      bits: 16,
      photometric: 2,
      compression: 33_003,
      tile: { width, height },
    });
    const file = buildTiff([{ tags, segments: [new Uint8Array(readFileSync(fixture(`jp2/${name}`)))] }]);
    const { data } = await readLevel(await openBytes(file));
    const stored = (await readLevel(await openFixture(`jp2/${name}`))).data;
    for (let i = 0; i < stored.length; i += 3 * 97) {
      const [y, cb, cr] = [stored[i]!, stored[i + 1]! - 32_768, stored[i + 2]! - 32_768];
      const expected = [y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb];
      expected.forEach((value, band) => {
        assert.ok(Math.abs(data[i + band]! - Math.min(Math.max(value, 0), 65_535)) <= 0.5);
      });
    }
  });

  it('is damaged when its samples are wider or narrower than the tags say', async () => {
    for (const [name, bits] of [
      ['grey16.jp2', 8],
      ['grey.jp2', 16],
    ] as const) {
      const { width, height } = (await openFixture(name)).info.levels[0]!;
      const tags = pictureTags({ width, height, bits, compression: 34_712, tile: { width, height } });
      const file = buildTiff([{ tags, segments: [new Uint8Array(readFileSync(fixture(name)))] }]);
      await assert.rejects(openBytes(file).then(readLevel), { kind: 'damaged' });
    }
  });

  it('is damaged when it has another size, or is none', async () => {
    const narrow = await inTiff('rgb-lossless.jp2', { compression: 34_712, width: 100 });
    await assert.rejects(openBytes(narrow).then(readLevel), { kind: 'damaged' });
    const tags = pictureTags({ width: 16, height: 16, compression: 34_712 });
    const none = buildTiff([{ tags, segments: [Uint8Array.of(1, 2, 3, 4)] }]);
    await assert.rejects(openBytes(none).then(readLevel), { kind: 'damaged' });
  });
});
