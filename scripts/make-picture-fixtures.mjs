// Makes fixtures/images/flat/: JPEG with the tools of libjpeg-turbo (cjpeg, djpeg), which tell the pixels, too; PNG,
// WebP, GIF and AVIF with sharp. What a file holds without loss is in scene-*.tif beside it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

const folder = path.resolve('fixtures/images/flat');
mkdirSync(folder, { recursive: true });
const file = (name) => path.join(folder, name);

/** Slopes and two disks, smooth enough for lossy formats; 0 to 255. */
function scene({ width, height, bands }) {
  const samples = new Uint8Array(width * height * bands);
  for (let i = 0; i < samples.length; i++) {
    const [band, x, y] = [i % bands, Math.floor(i / bands) % width, Math.floor(i / bands / width)];
    const disk = Math.hypot(x / width - 0.3 - 0.15 * band, y / height - 0.5) < 0.2 ? 60 : 0;
    samples[i] =
      40 + (band + 1) * 15 + (x * 70) / width + ((band % 2 === 0 ? y : height - y) * 50) / height + disk;
  }
  return samples;
}

const raw = (samples, { width, height, bands }) =>
  sharp(samples, { raw: { width, height, channels: bands } });
const truth = (samples, shape) =>
  raw(samples, shape).tiff({ compression: 'deflate', predictor: 'horizontal' });
const ppm = (samples, { width, height, bands }) =>
  Buffer.concat([Buffer.from(`P${bands === 3 ? 6 : 5}\n${width} ${height}\n255\n`), samples]);

const RGB = { width: 300, height: 200, bands: 3 };
const GRAY = { ...RGB, bands: 1 };
const RGBA = { ...RGB, bands: 4 };
const CMYK = { ...RGB, bands: 4 };

/** A JPEG of cjpeg, and beside it what djpeg makes of it. */
async function jpeg(name, shape, options, { djpeg = true } = {}) {
  const bytes = execFileSync('cjpeg', options, { input: ppm(scene(shape), shape), maxBuffer: 2 ** 28 });
  writeFileSync(file(`${name}.jpg`), bytes);
  if (!djpeg) return;
  const pixels = execFileSync('djpeg', ['-pnm', file(`${name}.jpg`)], { maxBuffer: 2 ** 28 });
  writeFileSync(
    file(`${name}.djpeg.png`),
    await sharp(pixels.subarray(pixels.length - shape.width * shape.height * shape.bands), {
      raw: { ...shape, channels: shape.bands },
    })
      .png()
      .toBuffer(),
  );
}

for (const [name, sampling] of [
  ['444', '1x1'],
  ['422', '2x1'],
  ['420', '2x2'],
  ['440', '1x2'],
  ['411', '4x1'],
])
  await jpeg(`jpeg-${name}`, { width: 64, height: 48, bands: 3 }, ['-quality', '85', '-sample', sampling]);
await jpeg('jpeg-rgb', { width: 64, height: 48, bands: 3 }, ['-quality', '85', '-rgb']);
await jpeg('jpeg-odd-420', { width: 61, height: 45, bands: 3 }, ['-quality', '85', '-sample', '2x2']);
await jpeg('jpeg-restart-mcu', RGB, ['-quality', '85', '-restart', '3B']);
await jpeg('jpeg-restart-rows', RGB, ['-quality', '85', '-restart', '1']);
await jpeg('jpeg-arithmetic', RGB, ['-quality', '85', '-arithmetic']);
await jpeg('jpeg-arithmetic-progressive', RGB, ['-quality', '85', '-arithmetic', '-progressive']);
await jpeg('jpeg-one-column', { width: 1, height: 300, bands: 3 }, ['-quality', '90']);
await jpeg('jpeg-one-row', { width: 300, height: 1, bands: 3 }, ['-quality', '90']);
await jpeg('jpeg-one-pixel', { width: 1, height: 1, bands: 3 }, ['-quality', '90']);
await jpeg('jpeg-wide', { width: 65_500, height: 20, bands: 1 }, ['-quality', '60', '-grayscale'], {
  djpeg: false,
});
await jpeg('jpeg-high', { width: 20, height: 65_500, bands: 1 }, ['-quality', '60', '-grayscale'], {
  djpeg: false,
});

// Inks, 0 for none. Files have them the other way round, with Adobe's marker or without: so take them all decoders.
const inks = scene(CMYK);
await raw(inks, CMYK).png().toFile(file('scene-cmyk.png'));
const inverted = inks.map((ink) => 255 - ink);
const asCmyk = async (samples) => {
  const tiff = cmykTiff(samples);
  const image = sharp(tiff).pipelineColourspace('cmyk').toColourspace('cmyk');
  return withoutAdobe(await image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer());
};

/** libvips takes four bands for CMYK only where a file says so. */
function cmykTiff(samples) {
  const { width, height } = CMYK;
  const entries = [
    [256, 4, width],
    [257, 4, height],
    [259, 3, 1],
    [262, 3, 5],
    [273, 4, 8],
    [277, 3, 4],
    [278, 4, height],
    [279, 4, samples.length],
  ];
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  const bits = Buffer.alloc(8);
  for (let i = 0; i < 4; i++) bits.writeUInt16LE(8, 2 * i);
  const all = [...entries, [258, 3, undefined]].sort((a, b) => a[0] - b[0]);
  const directory = Buffer.alloc(2 + all.length * 12 + 4);
  directory.writeUInt16LE(all.length, 0);
  head.writeUInt32LE(8 + samples.length + 8, 4);
  all.forEach(([tag, type, value], i) => {
    const at = 2 + 12 * i;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(tag === 258 ? 4 : 1, at + 4);
    directory.writeUInt32LE(tag === 258 ? 8 + samples.length : value, at + 8);
  });
  return Buffer.concat([head, samples, bits, directory]);
}

/** libvips has turned the inks round; the marker that says so is taken away. */
function withoutAdobe(bytes) {
  const pieces = [];
  let at = 2;
  while (bytes[at + 1] !== 0xda) {
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (bytes[at + 1] !== 0xee && bytes[at + 1] !== 0xe0) pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat([bytes.subarray(0, 2), ...pieces, bytes.subarray(at)]);
}

function withAdobe(bytes, transform) {
  const marker = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
  return Buffer.concat([bytes.subarray(0, 2), marker, bytes.subarray(2)]);
}

/** Y, Cb, Cr of the light that inks leave, and the fourth as it is (Adobe's transform 2). */
function toYcck(samples) {
  const clamp = (value) => Math.min(255, Math.max(0, Math.round(value)));
  const output = new Uint8Array(samples);
  for (let i = 0; i < samples.length; i += 4) {
    const [r, g, b] = [0, 1, 2].map((band) => samples[i + band]);
    output[i] = clamp(0.299 * r + 0.587 * g + 0.114 * b);
    output[i + 1] = clamp(-0.168736 * r - 0.331264 * g + 0.5 * b + 128);
    output[i + 2] = clamp(0.5 * r - 0.418688 * g - 0.081312 * b + 128);
  }
  return output;
}

// What asCmyk is given comes into the file turned round.
writeFileSync(file('jpeg-cmyk-adobe.jpg'), withAdobe(await asCmyk(inks), 0));
writeFileSync(file('jpeg-cmyk-plain.jpg'), await asCmyk(inks));
// Adobe's Y, Cb, Cr are those of 255 - ink as stored: of the inks themselves, turned round.
const stored = toYcck(inverted.map((light) => 255 - light));
writeFileSync(file('jpeg-ycck-adobe.jpg'), withAdobe(await asCmyk(ycckInput(stored)), 2));

/** The fourth component is stored turned round, the first three as decoders undo them. */
function ycckInput(ycck) {
  const output = new Uint8Array(ycck.length);
  for (let i = 0; i < ycck.length; i += 4) {
    // A decoder makes 255 - RGB of Y, Cb, Cr; the file has 255 - ink; so RGB is the ink.
    for (let band = 0; band < 3; band++) output[i + band] = 255 - ycck[i + band];
    output[i + 3] = ycck[i + 3];
  }
  return output;
}

await truth(scene(RGB), RGB).toFile(file('scene-rgb.tif'));
await truth(scene(RGBA), RGBA).toFile(file('scene-rgba.tif'));
const few = scene(RGB).map((sample) => sample & 0xc0);
await truth(few, RGB).toFile(file('scene-few.tif'));
const wide = Uint16Array.from(scene(GRAY), (sample, i) => sample * 257 - (i % 200));
await sharp(wide, { raw: { ...GRAY, channels: 1 } })
  .toColourspace('grey16')
  .tiff({ compression: 'deflate' })
  .toFile(file('scene-gray16.tif'));

await raw(scene(RGB), RGB).png().toFile(file('rgb.png'));
await raw(scene(RGB), RGB).png({ progressive: true }).toFile(file('rgb-interlaced.png'));
await raw(scene(RGBA), RGBA).png().toFile(file('rgba.png'));
await sharp(wide, { raw: { ...GRAY, channels: 1 } })
  .toColourspace('grey16')
  .png()
  .toFile(file('gray16.png'));
await raw(few, RGB).png({ palette: true, dither: 0 }).toFile(file('palette.png'));
await raw(scene(RGB), RGB).webp({ quality: 95 }).toFile(file('rgb.webp'));
await raw(scene(RGBA), RGBA).webp({ lossless: true, exact: true }).toFile(file('rgba-lossless.webp'));
await raw(few, RGB).gif({ dither: 0, interFrameMaxError: 0 }).toFile(file('few.gif'));
await raw(scene(RGB), RGB).avif({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(file('rgb.avif'));
await raw(scene(RGBA), RGBA).avif({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(file('rgba.avif'));
console.log(readFileSync(file('rgb.png')).length > 0 ? `made ${folder}` : 'nothing was made');
