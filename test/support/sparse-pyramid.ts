/** A BigTIFF of 100,000 × 100,000 pixels in 8 levels, laid out as libtiff does, without the pixels: a sparse file. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { TAG, TYPE } from '../../src/image/tiff/tags.ts';

const SIDE = 100_000;
const TILE = 256;
export const SPARSE_LEVELS = 8;
export const SPARSE_PROFILE_BYTES = 3_144;

/** Between the directories, where the tiles of a level would be. */
const GAP = 50_000_000;

type Entry = readonly [tag: number, type: number, count: number, value: number];

export function writeSparsePyramid(file: string): void {
  const descriptor = openSync(file, 'w');
  const write = (bytes: Uint8Array, at: number): number => writeSync(descriptor, bytes, 0, bytes.length, at);
  let at = GAP;
  let link = 8;
  write(Buffer.from('II+\0\x08\0\0\0', 'latin1'), 0);
  for (let level = 0; level < SPARSE_LEVELS; level++) {
    const arrays = at + 1_000;
    const tiles = Math.ceil((SIDE >> level) / TILE) ** 2;
    const directory = directoryOf(entriesOf(level, tiles, arrays));
    write(directory, at);
    write(wordOf(at), link);
    link = at + directory.length - 8;
    at = arrays + tiles * 12 + SPARSE_PROFILE_BYTES + GAP;
  }
  ftruncateSync(descriptor, at);
  closeSync(descriptor);
}

function entriesOf(level: number, tiles: number, arrays: number): readonly Entry[] {
  const side = SIDE >> level;
  return [
    [TAG.NewSubfileType, TYPE.long, 1, level === 0 ? 0 : 1],
    [TAG.ImageWidth, TYPE.long, 1, side],
    [TAG.ImageLength, TYPE.long, 1, side],
    [TAG.BitsPerSample, TYPE.short, 1, 8],
    [TAG.Compression, TYPE.short, 1, 8],
    [TAG.PhotometricInterpretation, TYPE.short, 1, 1],
    [TAG.SamplesPerPixel, TYPE.short, 1, 1],
    [TAG.TileWidth, TYPE.short, 1, TILE],
    [TAG.TileLength, TYPE.short, 1, TILE],
    [TAG.TileOffsets, TYPE.long8, tiles, arrays],
    [TAG.TileByteCounts, TYPE.long, tiles, arrays + tiles * 8],
    // Values behind the arrays, as those of later tags are.
    [TAG.ICCProfile, TYPE.undefined, SPARSE_PROFILE_BYTES, arrays + tiles * 12],
  ];
}

/** Ends with the offset of the next one, 0 for none. */
function directoryOf(entries: readonly Entry[]): Buffer {
  const directory = Buffer.alloc(8 + entries.length * 20 + 8);
  directory.writeBigUInt64LE(BigInt(entries.length), 0);
  entries.forEach(([tag, type, count, value], i) => {
    directory.writeUInt16LE(tag, 8 + i * 20);
    directory.writeUInt16LE(type, 10 + i * 20);
    directory.writeBigUInt64LE(BigInt(count), 12 + i * 20);
    directory.writeBigUInt64LE(BigInt(value), 20 + i * 20);
  });
  return directory;
}

function wordOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value), 0);
  return bytes;
}
