import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import {
  parseImageRequest,
  parseRegion,
  parseRotation,
  parseSize,
} from '../../../src/protocols/iiif/image-request.ts';

const isBadRequest = (error: unknown): boolean =>
  error instanceof ServerError && error.kind === 'bad-request';
const STANDARD = { hasExtraQualities: false };

describe('IIIF region', () => {
  const good: readonly (readonly [text: string, expected: unknown])[] = [
    ['full', { kind: 'full' }],
    ['square', { kind: 'square' }],
    ['1,2,3,4', { kind: 'pixels', x: 1, y: 2, width: 3, height: 4 }],
    ['pct:41.6,7.5,.5,70', { kind: 'percent', x: 41.6, y: 7.5, width: 0.5, height: 70 }],
  ];
  for (const [text, expected] of good) it(text, () => assert.deepEqual(parseRegion(text), expected));
  const bad = ['', 'Full', '1,2,3', '1,2,3,4,5', '-1,0,5,5', '1.5,0,5,5', 'a,b,c,d', '0,0,0,5', '0,0,5,0', ' 1,2,3,4', 'pct:1,2,3', 'pct:-1,0,5,5', 'pct:1e2,0,5,5', 'pct:0,0,0,0', '+1,2,3,4', '1,2,3,4 ']; // prettier-ignore
  for (const text of bad)
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseRegion(text), isBadRequest));
});

describe('IIIF size', () => {
  const good: readonly (readonly [text: string, expected: unknown])[] = [
    ['max', { kind: 'max', mayEnlarge: false }],
    ['^max', { kind: 'max', mayEnlarge: true }],
    ['full', { kind: 'max', mayEnlarge: false }],
    ['100,', { kind: 'width', mayEnlarge: false, width: 100 }],
    ['^100,', { kind: 'width', mayEnlarge: true, width: 100 }],
    [',100', { kind: 'height', mayEnlarge: false, height: 100 }],
    ['100,50', { kind: 'exact', mayEnlarge: false, width: 100, height: 50 }],
    ['!100,50', { kind: 'inside', mayEnlarge: false, width: 100, height: 50 }],
    ['^!100,50', { kind: 'inside', mayEnlarge: true, width: 100, height: 50 }],
    ['pct:12.5', { kind: 'percent', mayEnlarge: false, percent: 12.5 }],
    ['^pct:120', { kind: 'percent', mayEnlarge: true, percent: 120 }],
  ];
  for (const [text, expected] of good) it(text, () => assert.deepEqual(parseSize(text), expected));
  const bad = ['', ',', '100', '100abc,', 'x,y', '0,', ',0', '0,0', '!0,5', '!100,', '!,100', '-5,', '1.5,', '100,50,1', 'pct:', 'pct:0', 'pct:-1', 'pct:1e1', '^full', '!^10,10', '^^10,', 'Max', 'pct:5,']; // prettier-ignore
  for (const text of bad)
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseSize(text), isBadRequest));
});

describe('IIIF rotation', () => {
  const good: readonly (readonly [text: string, isMirrored: boolean, degrees: number])[] = [
    ['0', false, 0],
    ['90', false, 90],
    ['!180', true, 180],
    ['22.5', false, 22.5],
    ['360', false, 0],
    ['!0', true, 0],
  ];
  for (const [text, isMirrored, degrees] of good) {
    it(text, () => assert.deepEqual(parseRotation(text), { isMirrored, degrees }));
  }
  for (const text of ['', '-90', '361', 'abc', '90deg', '!', '!!90', '1e2', '+90', 'NaN']) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseRotation(text), isBadRequest));
  }
});

describe('IIIF quality and format', () => {
  it('are the part after the last slash', () => {
    const { quality, format, extension } = parseImageRequest(['full', 'max', '0', 'gray.tif'], STANDARD);
    assert.deepEqual({ quality, format, extension }, { quality: 'gray', format: 'tiff', extension: 'tif' });
  });

  it('are refused when they are not offered', () => {
    for (const last of [
      'default',
      'default.',
      '.jpg',
      'default.jp2',
      'default.JPG',
      'nonsense.jpg',
      'negative.jpg',
      'default.constructor',
    ]) {
      assert.throws(() => parseImageRequest(['full', 'max', '0', last], STANDARD), isBadRequest, last);
    }
  });

  it('are more with IIIF_EXTENSIONS', () => {
    assert.equal(
      parseImageRequest(['full', 'max', '0', 'negative.jpg'], { hasExtraQualities: true }).quality,
      'negative',
    );
  });
});
