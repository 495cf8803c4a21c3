import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Raster } from '../../src/image/raster.ts';
import type { ImageReader } from '../../src/image/reader.ts';
import { namedKernel } from '../../src/processing/convolve.ts';
import { typeOf } from '../../src/processing/chain.ts';
import { Convolution } from '../../src/processing/convolve.ts';
import { contrastStep, normalizeStep } from '../../src/processing/tone-steps.ts';
import { resample } from '../../src/processing/resample.ts';
import { executePlan } from '../../src/render/execute.ts';
import { orderSteps } from '../../src/render/order-steps.ts';
import { NO_PROCESSING, type Processing } from '../../src/render/steps.ts';
import { resampleStrips } from '../../src/render/resample-strips.ts';
import { collectStrips, readStrips, stripRows } from '../../src/render/strips.ts';
import { openFixture } from '../support/fixtures.ts';
import { renderPlan } from '../support/plans.ts';

const NEVER = { throwIfAborted: () => {} };
const WHOLE = { x: 0, y: 0, width: 2000, height: 1333 };

async function pixelsOf(
  reader: ImageReader,
  processing: Partial<Processing>,
  output = { width: 700, height: 467 },
) {
  const context = {
    info: reader.info,
    window: WHOLE,
    output,
    interpolation: 'bilinear',
    format: 'tiff',
    depth: 8,
  } as const;
  const plan = renderPlan({
    window: WHOLE,
    steps: orderSteps({ ...NO_PROCESSING, ...processing }, context),
    encoding: { format: 'tiff', compression: 'none', quality: 1 },
  });
  const file = await executePlan(plan, { reader, cancellation: NEVER });
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function assertSame(made: { data: Uint8Array; width: number; height: number }, expected: Raster): void {
  assert.deepEqual([made.width, made.height], [expected.width, expected.height]);
  assert.equal(
    Buffer.compare(
      made.data,
      Buffer.from(expected.data.buffer, expected.data.byteOffset, expected.data.byteLength),
    ),
    0,
  );
}

describe('a picture made in strips', () => {
  it('is in strips that end where rows of tiles end', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    const window = { x: 100, y: 300, width: 1900, height: 1000 };
    assert.deepEqual(stripRows(reader, { page: 0, level: 0, window }), [
      { top: 0, height: 212 },
      { top: 212, height: 256 },
      { top: 468, height: 256 },
      { top: 724, height: 256 },
      { top: 980, height: 20 },
    ]);
  });

  it('is the same as in one piece: resampled', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    const address = { page: 0, level: 0, window: WHOLE };
    const whole = await reader.readWindow(address);
    for (const to of [
      { width: 700, height: 467 },
      { width: 2100, height: 1400 },
      { width: 3, height: 2 },
    ]) {
      // prettier-ignore
      for (const interpolation of ['nearest', 'bilinear', 'lanczos'] as const) {
        const strips = resampleStrips(readStrips(reader, address, { cancellation: NEVER }), WHOLE, { ...to, interpolation });
        assert.deepEqual(await collectStrips(strips, to.height), resample(whole, to, interpolation));
      }
    }
    assertSame(await pixelsOf(reader, {}), resample(whole, { width: 700, height: 467 }, 'bilinear'));
  });

  it('is the same as in one piece: with steps that look at neighbors', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    const kernel = namedKernel('sharpen')!;
    const whole = await reader.readWindow({ page: 0, level: 0, window: WHOLE });
    const before = [normalizeStep(reader.info.sampleRange)];
    const once = new Convolution(typeOf(whole), before, kernel, [contrastStep(1, 8)]);
    assertSame(await pixelsOf(reader, { convolution: kernel }, WHOLE), once.apply(whole));
  });

  it('is read once: no tile is decoded twice', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    const rows: number[] = [];
    const counting: ImageReader = {
      ...reader,
      info: reader.info,
      readWindow: (address, cancellation) => {
        rows.push(address.window.height);
        return reader.readWindow(address, cancellation);
      },
    };
    await pixelsOf(counting, {});
    assert.equal(
      rows.reduce((sum, height) => sum + height, 0),
      1333,
    );
  });

  it('stops between two strips when nobody waits', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    let looks = 0;
    const cancellation = {
      throwIfAborted: () => {
        if (++looks > 3) throw new DOMException('left', 'AbortError');
      },
    };
    await assert.rejects(async () => executePlan(renderPlan({ window: WHOLE }), { reader, cancellation }), {
      name: 'AbortError',
    });
  });
});

describe('steps that need the image', () => {
  it('take the histogram of the image, not of the window', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    const small = { x: 0, y: 0, width: 8, height: 8 };
    const context = {
      info: reader.info,
      window: small,
      output: small,
      interpolation: 'bilinear',
      format: 'png',
      depth: 8,
    } as const;
    const steps = orderSteps({ ...NO_PROCESSING, color: 'binary' }, context);
    const file = await executePlan(
      renderPlan({ window: small, steps, encoding: { format: 'png', level: 1 } }),
      { reader, cancellation: NEVER },
    );
    const gray = await reader.readWindow({ page: 0, level: 0, window: small });
    const pixels = await sharp(file).toColourspace('b-w').raw().toBuffer();
    assert.equal(pixels.length, 64);
    for (let i = 0; i < 64; i++) {
      const [r = 0, g = 0, b = 0] = gray.data.subarray(i * 3, i * 3 + 3);
      // The threshold of this picture is 128.
      assert.equal(pixels[i], 0.299 * r + 0.587 * g + 0.114 * b < 128 ? 0 : 255);
    }
  });

  it('draw the mark where the seed says, the same each time', async () => {
    const reader = await openFixture('rgb-deflate.tif');
    const mark = {
      width: 4,
      height: 4,
      bands: 1,
      bitsPerSample: 8,
      sampleFormat: 'uint',
      data: new Uint8Array(16).fill(255),
    } as const;
    const plan = renderPlan({
      steps: [{ kind: 'watermark', seed: 7, opacity: 1, blend: 'over' }],
      encoding: { format: 'png', level: 1 },
    });
    const [first, second] = [
      await executePlan(plan, { reader, cancellation: NEVER, mark }),
      await executePlan(plan, { reader, cancellation: NEVER, mark }),
    ];
    assert.equal(Buffer.compare(first, second), 0);
    const plain = await reader.readWindow({ page: 0, level: 0, window: plan.window });
    const marked = await sharp(first).raw().toBuffer();
    const changed = [...marked.keys()].filter((i) => marked[i] !== plain.data[i]);
    assert.ok(changed.length > 24 && changed.length <= 48, `${changed.length} samples changed`);
    assert.ok(changed.every((i) => marked[i] === 255));
  });
});
