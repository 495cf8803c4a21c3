// Makes fixtures/images/tiff/ with libtiff's own tools (tiffcp, rgb2ycbcr, tiff2rgba of libtiff-tools; Pillow for the
// one compression that they do not write): every file is an encoding of an uncompressed one beside it, whose pixels it
// must have, but for those whose pixels tiff2rgba says (*.rgba.tif).
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve('fixtures/images/tiff');
mkdirSync(folder, { recursive: true });
const file = (name) => path.join(folder, `${name}.tif`);

/** A TIFF of one strip without compression, little-endian; `fill` writes the pixels. */
function writeTiff(
  name,
  { width, height, bands, bits, format = 1, photometric, subsampling, extra: extraSample, bytes },
  fill,
) {
  const rowBytes = Math.ceil((width * bands * bits) / 8);
  const pixels = Buffer.alloc(bytes ?? rowBytes * height);
  fill(pixels, rowBytes);
  const lists = { 258: Array(bands).fill(bits), 339: Array(bands).fill(format) };
  const plain = [
    [256, width],
    [257, height],
    [258, lists[258]],
    [259, 1],
    [262, photometric],
    [273, undefined],
    [277, bands],
    [278, height],
    [279, pixels.length],
    [284, 1],
    ...(extraSample === undefined ? [] : [[338, [extraSample]]]),
    [339, lists[339]],
    ...(subsampling === undefined ? [] : [[530, subsampling]]),
  ];
  const directory = Buffer.alloc(2 + plain.length * 12 + 4);
  const extra = [];
  let behind = 8 + directory.length;
  directory.writeUInt16LE(plain.length, 0);
  for (const [tag, value] of plain) if (Array.isArray(value) && value.length > 2) behind += value.length * 2;
  const data = behind;
  behind = 8 + directory.length;
  plain.forEach(([tag, value], i) => {
    const at = 2 + i * 12;
    const isShort = Array.isArray(value);
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(isShort ? 3 : 4, at + 2);
    directory.writeUInt32LE(isShort ? value.length : 1, at + 4);
    if (!isShort) directory.writeUInt32LE(tag === 273 ? data : value, at + 8);
    else if (value.length <= 2) value.forEach((number, k) => directory.writeUInt16LE(number, at + 8 + k * 2));
    else {
      directory.writeUInt32LE(behind, at + 8);
      const list = Buffer.alloc(value.length * 2);
      value.forEach((number, k) => list.writeUInt16LE(number, k * 2));
      extra.push(list);
      behind += list.length;
    }
  });
  const head = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  writeFileSync(file(name), Buffer.concat([head, directory, ...extra, pixels]));
}

/** Numbers of any kind, one for each sample. */
function numbers({ width, height, bands }, write, size) {
  return (pixels, rowBytes) => {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let band = 0; band < bands; band++)
          write(pixels, y * rowBytes + (x * bands + band) * size, { x, y, band });
  };
}

const run = (program, args) => execFileSync(program, args, { stdio: ['ignore', 'inherit', 'pipe'] });
const copy = (from, to, ...options) => run('tiffcp', [...options, file(from), file(to)]);

// Black and white: runs of every length, from one pixel to more than the longest code.
const bilevel = { width: 2603, height: 48, bands: 1, bits: 1, photometric: 0 };
writeTiff('bilevel', bilevel, (pixels, rowBytes) => {
  for (let y = 0; y < bilevel.height; y++) {
    for (let x = 0, run = y, isBlack = y % 3 === 0; x < bilevel.width; run = (run * 5 + 7) % (8 + y * y)) {
      const end = y === 40 ? bilevel.width : Math.min(x + run + 1, bilevel.width);
      for (; x < end; x++) if (isBlack) pixels[y * rowBytes + (x >> 3)] |= 0x80 >> (x & 7);
      isBlack = !isBlack;
    }
  }
});
copy('bilevel', 'bilevel-g3-1d', '-c', 'g3:1d');
copy('bilevel', 'bilevel-g3-1d-fill', '-c', 'g3:1d:fill', '-r', '16');
copy('bilevel', 'bilevel-g3-2d', '-c', 'g3:2d');
copy('bilevel', 'bilevel-g3-2d-fill', '-c', 'g3:2d:fill');
copy('bilevel', 'bilevel-g4', '-c', 'g4');
copy('bilevel', 'bilevel-g4-tiles', '-c', 'g4', '-t', '-w', '256', '-l', '32');
copy('bilevel', 'bilevel-g4-lsb', '-c', 'g4', '-f', 'lsb2msb');
const pillow = `from PIL import Image; Image.open('${file('bilevel')}').save('${file('bilevel-rle')}', compression='tiff_ccitt')`;
run('python3', ['-c', pillow]);

// Color in 8 bits.
const rgb = { width: 75, height: 53, bands: 3, bits: 8, photometric: 2 };
const color = ({ x, y, band }) => (x * (band + 2) + y * 3 + (x > y + band * 9 ? 90 : 0)) % 256;
writeTiff(
  'rgb',
  rgb,
  numbers(rgb, (pixels, at, place) => pixels.writeUInt8(color(place), at), 1),
);
for (const [name, ...options] of [
  ['lzma', '-c', 'lzma'],
  ['lzma-predictor', '-c', 'lzma:2'],
  ['lzma-planar-tiles', '-c', 'lzma:2', '-p', 'separate', '-t', '-w', '32', '-l', '16'],
  ['lerc', '-c', 'lerc:0'],
  ['lerc-deflate', '-c', 'lerc:0:s1'],
  ['lerc-zstd', '-c', 'lerc:0:s2'],
  ['lerc-planar-tiles', '-c', 'lerc:0:s1', '-p', 'separate', '-t', '-w', '32', '-l', '16'],
  ['zstd-planar', '-c', 'zstd:2', '-p', 'separate'],
  ['packbits-lsb', '-c', 'packbits', '-f', 'lsb2msb'],
])
  copy('rgb', `rgb-${name}`, ...options);

// Opacity of all or nothing, which libtiff makes a mask of in LERC; the colors of what is not seen are lost.
const rgba = { width: 61, height: 47, bands: 4, bits: 8, photometric: 2, extra: 2 };
const opacity = ({ x, y }) => ((x - 30) ** 2 + (y - 20) ** 2 < 400 ? 255 : 0);
writeTiff(
  'rgba',
  rgba,
  numbers(
    rgba,
    (pixels, at, place) =>
      pixels.writeUInt8(place.band === 3 ? opacity(place) : opacity(place) && color(place), at),
    1,
  ),
);
copy('rgba', 'rgba-lerc-mask', '-c', 'lerc:0');
copy('rgba', 'rgba-lerc-mask-tiles', '-c', 'lerc:0:s1', '-t', '-w', '16', '-l', '16');

// Chroma of its own, shared by up to 16 pixels, and what libtiff makes of it (it knows no 2 × 4 and 1 × 4).
for (const [horizontal, vertical] of [
  [1, 1],
  [2, 1],
  [1, 2],
  [2, 2],
  [4, 1],
  [4, 2],
  [4, 4],
]) {
  // prettier-ignore
  const name = `ycbcr-${horizontal}x${vertical}`;
  // Its own 4 × 4 forgets the last units of odd sizes.
  const [width, height] = horizontal === 4 ? [40, 24] : [41, 27];
  const columns = Math.ceil(width / horizontal);
  const unit = horizontal * vertical + 2;
  const rows = Math.ceil(height / vertical);
  const shape = { width, height, bands: 3, bits: 8, photometric: 6, subsampling: [horizontal, vertical] };
  writeTiff(name, { ...shape, bytes: columns * rows * unit }, (pixels) => {
    for (let i = 0; i < pixels.length; i++) {
      const [inUnit, column, row] = [
        i % unit,
        Math.floor(i / unit) % columns,
        Math.floor(i / unit / columns),
      ];
      const isChroma = inUnit >= horizontal * vertical;
      pixels[i] = isChroma ? 40 + ((column * 13 + row * 29 + inUnit * 70) % 180) : (i * 7 + row * 31) % 256;
    }
  });
  run('tiff2rgba', ['-c', 'zip', '-n', file(name), file(`${name}.rgba`)]);
}

// Numbers of science.
const half = [0x0000, 0x3c00, 0xbc00, 0x4248, 0x7bff, 0x0001, 0x3555, 0x8000];
const write16 = (pixels, at, { x, y }) => pixels.writeUInt16LE(half[(x + y * 3) % half.length], at);
const write24 = (pixels, at, { x, y }) => pixels.writeUIntLE((x * 70_001 + y * 611) % 2 ** 24, at, 3);
const signed = ({ x, y, band }) => (x - 20) * (y + 1) * (band === 1 ? -1 : 1);
const value = ({ x, y, band }) => (x - 17) * 1.25 + y / 3 + band * 1e6;
const kinds = {
  int8: [8, 2, (pixels, at, place) => pixels.writeInt8(Math.max(-128, Math.min(127, signed(place))), at)],
  int16: [16, 2, (pixels, at, place) => pixels.writeInt16LE(signed(place) * 9, at)],
  int32: [32, 2, (pixels, at, place) => pixels.writeInt32LE(signed(place) * 1_001, at)],
  int64: [64, 2, (pixels, at, place) => pixels.writeBigInt64LE(BigInt(signed(place)) * 1_000_001n, at)],
  uint24: [24, 1, write24],
  uint64: [64, 1, (pixels, at, { x, y }) => pixels.writeBigUInt64LE(BigInt(x * 12_345 + y), at)],
  float16: [16, 3, write16],
  float24: [24, 3, (pixels, at, { x, y }) => pixels.writeUIntLE(0x3f0000 + x * 257 + (y << 15), at, 3)],
  float32: [32, 3, (pixels, at, place) => pixels.writeFloatLE(value(place), at)],
  float64: [64, 3, (pixels, at, place) => pixels.writeDoubleLE(value(place), at)],
};
for (const [name, [bits, format, write]] of Object.entries(kinds)) {
  const shape = { width: 41, height: 23, bands: 2, bits, format, photometric: 1 };
  writeTiff(name, shape, numbers(shape, write, bits / 8));
  copy(name, `${name}-be`, '-B', '-c', 'lzw');
  if (bits !== 24) copy(name, `${name}-predictor-be`, '-B', '-c', 'zip:2');
  if (format === 3) copy(name, `${name}-predictor3`, '-c', 'zip:3', '-t', '-w', '16', '-l', '16');
}
copy('float32', 'float32-lerc', '-c', 'lerc:0:s2');
copy('float64', 'float64-lerc', '-c', 'lerc:0');
copy('int16', 'int16-lerc-be', '-B', '-c', 'lerc:0:s1');
