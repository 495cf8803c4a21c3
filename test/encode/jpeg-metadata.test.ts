import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { encode } from '../../src/encode/encoders.ts';
import { insertJpegMetadata, stateDensity } from '../../src/encode/jpeg-metadata.ts';
import { decodedColors, photoMetadata, scene } from './pictures.ts';

/** Marker and name of every segment before the scan. */
function segmentsOf(file: Uint8Array): string[] {
  const bytes = Buffer.from(file);
  const found: string[] = [];
  for (let at = 2; bytes[at + 1] !== 0xda; at += 2 + bytes.readUInt16BE(at + 2)) {
    const name = /^[A-Za-z:/._0-9]*/.exec(bytes.toString('latin1', at + 4, at + 40))?.[0] ?? '';
    const isNamed = (bytes[at + 1]! & 0xf0) === 0xe0;
    found.push(bytes[at + 1]!.toString(16) + (isNamed ? ` ${name}` : ''));
  }
  return found;
}

function segment(marker: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 2;
  return Buffer.concat([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), payload]);
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const SOI = Uint8Array.of(0xff, 0xd8);
const SCAN = Uint8Array.of(0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9);
const frame = (marker: number, ids: readonly number[]): Uint8Array =>
  segment(marker, Uint8Array.of(8, 0, 8, 0, 8, ids.length, ...ids.flatMap((id) => [id, 0x11, 0])));
const YCBCR = frame(0xc0, [1, 2, 3]);
const file = (...segments: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat([SOI, ...segments, SCAN]));

const JFIF = segment(0xe0, Buffer.concat([text('JFIF\0'), Uint8Array.of(1, 1, 1, 0, 72, 0, 72, 0, 0)]));
const OLD_ICC = segment(0xe2, text('ICC_PROFILE\0\x01\x01old'));
const OLD_EXIF = segment(0xe1, text('Exif\0\0old'));
const OLD_XMP = segment(0xe1, text('http://ns.adobe.com/xap/1.0/\0old'));
const MORE_XMP = segment(0xe1, text('http://ns.adobe.com/xmp/extension/\0old'));
const ADOBE = segment(0xee, text('Adobe\0\x64\0\0\0\0\x01'));
const DENSITY = { x: 300, y: 300, unit: 'inch' } as const;

describe('metadata of JPEG files', () => {
  it('gives the file itself back when there is nothing to put in', () => {
    const plain = file(JFIF, YCBCR);
    assert.equal(insertJpegMetadata(plain, {}), plain);
    assert.equal(insertJpegMetadata(plain, { metadata: { title: 'no place for it' } }), plain);
  });

  it('puts segments in the order that readers expect', () => {
    const given = { icc: text('new'), xmp: 'new', exif: text('new'), resolution: DENSITY };
    assert.deepEqual(segmentsOf(insertJpegMetadata(file(YCBCR), given)), [
      'e0 JFIF',
      'e1 Exif',
      'e1 http://ns.adobe.com/xap/1.0/',
      'e2 ICC_PROFILE',
      'c0',
    ]);
  });

  it('replaces what it is given and keeps the rest', () => {
    const jfxx = segment(0xe0, text('JFXX\0\x10'));
    const comment = segment(0xfe, text('a comment'));
    const full = file(JFIF, jfxx, OLD_EXIF, OLD_XMP, MORE_XMP, OLD_ICC, comment, YCBCR);
    const cases = [
      [{ icc: text('new') }, OLD_ICC, ['old', 'old', 'old', 'new']],
      [{ exif: text('new') }, OLD_EXIF, ['new', 'old', 'old', 'old']],
    ] as const;
    for (const [embed, gone] of cases) {
      const bytes = Buffer.from(insertJpegMetadata(full, embed));
      assert.equal(bytes.indexOf(Buffer.from(gone)), -1);
      for (const kept of [JFIF, jfxx, OLD_EXIF, OLD_XMP, MORE_XMP, OLD_ICC, comment, YCBCR, SCAN]) {
        assert.equal(bytes.includes(Buffer.from(kept)), kept !== gone);
      }
      assert.ok(bytes.includes('new'));
    }
    const withXmp = insertJpegMetadata(full, { xmp: 'new' });
    assert.deepEqual(segmentsOf(withXmp).sort(), [
      'c0',
      'e0 JFIF',
      'e0 JFXX',
      'e1 Exif',
      'e1 http://ns.adobe.com/xap/1.0/',
      'e2 ICC_PROFILE',
      'fe',
    ]);
    assert.deepEqual(segmentsOf(withXmp).slice(0, 2), ['e0 JFIF', 'e0 JFXX']);
  });

  it('cuts a large profile into numbered segments', async () => {
    const profile = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
    const out = insertJpegMetadata(file(JFIF, YCBCR), { icc: profile });
    assert.equal(segmentsOf(out).filter((name) => name === 'e2 ICC_PROFILE').length, 3);
    assert.ok(Buffer.from(out).includes(text('ICC_PROFILE\0\x03\x03')));
    const whole = insertJpegMetadata(await encode(scene({ width: 9, height: 9 }, 3), { format: 'jpeg', quality: 75 }, {}), { icc: profile }); // prettier-ignore
    assert.deepEqual(new Uint8Array((await sharp(whole).metadata()).icc ?? []), profile);
  });

  it('fills one segment to its last byte and leaves out what is longer', () => {
    const plain = file(JFIF, YCBCR);
    const cases = [
      ['xmp', 65_504, (length: number) => ({ xmp: 'x'.repeat(length) })],
      ['exif', 65_527, (length: number) => ({ exif: new Uint8Array(length) })],
      ['icc', 255 * 65_519, (length: number) => ({ icc: new Uint8Array(length) })],
    ] as const;
    for (const [name, most, embed] of cases) {
      assert.ok(insertJpegMetadata(plain, embed(most)).length > most, name);
      assert.equal(insertJpegMetadata(plain, embed(most + 1)), plain, name);
    }
  });

  it('states the density in JFIF', () => {
    const cases = [
      [{ x: 300, y: 150, unit: 'inch' }, [1, 300, 150]],
      [{ x: 118.11, y: 118.11, unit: 'cm' }, [2, 118, 118]],
      [{ x: 37.5, y: 37.5, unit: 'inch' }, [1, 38, 38]],
      [{ x: 0.2, y: 0.4, unit: 'inch' }, [1, 1, 1]],
      [{ x: 1, y: 2, unit: 'none' }, [0, 1, 2]],
      [{ x: 0.5, y: 1, unit: 'none' }, [0, 500, 1000]],
      [{ x: 1e9, y: 5, unit: 'inch' }, [1, 65_535, 5]],
    ] as const;
    for (const [resolution, expected] of cases) {
      for (const plain of [file(JFIF, YCBCR), file(YCBCR), file(OLD_EXIF, frame(0xc2, [1]))]) {
        const bytes = Buffer.from(insertJpegMetadata(plain, { resolution }));
        assert.equal(bytes.toString('latin1', 6, 11), 'JFIF\0');
        assert.deepEqual([bytes[13], bytes.readUInt16BE(14), bytes.readUInt16BE(16)], expected);
        assert.equal(segmentsOf(bytes).filter((name) => name.startsWith('e0')).length, 1);
      }
    }
    const plain = file(YCBCR);
    for (const x of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(insertJpegMetadata(plain, { resolution: { x, y: 1, unit: 'inch' } }), plain);
    }
  });

  it('states it in one step in a file that an encoder has just made', () => {
    const made = file(JFIF, YCBCR);
    for (const resolution of [
      { x: 300, y: 150.4, unit: 'inch' },
      { x: 1, y: 1, unit: 'none' },
      { x: 70_000, y: 0.2, unit: 'cm' },
    ] as const) {
      const stated = stateDensity(made, { resolution });
      assert.deepEqual(stated, insertJpegMetadata(made, { resolution }));
      assert.notEqual(stated?.buffer, made.buffer);
    }
    const resolution = { x: 1, y: 1, unit: 'none' } as const;
    const others = [
      {},
      { resolution: { ...resolution, x: NaN } },
      { resolution, xmp: '<x/>' },
      { resolution, icc: new Uint8Array(200) },
      { resolution, exif: new Uint8Array(8) },
    ];
    for (const other of others) assert.equal(stateDensity(made, other), undefined);
    assert.equal(stateDensity(file(YCBCR), { resolution }), undefined);
  });

  it('adds no JFIF that would change the colors', () => {
    const colored = [
      file(ADOBE, YCBCR),
      file(frame(0xc0, [0x52, 0x47, 0x42])),
      file(frame(0xc0, [1, 2, 3, 4])),
      file(frame(0xc3, [1, 2, 3])),
      file(),
    ];
    for (const plain of colored) assert.equal(insertJpegMetadata(plain, { resolution: DENSITY }), plain);
    const both = insertJpegMetadata(file(JFIF, ADOBE, YCBCR), { resolution: DENSITY });
    assert.equal(Buffer.from(both).readUInt16BE(14), 300);
  });

  it('keeps the pixels of real files', async () => {
    const { icc, xmp, exif } = await photoMetadata();
    for (const name of ['photo.jpg', 'photo-progressive.jpg', 'photo-grey.jpg']) {
      const original = new Uint8Array(readFileSync(path.resolve('fixtures/images', name)));
      const changed = insertJpegMetadata(original, { icc, xmp, exif, resolution: DENSITY });
      assert.deepEqual((await decodedColors(changed)).colors, (await decodedColors(original)).colors);
      const metadata = await sharp(changed).metadata();
      assert.deepEqual(new Uint8Array(metadata.icc ?? []), icc);
      assert.equal(metadata.xmp?.toString(), xmp);
    }
  });

  it('does not depend on what lies between marker and marker', () => {
    const fill = Uint8Array.of(0xff, 0xff, 0xff);
    const plain = file(JFIF, fill, Uint8Array.of(0xff, 0x01), YCBCR);
    const out = Buffer.from(insertJpegMetadata(plain, { resolution: DENSITY }));
    assert.equal(out.readUInt16BE(14), 300);
    assert.ok(out.includes(Buffer.concat([Uint8Array.of(0xff, 0x01), YCBCR, SCAN])));
  });

  it('does not write into the file that it is given', () => {
    const plain = Buffer.from(file(JFIF, YCBCR));
    const before = plain.toString('hex');
    insertJpegMetadata(plain, { resolution: DENSITY, icc: text('new') });
    assert.equal(plain.toString('hex'), before);
  });

  it('calls a header damaged that it cannot read', () => {
    const embed = { icc: text('new') };
    const whole = file(JFIF, OLD_EXIF, YCBCR);
    const headerLength = whole.length - SCAN.length + 2;
    for (let length = 0; length < headerLength; length++) {
      assert.throws(
        () => insertJpegMetadata(whole.subarray(0, length), embed),
        { kind: 'damaged' },
        `${length} bytes`,
      );
    }
    const broken = [
      text('not a JPEG at all'),
      file(Uint8Array.of(0xff, 0xe0, 0, 1)),
      file(Uint8Array.of(0xff, 0xe0, 0, 0)),
      file(Uint8Array.of(0xff, 0xe0, 0xff, 0xff)),
      file(Uint8Array.of(0, 0)),
      file(Uint8Array.of(0xff, 0)),
      file(Uint8Array.of(0xff, 0xd9)),
      file(Uint8Array.of(0xff, 0xd0)),
      new Uint8Array(1000).fill(0xff),
      Buffer.concat([SOI, new Uint8Array(1000).fill(0xff)]),
    ];
    for (const bytes of broken) assert.throws(() => insertJpegMetadata(bytes, embed), { kind: 'damaged' });
  });
});
