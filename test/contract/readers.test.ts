/** The readers under the contract of readers, on a file of each kind; the truth is another decoder's. */
import { fromFile } from 'geotiff';
import sharp from 'sharp';
import { fixture } from '../image/support/sources.ts';
import { testReader } from './reader-contract.ts';

type Truth = () => Promise<ArrayLike<number>>;

/** Samples as libvips decodes them, with as many bands and bits as the file has. */
function vips(name: string, bands: number, bits: 8 | 16 = 8): Truth {
  return async () => {
    const picture = sharp(fixture(name), { page: 0, ignoreIcc: true });
    const spaces: Partial<Record<number, string>> =
      bits === 8 ? { 1: 'b-w', 4: 'cmyk' } : { 1: 'grey16', 3: 'rgb16' };
    const space = spaces[bands];
    const inSpace = space === undefined ? picture : picture.pipelineColourspace(space).toColourspace(space);
    const { buffer, byteOffset, length } = await inSpace
      .raw({ depth: bits === 8 ? 'uchar' : 'ushort' })
      .toBuffer();
    const bytes = buffer.slice(byteOffset, byteOffset + length);
    return bits === 8 ? new Uint8Array(bytes) : new Uint16Array(bytes);
  };
}

/** Samples as geotiff decodes them: what is stored, without a thought of color. */
function geotiff(name: string, change: (stored: number) => number = (stored) => stored): Truth {
  return async () => {
    const image = await (await fromFile(fixture(name))).getImage(0);
    const samples = (await image.readRasters({ interleave: true })) as ArrayLike<number>;
    return Array.from(samples, change);
  };
}

/** RGB as RGBA, which every GIF is taken for. */
const opaque =
  (truth: Truth): Truth =>
  async () =>
    Array.from(await truth()).flatMap((sample, i) => (i % 3 === 2 ? [sample, 255] : [sample]));

/** The high bits again below: 10, 12 and 14 bits become 16. */
const expanded = (bits: number) => (stored: number) => (stored << (16 - bits)) | (stored >> (2 * bits - 16));

/** rgb-zstd.tif holds the same picture; neither decoder reads its compression everywhere. */
const SAME_AS_ZSTD = 'rgb-bigtiff.tif';

/** JPEG 2000 files hold scenes that are in TIFF files, too. */
const READERS: readonly (readonly [name: string, file: string, truth: Truth, tolerance?: number])[] = [
  ['TIFF, JPEG as RGB', 'rgb-jpeg.tif', vips('rgb-jpeg.tif', 3)],
  ['TIFF, JPEG as YCbCr', 'turn_pyr_090_090.tif', vips('turn_pyr_090_090.tif', 3)],
  ['TIFF, WebP', 'rgb-webp.tif', vips('rgb-webp.tif', 3)],
  ['TIFF, Zstandard', 'rgb-zstd.tif', vips(SAME_AS_ZSTD, 3)],
  ['TIFF, LZW in tiles of 512', 'rgb-lzw-512.tif', vips('rgb-lzw-512.tif', 3)],
  ['TIFF, uncompressed tiles of 128', 'rgb-none-128.tif', vips('rgb-none-128.tif', 3)],
  ['TIFF, tiles that are not square', 'rgb-odd-tiles.tif', vips('rgb-odd-tiles.tif', 3)],
  ['TIFF, levels in SubIFDs', 'rgb-subifd.tif', vips('rgb-subifd.tif', 3)],
  ['TIFF, strips', 'rgb-strips.tif', vips('rgb-strips.tif', 3)],
  ['TIFF, one pixel', 'one-pixel.tif', vips('one-pixel.tif', 3)],
  ['TIFF, separate planes', 'rgb-planar.tif', geotiff('rgb-planar.tif')],
  ['TIFF, palette', 'palette.tif', vips('palette.tif', 3)],
  ['TIFF, CMYK', 'cmyk.tif', vips('cmyk.tif', 4)],
  ['TIFF, RGBA', 'rgba8.tif', geotiff('rgba8.tif')],
  ['TIFF, gray', 'grey8.tif', vips('grey8.tif', 1)],
  ['TIFF, gray with alpha', 'greyalpha8.tif', geotiff('greyalpha8.tif')],
  ['TIFF, stack', 'stack.tif', vips('stack.tif', 1)],
  ['TIFF, five bands', 'bands5-8.tif', geotiff('bands5-8.tif')],
  ['TIFF, five bands of 16 bits', 'bands5-16.tif', geotiff('bands5-16.tif')],
  ['TIFF, one bit, white is zero', 'bilevel-white-is-zero.tif', vips('bilevel-white-is-zero.tif', 1)],
  ['TIFF, 4 bits', 'grey4-packed.tif', vips('grey4-packed.tif', 1)],
  ['TIFF, 10 bits', 'grey10-packed.tif', geotiff('grey10-packed.tif', expanded(10))],
  ['TIFF, 12 bits', 'grey12-packed.tif', geotiff('grey12-packed.tif', expanded(12))],
  ['TIFF, 16-bit gray', 'grey16.tif', vips('grey16.tif', 1, 16)],
  ['TIFF, 16-bit RGB, highest byte first', 'rgb16-bigendian.tif', vips('rgb16-bigendian.tif', 3, 16)],
  ['TIFF, 32 bits', 'uint32-grey.tif', geotiff('uint32-grey.tif')],
  ['TIFF, floats', 'float-dem.tif', geotiff('float-dem.tif')],
  ['TIFF, RGB of floats', 'float-rgb.tif', geotiff('float-rgb.tif')],
  ['TIFF, floats that are no numbers', 'float-nan.tif', geotiff('float-nan.tif')],
  ['TIFF, CIELAB', 'lab8.tif', geotiff('lab8.tif', (stored) => stored & 0xff)],
  ['TIFF, CIELAB of 16 bits', 'lab16.tif', geotiff('lab16.tif', (stored) => stored & 0xffff)],
  ['BigTIFF', 'rgb-bigtiff.tif', vips('rgb-bigtiff.tif', 3)],
  ['JPEG 2000, lossless', 'rgb-lossless.jp2', vips('rgb-bigtiff.tif', 3)],
  ['JPEG 2000, gray of 16 bits', 'grey16.jp2', vips('grey16.tif', 1, 16)],
  ['JPEG 2000, codestream alone, lossy', 'raw-codestream.j2k', vips('rgb-bigtiff.tif', 3), 3],
  ['JPEG', 'photo.jpg', vips('photo.jpg', 3)],
  ['JPEG, progressive', 'photo-progressive.jpg', vips('photo-progressive.jpg', 3)],
  ['JPEG, gray', 'photo-grey.jpg', vips('photo-grey.jpg', 1)],
  ['JPEG, large', 'photo-large.jpg', vips('photo-large.jpg', 3)],
  ['JPEG, arithmetic coding', 'flat/jpeg-arithmetic.jpg', vips('flat/jpeg-arithmetic.djpeg.png', 3)],
  ['JPEG, restart markers', 'flat/jpeg-restart-mcu.jpg', vips('flat/jpeg-restart-mcu.djpeg.png', 3)],
  ['JPEG, CMYK', 'flat/jpeg-cmyk-adobe.jpg', vips('flat/jpeg-cmyk-adobe.jpg', 4)],
  ['PNG', 'flat/rgb.png', geotiff('flat/scene-rgb.tif')],
  ['PNG, interlaced', 'flat/rgb-interlaced.png', geotiff('flat/scene-rgb.tif')],
  ['PNG, RGBA', 'flat/rgba.png', geotiff('flat/scene-rgba.tif')],
  ['PNG, 16-bit gray', 'flat/gray16.png', geotiff('flat/scene-gray16.tif')],
  ['PNG, palette', 'flat/palette.png', geotiff('flat/scene-few.tif')],
  // Chroma is subsampled: at the edge of a disk colors are mixed.
  ['WebP', 'flat/rgb.webp', geotiff('flat/scene-rgb.tif'), 45],
  ['WebP, RGBA, lossless', 'flat/rgba-lossless.webp', geotiff('flat/scene-rgba.tif')],
  ['GIF', 'flat/few.gif', opaque(geotiff('flat/scene-few.tif'))],
  ['AVIF', 'flat/rgb.avif', geotiff('flat/scene-rgb.tif'), 12],
  ['AVIF, RGBA', 'flat/rgba.avif', geotiff('flat/scene-rgba.tif'), 12],
];

for (const [name, file, truth, tolerance = 0] of READERS)
  testReader({ name, file: fixture(file), truth, tolerance });
