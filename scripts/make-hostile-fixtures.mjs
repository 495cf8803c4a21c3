// Writes those files of fixtures/hostile/ that were built, not found: each once kept a reader busy. Runs with: node scripts/make-hostile-fixtures.mjs
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { root } from './lib/tasks.mjs';

const save = (name, ...parts) =>
  writeFileSync(path.join(root, 'fixtures/hostile', name), Buffer.concat(parts));

const u16 = (...values) => Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)));
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** `u32 length, u8[4] type, body` (ISO 14496-12, 4.2). */
function box(type, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body]);
}
const fullBox = (type, version, ...parts) => box(type, Buffer.of(version, 0, 0, 0), ...parts);

const ftyp = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'));
const pitm = fullBox('pitm', 0, u16(1));
const ispe = fullBox('ispe', 0, u32(16), u32(16));

// Items with 65,535 extents that have no bytes.
const items = Buffer.concat(Array.from({ length: 5_000 }, (_, id) => u16(id, 0, 65_535)));
const iprp = box('iprp', box('ipco', ispe), fullBox('ipma', 0, u32(1), u16(1), Buffer.of(1, 1)));
save(
  'avif-extents-without-bytes.avif',
  ftyp,
  fullBox('meta', 0, pitm, fullBox('iloc', 0, u16(0), u16(5_000), items), iprp),
);

// One long auxC that belongs to 150 items, 255 times to each.
const owners = Buffer.concat(
  Array.from({ length: 150 }, (_, id) => Buffer.concat([u16(id + 2), Buffer.of(255), Buffer.alloc(255, 2)])),
);
const shared = fullBox('ipma', 0, u32(151), u16(1), Buffer.of(1, 1), owners);
const auxC = fullBox('auxC', 0, Buffer.alloc(60_000, 0x61));
save(
  'avif-shared-property.avif',
  ftyp,
  fullBox('meta', 0, pitm, box('iprp', box('ipco', ispe, auxC), shared)),
);

/** `u32 length, u8[4] type, body, u32 checksum`. */
function chunk(type, ...parts) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...parts]);
  return Buffer.concat([u32(body.length - 4), body, u32(crc32(body))]);
}
// Eight texts of 16 MB each, 128 KB in all.
const text = chunk(
  'zTXt',
  Buffer.from('Nothing\0\0'),
  deflateSync(Buffer.alloc(2 ** 24 - 1, 65), { level: 9 }),
);
save(
  'png-text-bombs.png',
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  chunk('IHDR', u32(4), u32(4), Buffer.of(8, 2, 0, 0, 0)),
  ...Array.from({ length: 8 }, () => text),
  chunk('IDAT', deflateSync(Buffer.alloc(4 * 13))),
  chunk('IEND'),
);
