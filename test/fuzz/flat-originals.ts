/** Small PNG, WebP, GIF and AVIF pictures with profiles, texts and EXIF, made anew: sharp makes the same ones each time. */
import { crc } from './mutate-flat.ts';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';

const RGB = { width: 40, height: 30, channels: 3, background: '#8a5' } as const;

export async function flatOriginals(): Promise<readonly Uint8Array[]> {
  const noise = sharp({ create: { ...RGB, noise: { type: 'gaussian', mean: 128, sigma: 40 } } });
  const picture = sharp(await noise.png().toBuffer());
  const alpha = picture.clone().ensureAlpha(0.5);
  const gray = picture.clone().grayscale();
  const exif = { exif: { IFD0: { Copyright: 'Somebody', Orientation: '6' } } };
  const made = await Promise.all([
    picture.clone().withIccProfile('p3').png().toBuffer(),
    picture.clone().withMetadata(exif).png({ progressive: true }).toBuffer(),
    picture.clone().png({ palette: true, colours: 16 }).toBuffer(),
    alpha.clone().png().toBuffer(),
    gray.clone().toColourspace('grey16').png().toBuffer(),
    gray.clone().toColourspace('b-w').png().toBuffer(),
    picture.clone().withMetadata(exif).webp().toBuffer(),
    alpha.clone().webp({ lossless: true }).toBuffer(),
    alpha.clone().webp({ quality: 40 }).toBuffer(),
    picture.clone().gif().toBuffer(),
    alpha.clone().gif().toBuffer(),
    picture.clone().withMetadata(exif).avif({ effort: 0 }).toBuffer(),
    picture.clone().withIccProfile('p3').avif({ effort: 0, bitdepth: 10 }).toBuffer(),
    alpha.clone().avif({ effort: 0, lossless: true }).toBuffer(),
    gray.clone().toColourspace('b-w').avif({ effort: 0, quality: 30 }).toBuffer(),
  ]);
  return [...made, withTexts(made[0])].map((bytes) => new Uint8Array(bytes));
}

/** Texts of all three kinds behind IHDR, which ends at 33. */
function withTexts(png: Uint8Array): Uint8Array {
  const texts = [
    chunk('tEXt', Buffer.from('Title\0A picture', 'latin1')),
    chunk('zTXt', Buffer.concat([Buffer.from('Author\0\0', 'latin1'), deflateSync('Somebody')])),
    chunk('iTXt', Buffer.from('XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>', 'latin1')),
  ];
  return Buffer.concat([png.subarray(0, 33), ...texts, png.subarray(33)]);
}

/** `u32 length, u8[4] type, body, u32 checksum`. */
export function chunk(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
}
