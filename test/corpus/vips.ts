/** Pixels of a picture as libvips, libtiff and OpenJPEG see them, in 8 bits; undefined where they see none. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { Pixels } from './pixels.ts';

const TIMEOUT_MS = 30_000;

/** Bytes of a sample, of formats whose whole range is what viewers see. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = { uchar: 1, ushort: 2 };
const COLORS = ['b-w', 'srgb', 'rgb', 'grey16', 'rgb16', 'cmyk'];

/** The picture as it is stored, upright where that differs, of CMYK what its profile makes of it, and CIELAB as sRGB. */
export function* vipsPixels(file: string, folder: string): Generator<Pixels> {
  for (const [operation, ...more] of [
    ['copy'],
    ['autorot'],
    ['icc_transform', 'srgb', '--embedded'],
    ['colourspace', 'srgb'],
  ] as const) {
    const pixels = orUndefined(() => readByVips(operation, more, file, folder));
    if (pixels !== undefined) yield pixels;
  }
}

function readByVips(
  operation: string,
  more: readonly string[],
  file: string,
  folder: string,
): Pixels | undefined {
  const image = path.join(folder, 'picture.v');
  const raw = path.join(folder, 'picture.raw');
  run('vips', [operation, file, image, ...more]);
  const header = run('vipsheader', ['-a', image]);
  const field = (name: string): string => fieldOf(header, name);
  const bytes = SAMPLE_BYTES[field('format')];
  if (bytes === undefined || !COLORS.includes(field('interpretation'))) return undefined;
  run('vips', ['rawsave', image, raw]);
  const stored = readFileSync(raw);
  // The high bytes of little-endian samples.
  const data = Uint8Array.from({ length: stored.length / bytes }, (_, i) => stored[i * bytes + bytes - 1]!);
  const [width, height, bands] = ['width', 'height', 'bands'].map((name) => Number(field(name)));
  const pixels = { width: width!, height: height!, bands: bands!, data };
  return field('interpretation') === 'cmyk' ? inksToRgb(pixels) : pixels;
}

/** Of inks without a profile: each takes light away on its own. */
function inksToRgb({ width, height, bands, data }: Pixels): Pixels {
  const light = (i: number): number =>
    ((255 - data[Math.floor(i / 3) * bands + (i % 3)]!) * (255 - data[Math.floor(i / 3) * bands + 3]!)) / 255;
  return {
    width,
    height,
    bands: 3,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => light(i)),
  };
}

/** Whether the samples are signed or floats: libtiff would show their bits. */
export function hasNumbers(file: string): boolean {
  const format = orUndefined(() => fieldOf(run('vipsheader', ['-a', file]), 'format'));
  return format !== undefined && SAMPLE_BYTES[format] === undefined;
}

/** Libtiff knows color spaces that libvips leaves as they are stored. */
export async function libtiffPixels(file: string, folder: string): Promise<Pixels | undefined> {
  if (!/\.tiff?$/i.test(file)) return undefined;
  const rgba = path.join(folder, 'picture.tif');
  rmSync(rgba, { force: true });
  if (orUndefined(() => run('tiff2rgba', ['-c', 'none', '-n', file, rgba])) === undefined) return undefined;
  if (!existsSync(rgba)) return undefined;
  const { data, info } = await sharp(rgba).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, bands: info.channels, data };
}

/** What libvips leaves alone, bare codestreams among it, or takes for other colors: components of several sizes. */
export function* openjpegPixels(file: string, folder: string): Generator<Pixels> {
  if (!/\.(j2[kc]|jp[2cxh]|jh[cp])$/i.test(file)) return;
  const tiff = path.join(folder, 'openjpeg.tif');
  for (const options of [[], ['-upsample']]) {
    rmSync(tiff, { force: true });
    const args = [...options, '-i', file, '-o', tiff];
    if (orUndefined(() => run('opj_decompress', args)) === undefined || !existsSync(tiff)) continue;
    const pixels = orUndefined(() => readByVips('copy', [], tiff, folder));
    if (pixels !== undefined) yield pixels;
  }
}

/** Of a header as `vipsheader -a` prints it, with names for numbers, which -f does not have. */
function fieldOf(header: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(header)?.[1] ?? '';
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** What these programs refuse is no truth. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
