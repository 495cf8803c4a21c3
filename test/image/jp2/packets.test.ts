import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCanvas } from '../../../src/image/jp2/codestream/canvas.ts';
import { MARKER } from '../../../src/image/jp2/codestream/markers.ts';
import { addSegment, noSettings, resolveParameters } from '../../../src/image/jp2/codestream/parameters.ts';
import { passesLeftInSegment } from '../../../src/image/jp2/packets/coding-passes.ts';
import { Contributions } from '../../../src/image/jp2/packets/contributions.ts';
import { resolutionOf, tileGeometry, type TileGeometry } from '../../../src/image/jp2/packets/geometry.ts';
import { HeaderBits } from '../../../src/image/jp2/packets/header-bits.ts';
import { packetOrder } from '../../../src/image/jp2/packets/packet-order.ts';
import { PacketParser } from '../../../src/image/jp2/packets/packet-parser.ts';
import { BLOCK, PrecinctMaker } from '../../../src/image/jp2/packets/precinct.ts';
import {
  bytesOf,
  codBody,
  qcdBody,
  sizBody,
  u16,
  u8,
  type CanvasSpec,
  type CodSpec,
} from './support/build-stream.ts';

function tileOf(canvasSpec: CanvasSpec, cod: CodSpec, poc?: Uint8Array) {
  const canvas = parseCanvas(bytesOf(sizBody(canvasSpec)));
  const settings = noSettings();
  const count = canvas.components.length;
  addSegment(settings, MARKER.COD, bytesOf(codBody(cod)), count);
  addSegment(settings, MARKER.QCD, bytesOf(qcdBody(cod.levels)), count);
  if (poc !== undefined) addSegment(settings, MARKER.POC, poc, count);
  const parameters = resolveParameters(count, settings, noSettings());
  return { parameters, geometry: tileGeometry(canvas, parameters, 0) };
}

/** Component, resolution and precinct of each packet: `c0r1p2`. */
function names(geometry: TileGeometry, order: Iterable<number>): string[] {
  return [...order].map((number) => {
    const { component, resolution, firstPrecinct } = resolutionOf(geometry, number);
    return `c${component}r${resolution}p${number - firstPrecinct}`;
  });
}

/** 8 by 4 samples; two precincts of 4 by 4 in the higher resolution, one in the lower. */
const SMALL: CanvasSpec = { area: [0, 0, 8, 4], tile: [0, 0, 8, 8] };
const TWO: CanvasSpec = { ...SMALL, components: [[7, 1, 1], [7, 1, 1]] }; // prettier-ignore
const PRECINCTS = [0x22, 0x22];

describe('the order of packets', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, 'c0r0p0 c1r0p0 c0r1p0 c0r1p1 c1r1p0 c1r1p1 c0r0p0 c1r0p0 c0r1p0 c0r1p1 c1r1p0 c1r1p1'],
    [1, 'c0r0p0 c1r0p0 c0r0p0 c1r0p0 c0r1p0 c0r1p1 c1r1p0 c1r1p1 c0r1p0 c0r1p1 c1r1p0 c1r1p1'],
    [2, 'c0r0p0 c0r0p0 c1r0p0 c1r0p0 c0r1p0 c0r1p0 c1r1p0 c1r1p0 c0r1p1 c0r1p1 c1r1p1 c1r1p1'],
    [3, 'c0r0p0 c0r0p0 c0r1p0 c0r1p0 c1r0p0 c1r0p0 c1r1p0 c1r1p0 c0r1p1 c0r1p1 c1r1p1 c1r1p1'],
    [4, 'c0r0p0 c0r0p0 c0r1p0 c0r1p0 c0r1p1 c0r1p1 c1r0p0 c1r0p0 c1r1p0 c1r1p0 c1r1p1 c1r1p1'],
  ];
  for (const [progression, expected] of cases) {
    it(`of progression ${progression}`, () => {
      const { geometry, parameters } = tileOf(TWO, {
        progression,
        layers: 2,
        levels: 1,
        precincts: PRECINCTS,
      });
      assert.equal(names(geometry, packetOrder(geometry, parameters)).join(' '), expected);
    });
  }

  it('follows places on the reference grid when components are sampled differently', () => {
    const canvas: CanvasSpec = { ...SMALL, components: [[7, 1, 1], [7, 2, 2]] }; // prettier-ignore
    const { geometry, parameters } = tileOf(canvas, { progression: 2, levels: 1, precincts: PRECINCTS });
    assert.equal(
      names(geometry, packetOrder(geometry, parameters)).join(' '),
      'c0r0p0 c1r0p0 c0r1p0 c1r1p0 c0r1p1',
    );
  });

  it('changes with POC, without a packet twice', () => {
    const poc = bytesOf(u8(0, 0), u16(1), u8(2, 1, 0), u8(0, 0), u16(1), u8(2, 2, 4));
    const { geometry, parameters } = tileOf(TWO, { levels: 1, precincts: PRECINCTS }, poc);
    assert.equal(
      names(geometry, packetOrder(geometry, parameters)).join(' '),
      'c0r0p0 c0r1p0 c0r1p1 c1r0p0 c1r1p0 c1r1p1',
    );
  });

  it('has no packets of resolutions that are empty', () => {
    const { geometry, parameters } = tileOf({ area: [7, 7, 8, 8] }, { levels: 2 });
    assert.deepEqual(names(geometry, packetOrder(geometry, parameters)), ['c0r2p0']);
  });
});

describe('the bits of packet headers', () => {
  it('are seven behind a byte of ones', () => {
    const bits = new HeaderBits();
    bits.start(Uint8Array.of(0xff, 0x7f, 0x80), 0, 3);
    assert.equal(bits.bits(15), 0x7fff);
    assert.equal(bits.bit(), 1);
    assert.equal(bits.finish(), 3);
    assert.equal(bits.isOverrun, false);
  });

  it('end behind the byte that follows a last byte of ones', () => {
    const bits = new HeaderBits();
    bits.start(Uint8Array.of(0xff, 0x00, 0x12), 0, 3);
    bits.bits(8);
    assert.equal(bits.finish(), 2);
  });

  it('are zeros when there are no more', () => {
    const bits = new HeaderBits();
    bits.start(Uint8Array.of(0xf0), 0, 1);
    assert.equal(bits.bits(12), 0xf00);
    assert.equal(bits.isOverrun, true);
  });
});

/** Bits as text to bytes, stuffed, the last one filled up. */
function packBits(text: string): Uint8Array {
  const bytes: number[] = [];
  let rest = text.replaceAll(' ', '');
  while (rest !== '') {
    const count = bytes.at(-1) === 0xff ? 7 : 8;
    bytes.push(parseInt(rest.slice(0, count).padEnd(count, '0'), 2));
    rest = rest.slice(count);
  }
  if (bytes.at(-1) === 0xff) bytes.push(0);
  return Uint8Array.from(bytes);
}

describe('packet headers', () => {
  /** 200 by 100 samples without levels: code-blocks of 64 in four columns and two rows. */
  const { geometry } = tileOf({ area: [0, 0, 200, 100], tile: [0, 0, 200, 100] }, {});
  const [resolution] = geometry.resolutions;
  const { style } = geometry.components[0]!.parameters.coding;

  /** 3 by 2 code-blocks. */
  const sixBlocks = tileOf({ area: [0, 0, 192, 128], tile: [0, 0, 192, 128] }, {}).geometry.resolutions[0]!;

  it('say which code-blocks are in the packet, by tag trees, and how many passes and bytes they have', () => {
    const contributions = new Contributions();
    const parser = new PacketParser(contributions);
    const precinct = new PrecinctMaker().create(sixBlocks, 0);
    const parse = (layer: number, ...bits: readonly string[]): boolean => {
      const bytes = packBits(bits.join(''));
      const isRight = parser.parse({ bytes, at: 0, end: bytes.length }, layer, style, () => precinct);
      assert.equal(parser.headerEnd, bytes.length);
      return isRight;
    };
    // There is a packet; block 0 is in it: root, node, leaf; 1 zero plane; 1 pass; Lblock 3; 5 bytes; no other block.
    assert.ok(parse(0, '1', '111', '0 111', '0', '0', '101', '0', '0', '0', '0'));
    assert.equal(parser.bodyLength, 5);
    // Block 0 again: 2 passes, Lblock 4, 7 bytes. Block 1 now: 2 zero planes, 6 passes, 12 bytes. No other block.
    assert.ok(parse(1, '1', '1', '10', '10', '00111', '1', '01', '1111 00000', '0', '01100', '0', '0', '0'));
    assert.equal(parser.bodyLength, 19);
    assert.deepEqual(Array.from(contributions.passes.subarray(0, 3)), [1, 2, 6]);
    assert.deepEqual(Array.from(contributions.lengths.subarray(0, 3)), [5, 7, 12]);
    assert.deepEqual(Array.from(contributions.layers.subarray(0, 3)), [0, 1, 1]);
    assert.deepEqual(Array.from(contributions.next.subarray(0, 3)), [1, -1, -1]);
    const { blocks } = precinct.bands[0]!;
    const planes = [0, 1].map((block) => precinct.state[blocks + block * BLOCK.size + BLOCK.zeroPlanes]);
    assert.deepEqual(planes, [1, 2]);
    const kept = [0, 1, 2].map((block) => precinct.state[blocks + block * BLOCK.size + BLOCK.passes]);
    assert.deepEqual(kept, [3, 6, 0]);
  });

  it('may be empty, between markers', () => {
    const parser = new PacketParser(new Contributions());
    const bytes = bytesOf(u16(MARKER.SOP, 4, 0), u8(0), u16(MARKER.EPH), u8(9));
    const never = (): never => assert.fail('an empty packet needs no precinct');
    assert.equal(parser.parse({ bytes, at: 0, end: bytes.length }, 0, style, never), true);
    assert.deepEqual([parser.headerEnd, parser.bodyLength], [9, 0]);
  });

  it('that are cut off are wrong', () => {
    const parser = new PacketParser(new Contributions());
    const precinct = new PrecinctMaker().create(resolution!, 0);
    const bytes = Uint8Array.of(0xf0);
    assert.equal(
      parser.parse({ bytes, at: 0, end: 1 }, 0, style, () => precinct),
      false,
    );
  });

  it('number code-blocks of a precinct row by row', () => {
    const { bands, state } = new PrecinctMaker().create(resolution!, 0);
    assert.deepEqual([bands[0]?.columns, bands[0]?.rows, bands[0]?.tree.size], [4, 2, 11]);
    assert.equal(state[bands[0]!.blocks + BLOCK.lengthBits], 3);
  });
});

describe('codeword segments', () => {
  const plain = tileOf(SMALL, {}).geometry.components[0]!.parameters.coding.style;
  const lengths = (style: typeof plain): number[] => [0, 1, 9, 10, 11, 12, 13].map((done) => passesLeftInSegment(style, done)); // prettier-ignore
  it('have as many passes as the style says', () => {
    assert.deepEqual(lengths(plain), Array(7).fill(Infinity));
    assert.deepEqual(lengths({ ...plain, terminateAll: true }), Array(7).fill(1));
    assert.deepEqual(lengths({ ...plain, bypass: true }), [10, 9, 1, 2, 1, 1, 2]);
    assert.deepEqual(lengths({ ...plain, highThroughput: true }), [1, ...Array<number>(6).fill(Infinity)]);
  });
});
