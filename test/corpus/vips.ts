/** Pixels of a picture as libvips and libtiff see them, in 8 bits; undefined where they see none. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { Pixels } from './pixels.ts';

const TIMEOUT_MS = 30_000;

/** Bytes of a sample, of formats whose whole range is what viewers see. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = { uchar: 1, ushort: 2 };
const COLORS = ['b-w', 'srgb', 'rgb', 'grey16', 'rgb16'];

/** The picture as it is stored and, where that differs, upright. */
export function* vipsPixels(file: string, folder: string): Generator<Pixels> {
  for (const operation of ['copy', 'autorot']) {
    const pixels = orUndefined(() => readByVips(operation, file, folder));
    if (pixels !== undefined) yield pixels;
  }
}

function readByVips(operation: string, file: string, folder: string): Pixels | undefined {
  const image = path.join(folder, 'picture.v');
  const raw = path.join(folder, 'picture.raw');
  run('vips', [operation, file, image]);
  const header = run('vipsheader', ['-a', image]);
  const field = (name: string): string => fieldOf(header, name);
  const bytes = SAMPLE_BYTES[field('format')];
  if (bytes === undefined || !COLORS.includes(field('interpretation'))) return undefined;
  run('vips', ['rawsave', image, raw]);
  const stored = readFileSync(raw);
  // The high bytes of little-endian samples.
  const data = Uint8Array.from({ length: stored.length / bytes }, (_, i) => stored[i * bytes + bytes - 1]!);
  const [width, height, bands] = ['width', 'height', 'bands'].map((name) => Number(field(name)));
  return { width: width!, height: height!, bands: bands!, data };
}

/** Whether the samples are signed or floats: libtiff would show their bits. */
export function hasNumbers(file: string): boolean {
  const format = orUndefined(() => fieldOf(run('vipsheader', ['-a', file]), 'format'));
  return format !== undefined && SAMPLE_BYTES[format] === undefined;
}

/** Libtiff knows color spaces that libvips leaves as they are stored. */
export async function libtiffPixels(file: string, folder: string): Promise<Pixels | undefined> {
  const rgba = path.join(folder, 'picture.tif');
  if (orUndefined(() => run('tiff2rgba', ['-c', 'none', '-n', file, rgba])) === undefined) return undefined;
  const { data, info } = await sharp(rgba).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, bands: info.channels, data };
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
