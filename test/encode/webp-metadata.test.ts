import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { encode } from '../../src/encode/encoders.ts';
import { insertWebpMetadata } from '../../src/encode/webp-metadata.ts';
import { decodedColors, photoMetadata, scene } from './pictures.ts';

function chunksOf(file: Uint8Array): { name: string; body: Buffer }[] {
  const bytes = Buffer.from(file);
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  const found = [];
  for (let at = 12; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    found.push({ name: bytes.toString('latin1', at, at + 4), body: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  return found;
}

const names = (file: Uint8Array): string[] => chunksOf(file).map(({ name }) => name);
const picture = async (bands: number, quality: number | 'lossless'): Promise<Uint8Array> =>
  encode(scene({ width: 301, height: 42 }, bands), { format: 'webp', quality }, {});
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('metadata of WebP files', () => {
  it('gives the file itself back when there is nothing to put in', async () => {
    const plain = await picture(3, 50);
    assert.equal(insertWebpMetadata(plain, {}), plain);
    assert.equal(insertWebpMetadata(plain, { resolution: { x: 1, y: 1, unit: 'inch' } }), plain);
  });

  it('makes a simple file an extended one with the right flags and size', async () => {
    const cases = [
      [3, 50, ['VP8X', 'ICCP', 'VP8 ', 'EXIF', 'XMP '], 0x2c],
      [4, 50, ['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'EXIF', 'XMP '], 0x3c],
      [3, 'lossless', ['VP8X', 'ICCP', 'VP8L', 'EXIF', 'XMP '], 0x2c],
      [4, 'lossless', ['VP8X', 'ICCP', 'VP8L', 'EXIF', 'XMP '], 0x3c],
    ] as const;
    for (const [bands, quality, expected, flags] of cases) {
      const out = insertWebpMetadata(await picture(bands, quality), {
        icc: text('icc'),
        xmp: 'xmp!',
        exif: text('e'),
      });
      assert.deepEqual(names(out), expected);
      const [extended] = chunksOf(out);
      assert.deepEqual([...extended!.body], [flags, 0, 0, 0, 44, 1, 0, 41, 0, 0]);
    }
  });

  it('replaces what it is given and keeps the rest', async () => {
    const first = insertWebpMetadata(await picture(4, 50), {
      icc: text('old icc'),
      xmp: 'old xmp',
      exif: text('old'),
    });
    const second = insertWebpMetadata(first, { xmp: 'new' });
    const bodies = Object.fromEntries(
      chunksOf(second).map(({ name, body }) => [name, body.toString('latin1')]),
    );
    assert.deepEqual([bodies['ICCP'], bodies['XMP '], bodies['EXIF']], ['old icc', 'new', 'old']);
    assert.deepEqual(names(second), names(first));
    assert.equal(chunksOf(second)[0]!.body[0], 0x3c);
  });

  it('keeps an animation animated', async () => {
    const frames = Buffer.from(scene({ width: 16, height: 32 }, 3).data);
    const animated = await sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
      .webp()
      .toBuffer();
    const out = insertWebpMetadata(animated, { xmp: 'new' });
    assert.equal(chunksOf(out)[0]!.body[0], 0x06);
    assert.equal((await sharp(out).metadata()).pages, 2);
  });

  it('keeps the pixels', async () => {
    const { icc, xmp, exif } = await photoMetadata();
    const plain = await picture(4, 50);
    const out = insertWebpMetadata(plain, { icc, xmp, exif });
    assert.deepEqual((await decodedColors(out)).colors, (await decodedColors(plain)).colors);
    const metadata = await sharp(out).metadata();
    assert.deepEqual(new Uint8Array(metadata.icc ?? []), icc);
    assert.deepEqual(new Uint8Array(metadata.exif ?? []), exif);
  });

  it('ignores what follows the end of the RIFF chunk', async () => {
    const plain = await picture(3, 50);
    const padded = Buffer.concat([plain, Buffer.from('trailing')]);
    assert.deepEqual(insertWebpMetadata(padded, { xmp: 'x' }), insertWebpMetadata(plain, { xmp: 'x' }));
  });

  it('calls a file damaged that it cannot read', async () => {
    const plain = await picture(3, 50);
    for (const length of [0, 3, 11, 12, 19, 25, plain.length - 1]) {
      assert.throws(() => insertWebpMetadata(plain.subarray(0, length), { xmp: 'x' }), { kind: 'damaged' });
    }
    const riff = (body: string): Uint8Array => {
      const bytes = Buffer.from(`RIFF----WEBP${body}`, 'latin1');
      bytes.writeUInt32LE(bytes.length - 8, 4);
      return bytes;
    };
    const broken = [
      riff(''),
      riff('VP8 \xff\xff\xff\xff'),
      riff('VP8 \x02\0\0\0ab'),
      riff('VP8L\x05\0\0\0abcdef'),
      riff('VP8X\x02\0\0\0ab'),
      riff('EXIF\x02\0\0\0ab'),
      riff('EXI'),
      Buffer.alloc(100, 'RIFF'),
    ];
    for (const bytes of broken) assert.throws(() => insertWebpMetadata(bytes, {}), { kind: 'damaged' });
  });
});
