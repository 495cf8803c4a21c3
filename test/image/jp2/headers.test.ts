import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { ByteCursor } from '../../../src/image/jp2/byte-cursor.ts';
import { parseCanvas, tileBounds } from '../../../src/image/jp2/codestream/canvas.ts';
import { parseProgressionChanges, parseTileCoding } from '../../../src/image/jp2/codestream/coding-style.ts';
import { MARKER } from '../../../src/image/jp2/codestream/markers.ts';
import { addSegment, noSettings, resolveParameters } from '../../../src/image/jp2/codestream/parameters.ts';
import { bandStep, parseQuantization } from '../../../src/image/jp2/codestream/quantization.ts';
import { bytesOf, codBody, qcdBody, sizBody, u16, u8 } from './support/build-stream.ts';

const isOfKind = (kind: string) => (error: unknown) => error instanceof ServerError && error.kind === kind;

describe('SIZ', () => {
  it('is a grid, tiles and components', () => {
    const spec = { area: [3, 5, 103, 55], tile: [1, 2, 40, 30], components: [[0x87, 1, 1], [11, 2, 4]] } as const; // prettier-ignore
    const canvas = parseCanvas(bytesOf(sizBody(spec)));
    assert.deepEqual([canvas.x0, canvas.y0, canvas.x1, canvas.y1], [3, 5, 103, 55]);
    assert.deepEqual([canvas.columns, canvas.rows], [3, 2]);
    assert.deepEqual(canvas.components, [
      { precision: 8, isSigned: true, dx: 1, dy: 1 },
      { precision: 12, isSigned: false, dx: 2, dy: 4 },
    ]);
    assert.deepEqual(tileBounds(canvas, 0), { x0: 3, y0: 5, x1: 41, y1: 32 });
    assert.deepEqual(tileBounds(canvas, 5), { x0: 81, y0: 32, x1: 103, y1: 55 });
  });

  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ['no width', bytesOf(sizBody({ area: [8, 0, 8, 8] }))],
    ['no tile', bytesOf(sizBody({ tile: [0, 0, 0, 8] }))],
    ['a tile behind the area', bytesOf(sizBody({ tile: [1, 0, 8, 8] }))],
    ['a tile before the area', bytesOf(sizBody({ area: [9, 0, 20, 8] }))],
    ['too many tiles', bytesOf(sizBody({ area: [0, 0, 1000, 1000], tile: [0, 0, 1, 1] }))],
    ['no components', bytesOf(sizBody({ components: [] }))],
    ['too many bits', bytesOf(sizBody({ components: [[38, 1, 1]] }))],
    ['no sampling', bytesOf(sizBody({ components: [[7, 0, 1]] }))],
    ['an end before its components', bytesOf(sizBody()).subarray(0, 37)],
    ['hardly any bytes', bytesOf(sizBody()).subarray(0, 5)],
  ];
  for (const [what, body] of wrong) {
    it(`with ${what} is damaged`, () => assert.throws(() => parseCanvas(body), isOfKind('damaged')));
  }
});

describe('COD', () => {
  it('says how tiles are coded', () => {
    const body = codBody({
      progression: 3,
      layers: 12,
      transform: 1,
      levels: 1,
      style: 0x25,
      precincts: [0x77, 0x86],
    });
    const coding = parseTileCoding(bytesOf(body));
    assert.deepEqual([coding.progression, coding.layers, coding.hasColorTransform], ['PCRL', 12, true]);
    assert.deepEqual(coding.component.precincts, [{ x: 7, y: 7 }, { x: 6, y: 8 }]); // prettier-ignore
    assert.deepEqual(coding.component.block, { x: 6, y: 6 });
    assert.equal(coding.component.isReversible, true);
    const { bypass, terminateAll, segmentationSymbols, verticallyCausal, highThroughput } =
      coding.component.style;
    assert.deepEqual(
      [bypass, terminateAll, segmentationSymbols, verticallyCausal, highThroughput],
      [true, true, true, false, false],
    );
  });

  const change = (at: number, value: number): Uint8Array => {
    const body = bytesOf(codBody());
    body[at] = value;
    return body;
  };
  const wrong: readonly (readonly [string, Uint8Array, string])[] = [
    ['an unknown progression', change(1, 5), 'damaged'],
    ['no layers', change(3, 0), 'damaged'],
    ['33 levels', change(5, 33), 'damaged'],
    ['levels of part 2', change(5, 0x82), 'unsupported'],
    ['blocks of 2048', change(6, 9), 'damaged'],
    ['blocks of 64 by 256', change(7, 6), 'damaged'],
    ['a wavelet of part 2', change(9, 2), 'unsupported'],
    ['a color transform of part 2', change(4, 2), 'unsupported'],
    ['both kinds of blocks', change(8, 0xc0), 'unsupported'],
    ['precincts of one sample', bytesOf(codBody({ levels: 1, precincts: [0x00, 0x00] })), 'damaged'],
    ['an end before its precincts', bytesOf(codBody({ levels: 2, precincts: [0x77] })), 'damaged'],
  ];
  for (const [what, body, kind] of wrong) {
    it(`with ${what} is ${kind}`, () => assert.throws(() => parseTileCoding(body), isOfKind(kind)));
  }
});

describe('QCD', () => {
  it('without quantization has exponents', () => {
    const quantization = parseQuantization(
      new ByteCursor(bytesOf(u8(0x40, 8 << 3, 9 << 3, 9 << 3, 10 << 3))),
    );
    assert.equal(quantization.guardBits, 2);
    assert.deepEqual(bandStep(quantization, 0, 0), { exponent: 8, mantissa: 0 });
    assert.deepEqual(bandStep(quantization, 1, 2), { exponent: 10, mantissa: 0 });
  });

  it('derives steps from that of LL', () => {
    const quantization = parseQuantization(new ByteCursor(bytesOf(u8(0x21), u16((12 << 11) | 300))));
    const exponents = [0, 1, 2, 3].map((resolution) => bandStep(quantization, resolution, 0).exponent);
    assert.deepEqual(exponents, [12, 12, 11, 10]);
    assert.equal(bandStep(quantization, 3, 1).mantissa, 300);
  });

  it('has a step for each band', () => {
    const words = [1, 2, 3, 4].map((exponent) => (exponent << 11) | 7);
    const quantization = parseQuantization(new ByteCursor(bytesOf(u8(0x22), u16(...words))));
    assert.deepEqual(bandStep(quantization, 1, 1), { exponent: 3, mantissa: 7 });
  });
});

describe('POC', () => {
  it('has volumes of packets', () => {
    const body = bytesOf(u8(0, 0), u16(2), u8(3, 3, 1), u8(1, 2), u16(5), u8(40, 0, 4));
    assert.deepEqual(parseProgressionChanges(body, 3), [
      {
        progression: 'RLCP',
        firstResolution: 0,
        endResolution: 3,
        firstComponent: 0,
        endComponent: 3,
        endLayer: 2,
      },
      {
        progression: 'CPRL',
        firstResolution: 1,
        endResolution: 33,
        firstComponent: 2,
        endComponent: 3,
        endLayer: 5,
      },
    ]);
  });

  it('has wide numbers for many components', () => {
    const body = bytesOf(u8(0), u16(256, 2), u8(3), u16(300), u8(0));
    assert.equal(parseProgressionChanges(body, 300)[0]?.firstComponent, 256);
    assert.throws(() => parseProgressionChanges(body, 3), isOfKind('damaged'));
  });
});

describe('parameters', () => {
  it('of a tile win over those of the picture, of a component over those of all', () => {
    const main = noSettings();
    addSegment(main, MARKER.COD, bytesOf(codBody({ levels: 5 })), 3);
    addSegment(main, MARKER.QCD, bytesOf(qcdBody(5)), 3);
    addSegment(main, MARKER.COC, bytesOf(u8(1, 0, 4, 4, 4, 0, 1)), 3);
    addSegment(main, MARKER.RGN, bytesOf(u8(2, 0, 9)), 3);
    const levels = (tile = noSettings()): number[] =>
      resolveParameters(3, main, tile).components.map(({ coding }) => coding.levels);
    assert.deepEqual(levels(), [5, 4, 5]);
    const tile = noSettings();
    addSegment(tile, MARKER.COC, bytesOf(u8(0, 0, 3, 4, 4, 0, 1)), 3);
    assert.deepEqual(levels(tile), [3, 4, 5]);
    addSegment(tile, MARKER.COD, bytesOf(codBody({ levels: 2 })), 3);
    assert.deepEqual(levels(tile), [3, 2, 2]);
    assert.deepEqual(resolveParameters(3, main, tile).components.map(({ roiShift }) => roiShift), [0, 0, 9]); // prettier-ignore
  });

  it('speak of components that are there', () => {
    const body = bytesOf(u8(3, 0, 4, 4, 4, 0, 1));
    assert.throws(() => addSegment(noSettings(), MARKER.COC, body, 3), isOfKind('damaged'));
    assert.throws(() => resolveParameters(1, noSettings(), noSettings()), isOfKind('damaged'));
  });
});
