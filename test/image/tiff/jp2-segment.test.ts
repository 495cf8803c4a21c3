import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
    assert.ok(Buffer.from(data).equals(Buffer.from(expected)));
  });

  it('is damaged when it has another size, or is none', async () => {
    const narrow = await inTiff('rgb-lossless.jp2', { compression: 34_712, width: 100 });
    await assert.rejects(openBytes(narrow).then(readLevel), { kind: 'damaged' });
    const tags = pictureTags({ width: 16, height: 16, compression: 34_712 });
    const none = buildTiff([{ tags, segments: [Uint8Array.of(1, 2, 3, 4)] }]);
    await assert.rejects(openBytes(none).then(readLevel), { kind: 'damaged' });
  });
});
