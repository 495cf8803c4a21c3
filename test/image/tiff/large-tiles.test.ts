/** Pictures that are stored as tiles and are much larger than those are refused before they are decoded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { ServerError } from '../../../src/errors.ts';
import { decodeJpeg } from '../../../src/image/jpeg/decode.ts';
import type { EncodedSegment } from '../../../src/image/tiff/compression.ts';
import { decodeWebpSegment } from '../../../src/image/tiff/webp-segment.ts';

const TILE = { width: 16, height: 16 };
const large = sharp({ create: { width: 4_000, height: 4_000, channels: 3, background: '#468' } });

const isOverLimit = (error: unknown): boolean =>
  error instanceof ServerError && error.kind === 'damaged' && /pixel limit/.test(JSON.stringify(error.facts));

describe('a tile of 16 million pixels where 256 are announced', () => {
  for (const progressive of [false, true])
    it(`is refused before it is decoded: ${progressive ? 'progressive' : 'sequential'} JPEG`, async () => {
      const bytes = await large.clone().jpeg({ progressive }).toBuffer();
      await assert.rejects(async () => decodeJpeg(bytes, 3, TILE), isOverLimit);
    });

  it('is refused before it is decoded: WebP', async () => {
    const bytes = await large.clone().webp({ lossless: true, effort: 0 }).toBuffer();
    // Nothing else is looked at.
    const segment = { ...TILE, bytes, samplesPerPixel: 3 } as unknown as EncodedSegment;
    await assert.rejects(async () => decodeWebpSegment(segment), isOverLimit);
  });
});
