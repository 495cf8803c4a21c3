import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Raster } from '../../src/image/raster.ts';
import { contrast } from '../../src/processing/contrast.ts';
import { gamma } from '../../src/processing/gamma.ts';
import { lookupMemo } from '../../src/processing/lookup-memo.ts';
import { buildLookup, type SampleKind } from '../../src/processing/lookup.ts';
import { normalize } from '../../src/processing/normalize.ts';
import { applyTone, type Tone } from '../../src/processing/tone.ts';
import {
  bytes,
  everyByte,
  everyWord,
  floats,
  listOf,
  noiseBytes,
  noiseWords,
  sameRange,
} from './rasters-of.ts';
import { applyLookup } from './reference/lookup.ts';

const PLAIN = { curve: { kind: 'linear' }, invert: false, contrast: 1 } as const;

/** Everything that a tone can say, for samples up to `white`. */
function tones(bands: number, white: number): Tone[] {
  const full = { ...PLAIN, range: sameRange(bands, 0, white) };
  const part = { ...PLAIN, range: sameRange(bands, white / 7, white / 2) };
  const gammas = [0.45, 2.2].map((exponent) => ({ ...full, curve: { kind: 'gamma', exponent } as const }));
  return [
    full,
    part,
    ...gammas,
    { ...full, curve: { kind: 'logarithm' } },
    { ...full, invert: true },
    { ...full, contrast: 1.7 },
    { ...part, curve: { kind: 'gamma', exponent: 0.8 }, invert: true, contrast: 1.2 },
    { ...part, colormap: 'jet', invert: true, contrast: 0.9 },
    { ...full, colormap: 'viridis' },
  ];
}

function kindOf(raster: Raster): SampleKind {
  const { bitsPerSample, bands } = raster;
  assert.ok(bitsPerSample !== 32);
  return { bitsPerSample, bands };
}

const byTable = (raster: Raster, tone: Tone) => applyLookup(raster, buildLookup(kindOf(raster), tone));

describe('applyTone', () => {
  it('normalizes, bends, inverts and brings to 8 bits', () => {
    const raster = bytes(1, [0, 64], [128, 255]);
    const tone: Tone = {
      range: sameRange(1, 0, 256),
      curve: { kind: 'gamma', exponent: 0.5 },
      invert: true,
      contrast: 1,
    };
    // 1 - sqrt(0), 1 - sqrt(1/4), 1 - sqrt(1/2), 1 - sqrt(255/256), times 255.
    assert.deepEqual(listOf(applyTone(raster, tone)), [255, 127, 74, 0]);
    assert.deepEqual(
      listOf(applyTone(floats(1, [0.5, NaN]), { ...PLAIN, range: sameRange(1, 0, 1) })),
      [127, 0],
    );
  });

  it('is its kernels in their order', () => {
    const raster = noiseBytes({ width: 8, height: 8 }, 3);
    const tone: Tone = {
      ...PLAIN,
      range: sameRange(3, 20, 180),
      curve: { kind: 'gamma', exponent: 2 },
      contrast: 1.5,
    };
    assert.deepEqual(applyTone(raster, tone), contrast(gamma(normalize(raster, tone.range), 2), 1.5));
  });
});

describe('lookup', () => {
  it('gives the bytes of the steps for every 8-bit sample', () => {
    for (const tone of tones(1, 255))
      assert.deepEqual(byTable(everyByte(), tone), applyTone(everyByte(), tone));
  });

  it('gives the bytes of the steps for every 16-bit sample', () => {
    for (const tone of tones(1, 65535))
      assert.deepEqual(byTable(everyWord(), tone), applyTone(everyWord(), tone));
  });

  it('does so for several bands, each with its range', () => {
    const range = { min: [0, 50, 0, 10], max: [255, 200, 255, 90] };
    const raster = noiseBytes({ width: 16, height: 9 }, 4);
    for (const tone of tones(4, 255))
      assert.deepEqual(byTable(raster, { ...tone, range }), applyTone(raster, { ...tone, range }));
    const many = noiseWords({ width: 5, height: 3 }, 31);
    const [tone] = tones(31, 65535);
    assert.deepEqual(byTable(many, tone!), applyTone(many, tone!));
  });

  it('has one table where bands are treated alike', () => {
    const tone = { ...PLAIN, range: { min: [0, 5, 0], max: [255, 200, 255] } };
    const lookup = buildLookup({ bitsPerSample: 8, bands: 3 }, tone);
    assert.ok(lookup.kind === 'levels');
    assert.equal(lookup.tables[0], lookup.tables[2]);
    assert.notEqual(lookup.tables[0], lookup.tables[1]);
  });

  it('refuses rasters of another kind', () => {
    const [plain] = tones(1, 255);
    const levels = buildLookup({ bitsPerSample: 8, bands: 1 }, plain!);
    const colors = buildLookup({ bitsPerSample: 8, bands: 1 }, { ...plain!, colormap: 'hot' });
    assert.throws(() => applyLookup(everyWord(), levels), RangeError);
    assert.throws(() => applyLookup(everyWord(), colors), RangeError);
    assert.throws(() => applyLookup(bytes(2, [1, 2]), levels), RangeError);
    assert.throws(() => applyLookup(floats(1, [1]), levels), RangeError);
  });
});

describe('lookupMemo', () => {
  const kind = { bitsPerSample: 8, bands: 1 } as const;
  const [one, two, three] = tones(1, 255) as [Tone, Tone, Tone];

  it('gives the same tables again for the same tone and kind', () => {
    const find = lookupMemo(4);
    const lookup = find(kind, one);
    assert.deepEqual(lookup, buildLookup(kind, one));
    assert.equal(find(kind, { ...one, range: sameRange(1, 0, 255) }), lookup);
    assert.notEqual(find(kind, two), lookup);
    assert.notEqual(find({ bitsPerSample: 16, bands: 1 }, one), lookup);
    assert.notEqual(find({ bitsPerSample: 8, bands: 2 }, { ...one, range: sameRange(2, 0, 255) }), lookup);
  });

  it('forgets what was not used for longest', () => {
    const find = lookupMemo(2);
    const [first, second] = [find(kind, one), find(kind, two)];
    assert.equal(find(kind, one), first);
    find(kind, three);
    assert.equal(find(kind, one), first);
    assert.notEqual(find(kind, two), second);
  });
});
