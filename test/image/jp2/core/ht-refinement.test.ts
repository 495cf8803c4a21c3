/**
 * Passes that follow the cleanup pass of high-throughput blocks (ITU-T T.814, 7.4 and 7.5). No encoder at hand writes
 * them: they are added here, bit by bit, to cleanup passes of OpenJPH.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { decodeTileComponent } from '../../../../src/image/jp2/core/decode-tile.ts';
import type { CodeBlock, Segment } from '../../../../src/image/jp2/core/types.ts';
import { pictureBounds } from '../../../../src/image/jp2/picture-window.ts';
import { decodableTiles } from '../../../../src/image/jp2/window-tiles.ts';
import { randomNumbers } from '../../../hostile/random.ts';
import { fileSource } from '../../support/sources.ts';
import { JP2_FIXTURES, openStream } from '../support/streams.ts';
import { PLAIN_STYLE } from './block-encoder.ts';
import { oneBlock } from './one-block.ts';

const SEED = 814;
const BLOCKS = 12;

/** Blocks of all components, of a codestream that has only cleanup passes, down to the lowest bit-plane. */
async function cleanupBlocks(name: string): Promise<CodeBlock[]> {
  const { codestream } = await openStream(fileSource(path.join(JP2_FIXTURES, name)));
  const { canvas } = codestream.header;
  const window = pictureBounds(canvas, 0);
  const wish = { window, reduction: 0, layers: 1, isStrict: true };
  const all = canvas.components.map((_, i) => i);
  const blocks: CodeBlock[] = [];
  for await (const { tile } of decodableTiles(codestream, wish, all, { throwIfAborted: () => undefined }))
    for (const { component } of tile.components)
      for (const { bands } of component.resolutions)
        blocks.push(...bands.flatMap((band) => [...band.blocks]));
  return blocks.filter(({ segments }) => segments.length === 1);
}

function decode(
  { width, height, zeroBitPlanes }: CodeBlock,
  segments: readonly Segment[],
  isCausal: boolean,
): Int32Array {
  const style = { ...PLAIN_STYLE, highThroughput: true, verticallyCausal: isCausal };
  const component = oneBlock({ width, height, planes: segments.length, zeroBitPlanes, segments, style });
  return Int32Array.from(decodeTileComponent(component, { x0: 0, y0: 0, x1: width, y1: height }));
}

/** What the two passes say of a block, and what comes of it. */
interface Refined {
  readonly propagation: number[];
  readonly refinement: number[];
  readonly values: Int32Array;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** One more bit-plane below `coarse`, by chance. */
function refine(coarse: Int32Array, size: Size, isCausal: boolean, random: () => number): Refined {
  const { width, height } = size;
  const values = coarse.map((value) => 2 * value);
  const significant = Uint8Array.from(coarse, (value) => (value === 0 ? 0 : 1));
  const propagation: number[] = [];
  const refinement: number[] = [];
  for (let top = 0; top < height; top += 4) {
    const rows = [0, 1, 2, 3].filter((row) => top + row < height).map((row) => top + row);
    for (let x = 0; x < width; x++)
      for (const y of rows) {
        const at = y * width + x;
        if (coarse[at] === 0) continue;
        const bit = random() < 0.5 ? 1 : 0;
        refinement.push(bit);
        values[at]! += Math.sign(coarse[at]!) * bit;
      }
    for (let left = 0; left < width; left += 4) {
      const found: number[] = [];
      for (let x = left; x < Math.min(left + 4, width); x++)
        for (const y of rows) {
          const at = y * width + x;
          if (significant[at] === 1 || !hasNeighbor(significant, size, [x, y], isCausal && y === top + 3))
            continue;
          const bit = random() < 0.3 ? 1 : 0;
          propagation.push(bit);
          if (bit === 0) continue;
          significant[at] = 1;
          found.push(at);
        }
      for (const at of found) {
        const sign = random() < 0.5 ? 1 : 0;
        propagation.push(sign);
        values[at] = sign === 1 ? -1 : 1;
      }
    }
  }
  return { propagation, refinement, values };
}

function hasNeighbor(
  significant: Uint8Array,
  { width, height }: Size,
  [x, y]: [number, number],
  isLast: boolean,
): boolean {
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, isLast ? y : y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      if (significant[row * width + column] === 1) return true;
  return false;
}

/** The first bit lowest; after a byte of FF the next one has seven. */
function packForward(bits: readonly number[]): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < bits.length;) {
    const room = bytes.at(-1) === 0xff ? 7 : 8;
    bytes.push(bits.slice(at, at + room).reduce((byte, bit, i) => byte | (bit << i), 0));
    at += room;
  }
  return bytes;
}

/** From the last byte backwards; where the one behind is over 8F, seven ones are a byte of their own. */
function packBackward(bits: readonly number[]): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < bits.length;) {
    const isAfterHigh = bytes.length === 0 || bytes.at(-1)! > 0x8f;
    const seven = bits.slice(at, at + 7);
    const isFull = isAfterHigh && seven.length === 7 && seven.every((bit) => bit === 1);
    const room = isFull ? 7 : 8;
    bytes.push(bits.slice(at, at + room).reduce((byte, bit, i) => byte | (bit << i), 0));
    at += room;
  }
  return bytes.reverse();
}

describe('high-throughput blocks', () => {
  for (const isCausal of [false, true])
    it(`take one bit-plane more from the passes behind the cleanup pass${isCausal ? ', stripe by stripe' : ''}`, async () => {
      const random = randomNumbers(SEED);
      const blocks = await cleanupBlocks('ht-lossless.j2k');
      assert.ok(blocks.length > BLOCKS);
      let bits = 0;
      for (let i = 0; i < BLOCKS; i++) {
        const block = blocks[Math.floor((i * blocks.length) / BLOCKS)]!;
        const [cleanup] = block.segments;
        const coarse = decode(block, [cleanup!], isCausal);
        const { propagation, refinement, values } = refine(coarse, block, isCausal, random);
        const spp = packForward(propagation);
        const both = Uint8Array.from([...spp, ...packBackward(refinement)]);
        if (propagation.length === 0 || refinement.length === 0) continue;
        bits += propagation.length + refinement.length;
        assert.deepEqual(
          decode(block, [cleanup!, { chunks: [both], passes: 2 }], isCausal),
          values,
          `block ${i}`,
        );
        // Without the refinement pass what the cleanup pass found is in the middle of what is left open.
        const middle = values.map((value, at) =>
          coarse[at] === 0 ? value : 2 * coarse[at]! + Math.sign(coarse[at]!),
        );
        const alone = { chunks: [Uint8Array.from(spp)], passes: 1 };
        assert.deepEqual(decode(block, [cleanup!, alone], isCausal), middle, `block ${i}`);
      }
      assert.ok(bits > 4_000, `only ${bits} bits`);
    });
});
