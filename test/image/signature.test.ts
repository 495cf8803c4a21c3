import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { fileKind, KIND_NAMES, SIGNATURE_BYTES } from '../../src/image/signature.ts';
import { fixture } from './support/sources.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('fileKind', () => {
  const files = [
    ['rgb-jpeg.tif', 'tiff'],
    ['rgb16-bigendian.tif', 'tiff'],
    ['rgb-bigtiff.tif', 'tiff'],
    ['photo.jpg', 'jpeg'],
    ['grey.jp2', 'jp2'],
    ['raw-codestream.j2k', 'j2k'],
    ['text.txt', undefined],
    ['empty.tif', undefined],
  ] as const;
  for (const [name, kind] of files) {
    it(`knows ${name} as ${kind}`, () =>
      assert.equal(fileKind(readFileSync(fixture(name)).subarray(0, SIGNATURE_BYTES)), kind));
  }

  for (const format of ['png', 'webp', 'gif', 'avif'] as const) {
    it(`knows ${format}`, async () => {
      const picture = sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } });
      assert.equal(fileKind(await picture.toFormat(format).toBuffer()), format);
    });
  }

  const starts = [
    ['MM\0+\0\x08\0\0', 'tiff'],
    ['II*\0', 'tiff'],
    ['II*', undefined],
    ['II\0*', undefined],
    ['\xff\xd8\xff', 'jpeg'],
    ['\xff\xd8', undefined],
    ['\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjph \0\0\0\0', 'jph'],
    ['\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjpx \0\0\0\0', 'jpx'],
    ['\0\0\0\x1cftypheic', 'heic'],
    ['\xff\x0a', 'jxl'],
    ['', undefined],
  ] as const;
  for (const [start, kind] of starts) {
    it(`knows ${JSON.stringify(start)} as ${kind}`, () => assert.equal(fileKind(latin1(start)), kind));
  }

  it('has a name for people for every kind', () => {
    for (const name of Object.values(KIND_NAMES)) assert.match(name, /^[A-Z]/);
  });
});
