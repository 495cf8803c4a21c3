/** Writes a tiled pyramid as a classic little-endian TIFF: tiles as they come, then a directory for each level. */
import { open, type FileHandle } from 'node:fs/promises';
import { halve } from './halve.ts';
import { COMPRESSION, pack } from './pack.ts';
import { paint, type Samples } from './paint.ts';
import { sideAt, TILE, type Recipe } from './recipes.ts';

/** Tiles packed at once. */
const AT_ONCE = 8;

const HEADER_BYTES = 8;

interface StoredLevel {
  readonly offsets: readonly number[];
  readonly byteCounts: readonly number[];
}

/** Paints `recipe` and writes it to `path`. */
export async function writePyramid(path: string, recipe: Recipe): Promise<void> {
  const file = await open(path, 'w');
  try {
    const levels: StoredLevel[] = [];
    let end = HEADER_BYTES;
    let samples = paint(recipe);
    for (let side = recipe.side; side >= TILE; side /= 2) {
      if (side < recipe.side) samples = halve(samples, side * 2, recipe);
      const { level, end: after } = await writeTiles(file, end, { samples, side, recipe });
      levels.push(level);
      end = after;
    }
    await writeDirectories(file, end, { levels, recipe });
  } finally {
    await file.close();
  }
}

interface Picture {
  readonly samples: Samples;
  readonly side: number;
  readonly recipe: Recipe;
}

async function writeTiles(
  file: FileHandle,
  start: number,
  picture: Picture,
): Promise<{ level: StoredLevel; end: number }> {
  const across = picture.side / TILE;
  const offsets: number[] = [];
  const byteCounts: number[] = [];
  let end = start;
  for (let first = 0; first < across * across; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, across * across - first) }, (_, i) => first + i);
    const packed = await Promise.all(indexes.map((index) => pack(cutTile(picture, index), picture.recipe)));
    for (const bytes of packed) {
      await file.write(bytes, 0, bytes.length, end);
      offsets.push(end);
      byteCounts.push(bytes.length);
      end += bytes.length + (bytes.length % 2);
    }
  }
  return { level: { offsets, byteCounts }, end };
}

function cutTile({ samples, side, recipe: { bands } }: Picture, index: number): Samples {
  const across = side / TILE;
  const [left, top] = [(index % across) * TILE, Math.floor(index / across) * TILE];
  const tile = samples.slice(0, TILE * TILE * bands);
  for (let row = 0; row < TILE; row++) {
    const from = ((top + row) * side + left) * bands;
    tile.set(samples.subarray(from, from + TILE * bands), row * TILE * bands);
  }
  return tile;
}

interface Stored {
  readonly levels: readonly StoredLevel[];
  readonly recipe: Recipe;
}

async function writeDirectories(file: FileHandle, start: number, { levels, recipe }: Stored): Promise<void> {
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(start, 4);
  await file.write(header, 0, HEADER_BYTES, 0);
  let at = start;
  for (const [index, level] of levels.entries()) {
    const bytes = directory(at, tagsOf(recipe, level, index), index === levels.length - 1);
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  }
}

/** An extra sample that is opacity by itself. */
const UNASSOCIATED = 2;

const SHORT = 3;
const LONG = 4;
const FLOAT = 11;

interface Tag {
  readonly id: number;
  readonly type: typeof SHORT | typeof LONG | typeof FLOAT;
  readonly values: readonly number[];
}

const BITS = { uint8: 8, uint16: 16, float32: 32 } as const;
const SAMPLE_FORMAT = { uint8: 1, uint16: 1, float32: 3 } as const;

/** TIFF 6.0, sections 4, 5, 14, 15, 18, 22 and 23; ascending. */
function tagsOf(recipe: Recipe, level: StoredLevel, index: number): readonly Tag[] {
  const { bands, sample, packing, colors } = recipe;
  const isColor = bands === 3 || bands === 4;
  const perBand = (value: number): number[] => new Array<number>(bands).fill(value);
  const photometric = packing === 'jpeg' ? 6 : colors === 'cielab' ? 8 : isColor ? 2 : 1;
  const extra = bands === 4 ? [UNASSOCIATED] : new Array<number>(bands - (isColor ? 3 : 1)).fill(0);
  const side = sideAt(recipe, index);
  const tags: Tag[] = [
    { id: 254, type: LONG, values: [index > 0 ? 1 : 0] },
    { id: 256, type: LONG, values: [side] },
    { id: 257, type: LONG, values: [side] },
    { id: 258, type: SHORT, values: perBand(BITS[sample]) },
    { id: 259, type: SHORT, values: [COMPRESSION[packing]] },
    { id: 262, type: SHORT, values: [photometric] },
    { id: 277, type: SHORT, values: [bands] },
    { id: 284, type: SHORT, values: [1] },
    { id: 317, type: SHORT, values: packing === 'deflate-differences' ? [2] : [] },
    { id: 322, type: LONG, values: [TILE] },
    { id: 323, type: LONG, values: [TILE] },
    { id: 324, type: LONG, values: level.offsets },
    { id: 325, type: LONG, values: level.byteCounts },
    { id: 338, type: SHORT, values: extra },
    { id: 339, type: SHORT, values: perBand(SAMPLE_FORMAT[sample]) },
    { id: 340, type: FLOAT, values: sample === 'float32' ? perBand(0) : [] },
    { id: 341, type: FLOAT, values: sample === 'float32' ? perBand(1) : [] },
    { id: 530, type: SHORT, values: packing === 'jpeg' ? [2, 2] : [] },
  ];
  return tags.filter(({ values }) => values.length > 0);
}

/** A directory that is to lie at `at`, with the values that do not fit into it behind it. */
function directory(at: number, tags: readonly Tag[], isLast: boolean): Buffer {
  const fixedBytes = 2 + tags.length * 12 + 4;
  const entries = Buffer.alloc(fixedBytes);
  const behind: Buffer[] = [];
  let behindBytes = 0;
  entries.writeUInt16LE(tags.length, 0);
  tags.forEach((tag, index) => {
    const entry = 2 + index * 12;
    entries.writeUInt16LE(tag.id, entry);
    entries.writeUInt16LE(tag.type, entry + 2);
    entries.writeUInt32LE(tag.values.length, entry + 4);
    const values = valueBytes(tag);
    if (values.length <= 4) {
      values.copy(entries, entry + 8);
      return;
    }
    entries.writeUInt32LE(at + fixedBytes + behindBytes, entry + 8);
    behind.push(values);
    behindBytes += values.length;
  });
  entries.writeUInt32LE(isLast ? 0 : at + fixedBytes + behindBytes, fixedBytes - 4);
  return Buffer.concat([entries, ...behind]);
}

/** As they lie in the file: the machine is little-endian as well. */
function valueBytes({ type, values }: Tag): Buffer {
  const arrays = { [SHORT]: Uint16Array, [LONG]: Uint32Array, [FLOAT]: Float32Array } as const;
  return Buffer.from(arrays[type].from(values).buffer);
}
