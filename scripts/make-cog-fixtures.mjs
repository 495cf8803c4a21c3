// Makes fixtures/images/cog-*.tif: the tiles of other fixtures, byte for byte, in the layout that GDAL's COG driver
// writes (https://gdal.org/drivers/raster/cog.html, "Internal structure"): a ghost area behind the header, all
// directories before the tiles, small levels first, a mask beside each picture, four bytes before and behind each tile.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { root } from './lib/tasks.mjs';

const GHOST = [
  'LAYOUT=IFDS_BEFORE_DATA\n',
  'BLOCK_ORDER=ROW_MAJOR\n',
  'BLOCK_LEADER=SIZE_AS_UINT4\n',
  'BLOCK_TRAILER=LAST_4_BYTES_REPEATED\n',
  // The blank is room for a "YES" of an editor that does not know this layout.
  'KNOWN_INCOMPATIBLE_EDITION=NO\n ',
  'MASK_INTERLEAVED_WITH_IMAGERY=YES\n',
].join('');

const TYPE_BYTES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };
const SHORT = 3;
const LONG = 4;
const [ROLE, TILE_OFFSETS, TILE_BYTE_COUNTS] = [254, 324, 325];

const image = (name) => path.join(root, 'fixtures/images', name);
const at = (type, bytes, index) =>
  type === SHORT ? bytes.readUInt16LE(index * 2) : bytes.readUInt32LE(index * 4);

/** The directories of a little-endian classic TIFF, as maps of tags to type, count and bytes. */
function readDirectories(file) {
  const directories = [];
  for (let offset = file.readUInt32LE(4); offset !== 0;) {
    const count = file.readUInt16LE(offset);
    const tags = new Map();
    for (let i = 0; i < count; i++) {
      const entry = offset + 2 + i * 12;
      const [tag, type, length] = [
        file.readUInt16LE(entry),
        file.readUInt16LE(entry + 2),
        file.readUInt32LE(entry + 4),
      ];
      const size = TYPE_BYTES[type] * length;
      const start = size <= 4 ? entry + 8 : file.readUInt32LE(entry + 8);
      tags.set(tag, { type, count: length, bytes: file.subarray(start, start + size) });
    }
    directories.push(tags);
    offset = file.readUInt32LE(offset + 2 + count * 12);
  }
  return directories;
}

function longs(...values) {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
  return { type: LONG, count: values.length, bytes };
}

/** A directory and its tiles; the tags of tiles are filled in when their places are known. */
function picture(tags, file) {
  const [offsets, counts] = [tags.get(TILE_OFFSETS), tags.get(TILE_BYTE_COUNTS)];
  const tiles = Array.from({ length: offsets.count }, (_, i) => {
    const start = at(offsets.type, offsets.bytes, i);
    return file.subarray(start, start + at(counts.type, counts.bytes, i));
  });
  return { tags: new Map(tags), tiles };
}

/** Its mask, of one bit: valid below a diagonal of each tile. */
function maskOf({ tags, tiles }) {
  const value = (tag) => at(tags.get(tag).type, tags.get(tag).bytes, 0);
  const [width, height] = [value(322), value(323)];
  const bits = Buffer.alloc((width / 8) * height);
  for (let y = 0; y < height; y++)
    bits.fill(255, y * (width / 8), y * (width / 8) + Math.floor((y * width) / height / 8));
  const role = (tags.has(ROLE) ? value(ROLE) : 0) | 4;
  const own = {
    [ROLE]: role,
    256: value(256),
    257: value(257),
    258: 1,
    259: 8,
    262: 4,
    277: 1,
    284: 1,
    322: width,
    323: height,
  };
  return {
    tags: new Map(Object.entries(own).map(([tag, number]) => [Number(tag), longs(number)])),
    tiles: tiles.map(() => deflateSync(bits)),
  };
}

const size = ({ tags }) =>
  2 +
  tags.size * 12 +
  4 +
  [...tags.values()].reduce(
    (sum, { bytes }) => sum + (bytes.length > 4 ? bytes.length + (bytes.length % 2) : 0),
    0,
  );

/** A directory at `offset`, its values behind it. */
function directoryBytes(tags, offset, next) {
  const head = Buffer.alloc(2 + tags.size * 12 + 4);
  const values = [];
  let behind = offset + head.length;
  head.writeUInt16LE(tags.size, 0);
  [...tags]
    .sort(([a], [b]) => a - b)
    .forEach(([tag, { type, count, bytes }], i) => {
      const entry = 2 + i * 12;
      head.writeUInt16LE(tag, entry);
      head.writeUInt16LE(type, entry + 2);
      head.writeUInt32LE(count, entry + 4);
      if (bytes.length <= 4) return bytes.copy(head, entry + 8);
      head.writeUInt32LE(behind, entry + 8);
      const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
      values.push(padded);
      behind += padded.length;
    });
  head.writeUInt32LE(next, head.length - 4);
  return Buffer.concat([head, ...values]);
}

/** A tile between its size and its last four bytes. */
function block(tile) {
  const leader = Buffer.alloc(4);
  leader.writeUInt32LE(tile.length);
  return Buffer.concat([leader, tile, tile.subarray(-4)]);
}

function writeCog(from, to) {
  const file = readFileSync(image(from));
  const levels = readDirectories(file).map((tags) => picture(tags, file));
  const pairs = levels.map((level) => [level, maskOf(level)]);
  const directories = pairs.flat();
  for (const { tags, tiles } of directories) {
    tags.set(TILE_OFFSETS, longs(...tiles.map(() => 0)));
    tags.set(TILE_BYTE_COUNTS, longs(...tiles.map((tile) => tile.length)));
  }
  const ghost = Buffer.from(
    `GDAL_STRUCTURAL_METADATA_SIZE=${String(GHOST.length).padStart(6, '0')} bytes\n${GHOST}`,
  );
  const padded = Buffer.concat([ghost, Buffer.alloc(ghost.length % 2)]);
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  const first = header.length + padded.length;
  header.writeUInt32LE(first, 4);
  const starts = directories.map((_, i) =>
    directories.slice(0, i).reduce((sum, one) => sum + size(one), first),
  );
  let offset = starts.at(-1) + size(directories.at(-1));
  const blocks = [];
  for (const [level, mask] of [...pairs].reverse()) {
    for (const i of level.tiles.keys()) {
      for (const { tags, tiles } of [level, mask]) {
        tags.get(TILE_OFFSETS).bytes.writeUInt32LE(offset + 4, i * 4);
        blocks.push(block(tiles[i]));
        offset += blocks.at(-1).length;
      }
    }
  }
  const written = directories.map(({ tags }, i) => directoryBytes(tags, starts[i], starts[i + 1] ?? 0));
  writeFileSync(image(to), Buffer.concat([header, padded, ...written, ...blocks]));
}

writeCog('rgb-webp.tif', 'cog-webp.tif');
writeCog('rgb-flat.tif', 'cog-jpeg.tif');
