import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildTiff, pictureTags } from '../support/build-tiff.ts';
import type { PictureSpec, TagSpec } from '../support/build-tiff.ts';
import { openBytes, openFixture } from '../support/sources.ts';
import type { ImageInfo } from '../../../src/image/info.ts';

async function infoOf(picture: Partial<PictureSpec>, options = {}): Promise<ImageInfo> {
  const tags = pictureTags({ width: 16, height: 16, ...picture });
  const samples = (picture.bands ?? 1) * 8;
  return (
    await openBytes(
      buildTiff([{ tags, segments: Array<Uint8Array>(samples).fill(new Uint8Array(0)) }], options),
    )
  ).info;
}

const numbers = (tag: TagSpec['tag'], type: TagSpec['type'], ...values: number[]): TagSpec => ({
  tag,
  type,
  values,
});
const text = (tag: TagSpec['tag'], values: string): TagSpec => ({ tag, type: 'ascii', values });

describe('metadata of a TIFF', () => {
  it('comes from its tags', async () => {
    const { metadata } = await infoOf({
      extra: [
        text('Artist', 'A. Painter'),
        text('Copyright', '© Museum'),
        text('DateTime', '2026:01:02 03:04:05'),
        text('ImageDescription', 'a scene'),
        text('DocumentName', 'Scene'),
        text('PageName', 'one'),
        text('Software', 'vips'),
        text('Make', 'Cam'),
        text('Model', 'X'),
        text('XMP', '<x/>'),
      ],
    });
    assert.deepEqual(metadata, {
      creator: 'A. Painter',
      rights: '© Museum',
      date: '2026:01:02 03:04:05',
      description: 'a scene',
      title: 'Scene',
      pagename: 'one',
      software: 'vips',
      make: 'Cam',
      model: 'X',
      xmp: '<x/>',
    });
  });

  it('has no fields that the file does not fill', async () => {
    const info = await infoOf({ extra: [text('Artist', '')] });
    assert.deepEqual(info.metadata, {});
    assert.deepEqual(
      ['resolution', 'icc', 'exif', 'layers'].filter((key) => key in info),
      [],
    );
  });

  it('has the profile, and the fixture its own', async () => {
    const profile = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const { icc } = await infoOf({ extra: [{ tag: 'ICCProfile', type: 'undefined', values: profile }] });
    assert.deepEqual(icc, profile);
    const { info } = await openFixture('metadata.tif');
    assert.equal(Buffer.from(info.icc?.subarray(36, 40) ?? []).toString(), 'acsp');
    assert.match(info.metadata.xmp ?? '', /^<\?xpacket/);
  });
});

describe('resolution of a TIFF', () => {
  const x = numbers('XResolution', 'rational', 300);
  const y = numbers('YResolution', 'rational', 150.5);
  const cases: readonly (readonly [string, readonly TagSpec[], ImageInfo['resolution']])[] = [
    ['is in inches unless it says otherwise', [x, y], { x: 300, y: 150.5, unit: 'inch' }],
    [
      'may be in centimeters',
      [x, y, numbers('ResolutionUnit', 'short', 3)],
      { x: 300, y: 150.5, unit: 'cm' },
    ],
    ['may have no unit', [x, y, numbers('ResolutionUnit', 'short', 1)], { x: 300, y: 150.5, unit: 'none' }],
    ['may be the same both ways', [x], { x: 300, y: 300, unit: 'inch' }],
    ['may be 0, and so be none', [numbers('XResolution', 'rational', 0), y], undefined],
    ['may be no number', [{ ...x, values: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) }, y], undefined],
    ['may be missing', [y], undefined],
  ];
  for (const [name, extra, resolution] of cases)
    it(name, async () => assert.deepEqual((await infoOf({ extra })).resolution, resolution));
});

describe('sample range of a TIFF', () => {
  const float = numbers('SampleFormat', 'short', 3);
  const smin = (type: TagSpec['type'], ...values: number[]): TagSpec =>
    numbers('SMinSampleValue', type, ...values);
  const smax = (type: TagSpec['type'], ...values: number[]): TagSpec =>
    numbers('SMaxSampleValue', type, ...values);
  const cases: readonly (readonly [string, Partial<PictureSpec>, number[], number[]])[] = [
    ['is all of 8 bits', {}, [0], [255]],
    ['is all of 16 bits', { bits: 16 }, [0], [65_535]],
    ['is all of 16 bits for 12 that were expanded', { bits: 12 }, [0], [65_535]],
    ['is all of 32 bits', { bits: 32 }, [0], [4_294_967_295]],
    ['is 0 to 1 for floats', { bits: 32, extra: [float] }, [0], [1]],
    [
      'is what the file says',
      { bits: 32, extra: [float, smin('float', -120), smax('float', 2_480)] },
      [-120],
      [2_480],
    ],
    ['is of any type', { bits: 32, extra: [float, smin('sshort', -7), smax('double', 0.25)] }, [-7], [0.25]],
    [
      'is said for each band',
      { bands: 3, photometric: 2, extra: [smin('short', 1, 2, 3), smax('short', 4, 5, 6)] },
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      'is said once for all bands',
      { bands: 3, photometric: 2, extra: [smax('short', 9)] },
      [0, 0, 0],
      [9, 9, 9],
    ],
    ['is whole where the largest is 0', { extra: [smin('short', 3), smax('short', 0)] }, [0], [255]],
    [
      'is expanded as the samples are',
      { bits: 12, extra: [smin('short', 1), smax('short', 0xabc)] },
      [16],
      [0xabca],
    ],
    [
      'is turned round as the samples are',
      { photometric: 0, extra: [smin('short', 10), smax('short', 200)] },
      [55],
      [245],
    ],
    [
      'is the whole one for signed samples',
      { bits: 16, extra: [numbers('SampleFormat', 'short', 2)] },
      [-32_768],
      [32_767],
    ],
    [
      'may end at 0 for signed samples',
      { bits: 16, extra: [numbers('SampleFormat', 'short', 2), smin('sshort', -50), smax('sshort', 0)] },
      [-50],
      [0],
    ],
    [
      'is turned round instead of floats where 0 is white',
      { bits: 32, photometric: 0, extra: [numbers('SampleFormat', 'short', 3)] },
      [1],
      [0],
    ],
    ['is not believed for one bit', { bits: 1, extra: [smax('short', 1)] }, [0], [255]],
  ];
  for (const [name, picture, min, max] of cases) {
    it(name, async () => assert.deepEqual((await infoOf(picture)).sampleRange, { min, max }));
  }
});

describe('color space of a TIFF', () => {
  const alpha = numbers('ExtraSamples', 'short', 2);
  const cases: readonly (readonly [Partial<PictureSpec>, ImageInfo['colorSpace'], number])[] = [
    [{ bits: 1 }, 'bilevel', 1],
    [{ bits: 1, photometric: 0 }, 'bilevel', 1],
    [{ bits: 4 }, 'gray', 1],
    [{ bands: 2, extra: [alpha] }, 'gray', 2],
    [{ bands: 2 }, 'multiband', 2],
    [{ bands: 31 }, 'multiband', 31],
    [{ bands: 3, photometric: 2 }, 'rgb', 3],
    [{ bands: 4, photometric: 2, extra: [alpha] }, 'rgb', 4],
    [{ bands: 4, photometric: 5 }, 'cmyk', 4],
    [{ bands: 6, photometric: 5 }, 'multiband', 6],
    [{ bands: 5, photometric: 5 }, 'cmyk', 4],
    [{ bands: 5, photometric: 5, extra: [alpha] }, 'cmyk', 5],
    [{ bands: 2, photometric: 3, extra: [alpha] }, 'rgb', 4],
    [{ bands: 2, photometric: 3 }, 'rgb', 3],
    [{ bands: 3, photometric: 9 }, 'cielab', 3],
    [{ bands: 3, photometric: 10 }, 'cielab', 3],
    [{ bits: 1, photometric: 4 }, 'bilevel', 1],
    [{ bands: 3, photometric: 6 }, 'rgb', 3],
    [{ bands: 3, photometric: 8 }, 'cielab', 3],
    [{ photometric: 3 }, 'rgb', 3],
  ];
  for (const [picture, colorSpace, bands] of cases) {
    it(`is ${colorSpace} for ${JSON.stringify({ ...picture, extra: picture.extra?.length })}`, async () => {
      const inks = picture.bands === 6 ? { extra: [numbers('InkSet', 'short', 2)] } : {};
      const info = await infoOf({ ...picture, ...inks });
      assert.deepEqual([info.colorSpace, info.bands], [colorSpace, bands]);
    });
  }

  it('takes the number of samples when no color space is said', async () => {
    const tags = pictureTags({ width: 16, height: 16, bands: 3 }).filter(
      ({ tag }) => tag !== 'PhotometricInterpretation',
    );
    const { info } = await openBytes(buildTiff([{ tags, segments: [new Uint8Array(768)] }]));
    assert.equal(info.colorSpace, 'rgb');
  });
});

describe('TIFF that is not decoded', () => {
  const cases: readonly (readonly [Partial<PictureSpec>, RegExp])[] = [
    [{ compression: 4 }, /8 bits in "ccitt-g4"/],
    [{ compression: 50_002 }, /jpeg xl/],
    [{ compression: 52_546 }, /jpeg xl/],
    [{ compression: 34_934 }, /jpeg xr/],
    [{ compression: 34_661 }, /jbig/],
    [{ compression: 34_676 }, /sgilog/],
    [{ compression: 32_909 }, /pixarlog/],
    [{ compression: 32_766 }, /next/],
    [{ compression: 32_809 }, /thunderscan/],
    [{ compression: 6 }, /old-style jpeg/],
    [{ compression: 4_711 }, /4711/],
    [{ photometric: 32_803 }, /color filter array/],
    [{ photometric: 32_845 }, /LogLuv/],
    [{ photometric: 4_711 }, /interpretation 4711/],
    [{ photometric: 6, bands: 3, bits: 12 }, /YCbCr samples of 12 bits/],
    [{ photometric: 6, bands: 3, extra: [numbers('YCbCrSubSampling', 'short', 3, 1)] }, /by 3 and 1/],
    [{ bits: 20 }, /20 bits/],
    [{ bits: 8, extra: [numbers('SampleFormat', 'short', 3)] }, /floating-point samples of 8 bits/],
    [{ bits: 32, extra: [numbers('SampleFormat', 'short', 5)] }, /complex/],
    [{ compression: 5, bits: 4, extra: [numbers('Predictor', 'short', 2)] }, /predictor 2/],
    [{ compression: 5, extra: [numbers('Predictor', 'short', 3)] }, /predictor 3/],
    [{ compression: 5, extra: [numbers('Predictor', 'short', 9)] }, /predictor 9/],
    [{ compression: 7, bits: 12 }, /12 bits/],
    [{ compression: 7, bands: 2 }, /2 samples/],
    [{ photometric: 8, bands: 1 }, /CIELAB/],
  ];
  for (const [picture, message] of cases) {
    it(`says what is not: ${message.source}`, () =>
      assert.rejects(infoOf(picture), { kind: 'unsupported', status: 501, message }));
  }

  it('names samples of different width', async () => {
    const tags = pictureTags({ width: 16, height: 16, bands: 3, photometric: 2 }).map((tag) =>
      tag.tag === 'BitsPerSample' ? numbers('BitsPerSample', 'short', 5, 6, 5) : tag,
    );
    await assert.rejects(openBytes(buildTiff([{ tags, segments: [new Uint8Array(1)] }])), {
      kind: 'unsupported',
    });
  });

  it('refuses tiles that no memory holds', async () => {
    const tile = { width: 65_520, height: 65_520 };
    await assert.rejects(infoOf({ tile }), { kind: 'too-large' });
  });
});
