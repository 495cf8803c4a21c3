import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namedKernel } from '../../../src/processing/convolve.ts';
import { COMMANDS, parseCommand } from '../../../src/protocols/iip/commands.ts';
import { parseQuery } from '../../../src/protocols/iip/answer.ts';

/** One good and several odd values for every command. */
const TABLE: readonly (readonly [pair: string, ...expected: unknown[]])[] = [
  ['FIF=a+b%20c.tif', { kind: 'image', name: 'a b c.tif' }],
  ['fif=x%00y', { kind: 'image', name: 'xy' }],
  ['OBJ=IIP,1.0', { kind: 'object', name: 'IIP,1.0' }],
  ['WID=300', { kind: 'width', pixels: 300 }],
  ['WID=12abc', { kind: 'width', pixels: 12 }],
  ['WID=abc', { kind: 'width', pixels: 0 }],
  ['WID=333e1', { kind: 'width', pixels: 333 }],
  ['WID=2.9', { kind: 'width', pixels: 2 }],
  ['HEI=-5', { kind: 'height', pixels: -5 }],
  ['RGN=0.1,0.2,0.3,0.4', { kind: 'region', region: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } }],
  ['RGN=0.75,0.75,0.5,2', { kind: 'region', region: { x: 0.75, y: 0.75, width: 0.25, height: 0.25 } }],
  ['RGN=-1,-1,0.5,0.5', { kind: 'region', region: { x: 0, y: 0, width: 0.5, height: 0.5 } }],
  ['RGN=0,0,0,1', { kind: 'nothing' }],
  ['RGN=1,1,1,1', { kind: 'nothing' }],
  ['RGN=0,0,1', { kind: 'nothing' }],
  ['CVT=jpeg', { kind: 'export', format: 'jpeg' }],
  ['CVT=PNG', { kind: 'export', format: 'png' }],
  ['CVT=nonsense', { kind: 'export', format: 'jpeg' }],
  ['CVT=constructor', { kind: 'export', format: 'jpeg' }],
  ['JTL=2,3', { kind: 'tile', format: 'jpeg', resolution: 2, tile: 3 }],
  ['PTL=-1,0', { kind: 'tile', format: 'png', resolution: -1, tile: 0 }],
  ['WTL=1', { kind: 'tile', format: 'webp', resolution: 1, tile: 0 }],
  ['ATL=1,2', { kind: 'tile', format: 'avif', resolution: 1, tile: 2 }],
  ['TTL=1,2', { kind: 'tile', format: 'tiff', resolution: 1, tile: 2 }],
  [
    'JTLS=90,2,3,60',
    { kind: 'view', horizontal: 90, vertical: 60 },
    { kind: 'tile', format: 'jpeg', resolution: 2, tile: 3 },
  ],
  ['TIL=2,0-3', { kind: 'tiles', resolution: 2, first: 0, last: 3 }],
  ['TIL=2,1', { kind: 'tiles', resolution: 2, first: 1, last: 1 }],
  ['SDS=90,60', { kind: 'view', horizontal: 90, vertical: 60 }],
  ['SDS=90', { kind: 'view', horizontal: 90, vertical: 0 }],
  ['QLT=80', { kind: 'quality', value: 80 }],
  ['QLT=deflate:6', { kind: 'quality', value: 6, compression: 'deflate' }],
  ['QLT=nonsense:6', { kind: 'quality', value: 6 }],
  ['CNT=1.5', { kind: 'contrast', contrast: { kind: 'factor', factor: 1.5 } }],
  ['CNT=ST', { kind: 'contrast', contrast: { kind: 'stretch' } }],
  ['CNT=equalization', { kind: 'contrast', contrast: { kind: 'equalize' } }],
  ['GAM=2.2', { kind: 'curve', curve: { kind: 'gamma', exponent: 2.2 } }],
  ['GAM=log', { kind: 'curve', curve: { kind: 'logarithm' } }],
  ['MINMAX=1:20,180', { kind: 'range', range: { band: 1, min: 20, max: 180 } }],
  ['MINMAX=-:20,180', { kind: 'range', range: { band: 'all', min: 20, max: 180 } }],
  ['MINMAX=20,180', { kind: 'nothing' }],
  ['INV=1', { kind: 'invert' }],
  ['CMP=JET', { kind: 'colormap', map: 'jet' }],
  ['CMP=nope', { kind: 'nothing' }],
  ['SHD=30,45', { kind: 'shade', horizontal: 30, vertical: 45 }],
  ['CTW=%5B1,0;0.5,2%5D', { kind: 'twist', matrix: [[1, 0], [0.5, 2]] }], // prettier-ignore
  ['CTW=[]', { kind: 'nothing' }],
  ['COL=grey', { kind: 'color', color: 'gray' }],
  ['COL=binary', { kind: 'color', color: 'binary' }],
  ['COL=blue', { kind: 'nothing' }],
  ['CNV=sobel', { kind: 'convolve', kernel: namedKernel('sobel') }],
  ['CNV=[1,1,1,1,1,1,1,1,1]', { kind: 'convolve', kernel: [1, 1, 1, 1, 1, 1, 1, 1, 1] }],
  ['CNV=[1,2,3]', { kind: 'nothing' }],
  ['ROT=90', { kind: 'rotate', degrees: 90, isMirrored: false }],
  ['ROT=!180', { kind: 'rotate', degrees: 180, isMirrored: true }],
  ['ROT=-90', { kind: 'rotate', degrees: 270, isMirrored: false }],
  ['LYR=2', { kind: 'layers', layers: 2 }],
  ['SPECTRA=1,0,3,4', { kind: 'spectra', resolution: 1, tile: 0, x: 3, y: 4 }],
  ['PFL=3:5,6-12,7', { kind: 'profile', resolution: 3, from: { x: 5, y: 6 }, to: { x: 12, y: 7 } }],
  ['PFL=3:5,6', { kind: 'profile', resolution: 3, from: { x: 5, y: 6 }, to: { x: 5, y: 6 } }],
  ['BIT=16', { kind: 'depth', bits: 16 }],
  ['BIT=12', { kind: 'depth', bits: 8 }],
  ['ICC=1', { kind: 'nothing' }],
];

describe('IIP commands', () => {
  for (const [pair, ...expected] of TABLE) {
    it(pair, () => assert.deepEqual(parseQuery(pair), expected));
  }

  it('are all in this table', () => {
    const tried = new Set(TABLE.map(([pair]) => pair.split('=', 1)[0]!.toUpperCase()));
    assert.deepEqual(
      Object.keys(COMMANDS).filter((name) => !tried.has(name)),
      [],
    );
  });

  it('are parsed from left to right; empty names and values are skipped', () => {
    const kinds = parseQuery('&FIF=x&=1&WID=&&WID=7&JTL=0,0').map((command) => command.kind);
    assert.deepEqual(kinds, ['image', 'width', 'tile']);
  });

  it('that do not exist are unknown, whatever they are called', () => {
    for (const name of ['FOO', 'constructor', '__proto__', '<b>']) {
      assert.deepEqual(parseCommand(name, '1'), [{ kind: 'unknown', name }]);
    }
  });

  it('stay small and finite whatever numbers they are given', () => {
    const [twist] = parseQuery(`CTW=[${'1e999,'.repeat(5000)};${'1;'.repeat(5000)}]`);
    assert.ok(
      twist?.kind === 'twist' && twist.matrix.length <= 256 && twist.matrix.every((row) => row.length <= 256),
    );
    assert.deepEqual(parseQuery(`WID=${'9'.repeat(10_000)}`), [{ kind: 'width', pixels: 0 }]);
  });
});
