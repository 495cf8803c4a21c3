import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import { planHash, planKey } from '../../src/render/plan.ts';
import { planRegion, planTile, type PictureWish, type PlanSettings } from '../../src/render/plan-picture.ts';
import { knownSteps, orderSteps } from '../../src/render/order-steps.ts';
import { NO_PROCESSING, type Processing } from '../../src/render/steps.ts';
import { imageInfo, type InfoParts } from '../support/image-info.ts';
import { renderPlan, SOURCE } from '../support/plans.ts';

const SETTINGS: PlanSettings = {
  interpolation: 'bilinear', codecPassthrough: true, maxIccBytes: 65536, copyright: '', watermark: '', watermarkProbability: 1,
  watermarkOpacity: 1, watermarkBlend: 'add', maxRequestBytes: 500_000_000,
}; // prettier-ignore

function wish(parts: Partial<PictureWish> = {}, info: InfoParts = {}): PictureWish {
  return {
    info: imageInfo(info),
    source: SOURCE,
    encoding: { format: 'jpeg', quality: 75 },
    isQualityAsked: false,
    processing: NO_PROCESSING,
    ...parts,
  };
}

describe('a tile', () => {
  it('is a window of its level without steps', () => {
    const plan = planTile(wish(), 1, { column: 3, row: 2 }, SETTINGS);
    assert.deepEqual(plan, renderPlan({ level: 1, window: { x: 768, y: 512, width: 232, height: 154 } }));
  });

  it('is the same plan when a region asks for exactly it', () => {
    const tile = planTile(wish(), 1, { column: 1, row: 0 }, SETTINGS);
    const region = { x: 512, y: 0, width: 512, height: 512 };
    assert.deepEqual(planRegion(wish(), region, { width: 256, height: 256 }, SETTINGS), tile);
  });

  const copied = { storedEncoding: 'jpeg' } as const;
  it('is copied where it is stored in the encoding that is asked for', () => {
    const plan = planTile(wish({}, copied), 0, { column: 1, row: 2 }, SETTINGS);
    assert.deepEqual(plan.kind === 'copy' && [plan.column, plan.row], [1, 2]);
  });

  const refusals: readonly (readonly [
    why: string,
    wish: PictureWish,
    settings: PlanSettings,
    column: number,
  ])[] = [
    ['at the edge', wish({}, copied), SETTINGS, 7],
    ['with a quality asked for', wish({ isQualityAsked: true }, copied), SETTINGS, 0],
    ['in another encoding', wish({ encoding: { format: 'png', level: 1 } }, copied), SETTINGS, 0],
    ['with processing', wish({ processing: { ...NO_PROCESSING, invert: true } }, copied), SETTINGS, 0],
    ['with CODEC_PASSTHROUGH=0', wish({}, copied), { ...SETTINGS, codecPassthrough: false }, 0],
  ];
  for (const [why, asked, settings, column] of refusals) {
    it(`is rendered ${why}`, () =>
      assert.equal(planTile(asked, 0, { column, row: 0 }, settings).kind, 'render'));
  }
});

describe('a region', () => {
  it('is taken from the level that fits and resampled', () => {
    const plan = planRegion(
      wish(),
      { x: 0, y: 0, width: 2000, height: 1333 },
      { width: 300, height: 200 },
      SETTINGS,
    );
    assert.equal(plan.kind, 'render');
    assert.deepEqual(plan.kind === 'render' && [plan.level, plan.window, plan.steps], [
      2,
      { x: 0, y: 0, width: 500, height: 333 },
      [{ kind: 'resample', width: 300, height: 200, interpolation: 'bilinear' }],
    ]);
  });

  it('takes profile, XMP, EXIF, texts and the scaled density along', () => {
    const info: InfoParts = { icc: new Uint8Array(10), exif: new Uint8Array(4), metadata: { xmp: '<x/>' }, resolution: { x: 300, y: 300, unit: 'inch' } }; // prettier-ignore
    const plan = planRegion(
      wish({}, info),
      { x: 0, y: 0, width: 1000, height: 1000 },
      { width: 500, height: 500 },
      SETTINGS,
    );
    assert.deepEqual(plan.kind === 'render' && plan.embed, {
      icc: true, xmp: true, exif: true, metadata: true, resolution: { x: 150, y: 150, unit: 'inch' },
    }); // prettier-ignore
  });

  it('drops the profile when it is too large or no longer fits the colors', () => {
    const region = { x: 1, y: 0, width: 100, height: 100 };
    const iccOf = (asked: PictureWish, settings = SETTINGS) => {
      const plan = planRegion(asked, region, region, settings);
      return plan.kind === 'render' && plan.embed.icc;
    };
    const icc = new Uint8Array(100);
    assert.equal(iccOf(wish({}, { icc })), true);
    assert.equal(iccOf(wish({}, { icc }), { ...SETTINGS, maxIccBytes: 100 }), false);
    assert.equal(iccOf(wish({}, { icc }), { ...SETTINGS, maxIccBytes: Infinity }), true);
    assert.equal(iccOf(wish({ processing: { ...NO_PROCESSING, color: 'gray' } }, { icc })), false);
    assert.equal(iccOf(wish({ processing: { ...NO_PROCESSING, colormap: 'jet' } }, { icc })), false);
  });

  it('that would decode too much is refused', () => {
    const giant = wish({}, { sizes: [[100_000, 100_000]] });
    assert.throws(
      () =>
        planRegion(
          giant,
          { x: 0, y: 0, width: 100_000, height: 100_000 },
          { width: 100, height: 100 },
          SETTINGS,
        ),
      (error) => error instanceof ServerError && error.kind === 'too-large',
    );
  });
});

describe('a picture that costs too much memory', () => {
  it('is refused before anything is allocated', () => {
    const region = { x: 0, y: 0, width: 2000, height: 1333 };
    const settings = { ...SETTINGS, maxRequestBytes: 10_000_000 };
    assert.equal(planRegion(wish(), region, { width: 500, height: 333 }, settings).kind, 'render');
    assert.throws(
      () => planRegion(wish(), region, { width: 2000, height: 1333 }, settings),
      (error) => error instanceof ServerError && error.status === 413,
    );
  });
});

describe('the watermark', () => {
  const MARKED: PlanSettings = { ...SETTINGS, watermark: '/mark.tif', watermarkOpacity: 0.5 };
  const markOf = (plan: ReturnType<typeof planTile>) => {
    const last = plan.kind === 'render' ? plan.steps.at(-1) : undefined;
    return last?.kind === 'watermark' ? last : undefined;
  };

  it('is drawn once on a tile, and keeps a stored one from being copied', () => {
    const plan = planTile(wish({}, { storedEncoding: 'jpeg' }), 0, { column: 0, row: 0 }, MARKED);
    assert.deepEqual(markOf(plan), {
      kind: 'watermark',
      seed: markOf(plan)?.seed,
      opacity: 0.5,
      blend: 'add',
    });
  });

  it('is drawn in every block of a large region', () => {
    const region = { x: 0, y: 0, width: 2000, height: 1333 };
    assert.deepEqual(markOf(planRegion(wish(), region, { width: 1999, height: 1333 }, MARKED))?.block, {
      width: 512,
      height: 512,
    });
    assert.equal(markOf(planRegion(wish(), region, { width: 300, height: 200 }, MARKED))?.block, undefined);
  });

  it('is drawn as often as the probability says, on the same tiles each time', () => {
    const marked = (probability: number) =>
      Array.from({ length: 40 }, (_, tile) =>
        markOf(
          planTile(
            wish(),
            0,
            { column: tile % 8, row: Math.floor(tile / 8) },
            { ...MARKED, watermarkProbability: probability },
          ),
        ),
      ).filter((mark) => mark !== undefined).length;
    assert.deepEqual([marked(0), marked(1)], [0, 40]);
    assert.ok(marked(0.5) > 8 && marked(0.5) < 32);
    assert.equal(marked(0.5), marked(0.5));
  });
});

describe('steps', () => {
  const kinds = (
    processing: Partial<Processing>,
    info: InfoParts = {},
    format: 'jpeg' | 'png' | 'tiff' = 'jpeg',
    depth: 8 | 16 = 8,
  ) =>
    orderSteps(
      { ...NO_PROCESSING, ...processing },
      {
        info: imageInfo(info),
        window: { width: 10, height: 10 },
        output: { width: 5, height: 5 },
        interpolation: 'bilinear',
        format,
        depth,
      },
    ).map((step) => step.kind);

  it('are in the order of the specification', () => {
    const all: Partial<Processing> = {
      shade: { horizontal: 1, vertical: 2 }, twist: [[1, 0, 0]], curve: { kind: 'logarithm' }, invert: true,
      colormap: 'jet', convolution: [1], contrast: { kind: 'factor', factor: 2 }, color: 'gray', mirror: true, rotation: 90,
    }; // prettier-ignore
    assert.deepEqual(kinds(all), [
      'normalize', 'shade', 'twist', 'curve', 'invert', 'colormap', 'convolve', 'contrast', 'resample', 'gray', 'mirror', 'rotate',
    ]); // prettier-ignore
  });

  it('that look at one sample at a time are one step', () => {
    assert.deepEqual(kinds({ curve: { kind: 'gamma', exponent: 2 }, invert: true, ranges: [{ band: 'all', min: 0, max: 9 }] }), ['tone', 'resample']); // prettier-ignore
    assert.deepEqual(kinds({ contrast: { kind: 'stretch' } }), ['tone', 'resample']);
  });

  it('follow the samples of the image', () => {
    assert.deepEqual(kinds({}), ['resample']);
    assert.deepEqual(kinds({}, { bitsPerSample: 16 }), ['to-8-bit', 'resample']);
    assert.deepEqual(kinds({}, { bitsPerSample: 32, sampleFormat: 'float' }), ['tone', 'resample']);
    assert.deepEqual(kinds({}, { colorSpace: 'cielab' }), ['cielab-to-srgb', 'contrast', 'resample']);
    assert.deepEqual(kinds({ invert: true }, { colorSpace: 'cielab' }), [
      'cielab-to-srgb',
      'invert',
      'contrast',
      'resample',
    ]);
    assert.deepEqual(kinds({ contrast: { kind: 'equalize' } }), ['resample', 'equalize']);
  });

  it('keep 16 bits where they are asked for', () => {
    assert.deepEqual(kinds({}, { bitsPerSample: 16 }, 'png', 16), ['resample']);
    assert.deepEqual(kinds({ invert: true }, { bitsPerSample: 16 }, 'png', 16), [
      'normalize',
      'invert',
      'contrast',
      'resample',
    ]);
    assert.deepEqual(kinds({}, { bitsPerSample: 32, sampleFormat: 'float' }, 'tiff', 16), [
      'normalize',
      'contrast',
      'resample',
    ]);
  });

  it('leave the bands that the format holds', () => {
    assert.deepEqual(kinds({}, { bands: 4 }, 'png'), ['resample']);
    assert.deepEqual(kinds({}, { bands: 4 }), ['resample', 'keep-bands']);
    assert.deepEqual(kinds({}, { bands: 2 }), ['resample', 'keep-bands']);
    assert.deepEqual(kinds({}, { bands: 5 }, 'tiff'), ['resample']);
    assert.deepEqual(kinds({ twist: [[1]] }, { bands: 5 }), ['normalize', 'twist', 'contrast', 'resample']);
  });
});

describe('steps of the same processing', () => {
  const info = imageInfo();
  const context = {
    info,
    window: { width: 256, height: 256 },
    output: { width: 256, height: 256 },
    interpolation: 'bilinear',
    format: 'jpeg',
    depth: 8,
  } as const;
  const gray: Processing = { ...NO_PROCESSING, color: 'gray' };

  it('are one array for all tiles of an image, whatever their size', () => {
    const steps = knownSteps(gray, context);
    const edge = { width: 100, height: 7 };
    assert.equal(knownSteps(gray, { ...context, window: edge, output: edge }), steps);
    assert.deepEqual(steps, orderSteps(gray, context));
  });

  it('are those of what is asked for now', () => {
    const others = [
      { ...context, info: imageInfo({ bands: 1 }) },
      { ...context, info: imageInfo() },
      { ...context, output: { width: 128, height: 128 } },
      { ...context, output: { width: 128, height: 64 } },
      { ...context, output: { width: 128, height: 64 }, interpolation: 'nearest' as const },
      { ...context, format: 'tiff' as const },
      { ...context, depth: 16 as const },
      { ...context, colorManagement: 'srgb' as const },
    ];
    for (const other of others) {
      const before = knownSteps(gray, context);
      const steps = knownSteps(gray, other);
      assert.notEqual(steps, before);
      assert.deepEqual(steps, orderSteps(gray, other));
    }
  });
});

describe('the key of a plan', () => {
  it('is equal for equal plans and differs in every field', () => {
    const plan = renderPlan();
    assert.equal(planKey(plan), planKey(structuredClone(plan)));
    const others = [
      renderPlan({ level: 1 }),
      renderPlan({ window: { x: 1, y: 0, width: 256, height: 256 } }),
      renderPlan({ steps: [{ kind: 'mirror' }] }),
      renderPlan({ encoding: { format: 'jpeg', quality: 76 } }),
      renderPlan({ encoding: { format: 'png', level: 7 } }),
      renderPlan({ layers: 2 }),
      renderPlan({ embed: { ...plan.embed, icc: true } }),
      renderPlan({ embed: { ...plan.embed, xmp: true } }),
      renderPlan({ embed: { ...plan.embed, exif: true } }),
      renderPlan({ embed: { ...plan.embed, metadata: true } }),
      renderPlan({ embed: { ...plan.embed, rights: 'CC0' } }),
      renderPlan({ embed: { ...plan.embed, resolution: { x: 1, y: 1, unit: 'inch' } } }),
      renderPlan({ source: { ...SOURCE, page: 1 } }),
      renderPlan({ source: { ...SOURCE, path: '/images/b.tif' } }),
      renderPlan({ source: { ...SOURCE, identity: { ...SOURCE.identity, size: 9 } } }),
      renderPlan({ source: { ...SOURCE, identity: { ...SOURCE.identity, mtimeMs: 2.001 } } }),
      renderPlan({ source: { ...SOURCE, identity: { ...SOURCE.identity, inode: 9 } } }),
      { kind: 'copy', column: 0, row: 0, otherwise: plan } as const,
    ];
    const keys = [plan, ...others].map(planKey);
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(planHash(plan), createHash('sha1').update(planKey(plan)).digest('base64url'));
  });
});
