import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError, type ErrorKind } from '../../../src/errors.ts';
import { parseRegion, parseSize } from '../../../src/protocols/iiif/image-request.ts';
import { resolveRegion, resolveSize, type SizeRules } from '../../../src/protocols/iiif/resolve.ts';

const FULL = { width: 2000, height: 1333 };
const V3: SizeRules = { version: 3, allowUpscaling: true, maxSide: 5000 };
const V2: SizeRules = { ...V3, version: 2 };
const isKind = (kind: ErrorKind) => (error: unknown) => error instanceof ServerError && error.kind === kind;

describe('a region in pixels', () => {
  const table: readonly (readonly [text: string, x: number, y: number, width: number, height: number])[] = [
    ['full', 0, 0, 2000, 1333],
    ['square', 333, 0, 1333, 1333],
    ['10,20,30,40', 10, 20, 30, 40],
    ['1900,1300,500,500', 1900, 1300, 100, 33],
    ['pct:10,20,30,40', 200, 267, 600, 533],
    ['pct:50,50,100,100', 1000, 667, 1000, 666],
    ['pct:99.99,0,0.01,100', 1999, 0, 1, 1333],
    ['0,0,99999999999999999999,5', 0, 0, 2000, 5],
  ];
  for (const [text, x, y, width, height] of table) {
    it(text, () => assert.deepEqual(resolveRegion(parseRegion(text), FULL), { x, y, width, height }));
  }
  for (const text of ['2000,0,1,1', '0,1333,1,1', 'pct:101,0,10,10']) {
    it(`${text} lies outside`, () =>
      assert.throws(() => resolveRegion(parseRegion(text), FULL), isKind('bad-request')));
  }
});

describe('a size in pixels', () => {
  const region = { width: 512, height: 384 };
  const table: readonly (readonly [text: string, rules: SizeRules, width: number, height: number])[] = [
    ['max', V3, 512, 384],
    ['^max', V3, 512, 384],
    ['max', { ...V3, maxSide: 256 }, 256, 192],
    ['full', V2, 512, 384],
    ['300,', V3, 300, 225],
    [',300', V3, 400, 300],
    ['300,200', V3, 300, 200],
    ['!300,200', V3, 267, 200],
    ['!900,900', V3, 512, 384],
    ['^!900,900', V3, 900, 675],
    ['^!9000,9000', V3, 5000, 3750],
    ['!900,900', V2, 900, 675],
    ['!900,900', { ...V2, allowUpscaling: false }, 512, 384],
    ['pct:25', V3, 128, 96],
    ['^pct:150', V3, 768, 576],
    ['^700,', V3, 700, 525],
    ['700,', V2, 700, 525],
    ['512,', V3, 512, 384],
  ];
  for (const [text, rules, width, height] of table) {
    it(`${text} in version ${rules.version}`, () => {
      assert.deepEqual(resolveSize(parseSize(text), region, rules), { width, height });
    });
  }

  it('is exactly what is asked for at the edge of an image', () => {
    const edge = { width: 464, height: 309 };
    assert.deepEqual(resolveSize(parseSize('256,'), edge, V3), { width: 256, height: 170 });
    assert.deepEqual(resolveSize(parseSize('1,'), { width: 10_000, height: 2 }, V3), { width: 1, height: 1 });
  });

  const refused: readonly (readonly [text: string, rules: SizeRules, kind: ErrorKind])[] = [
    ['700,', V3, 'bad-request'],
    ['100,385', V3, 'bad-request'],
    ['pct:150', V3, 'bad-request'],
    ['^6000,', V3, 'bad-request'],
    ['6000,', V2, 'bad-request'],
    ['pct:0.01', V3, 'bad-request'],
    ['^700,', { ...V3, allowUpscaling: false }, 'unsupported'],
    ['700,', { ...V2, allowUpscaling: false }, 'unsupported'],
  ];
  for (const [text, rules, kind] of refused) {
    it(`${text} is ${kind} in version ${rules.version}`, () => {
      assert.throws(() => resolveSize(parseSize(text), region, rules), isKind(kind));
    });
  }
});
