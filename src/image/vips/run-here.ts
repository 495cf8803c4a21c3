/** Does a job with libvips, in whatever thread or process this is. */
import type { Sharp } from 'sharp';
import { plainBytes } from '../bytes.ts';
import { sharp } from '../lazy-sharp.ts';
import type { VipsJob, VipsPixels } from './jobs.ts';

/** libvips' names of the color spaces of rasters. */
const SPACES = {
  8: { gray: 'b-w', rgb: 'srgb' },
  16: { gray: 'grey16', rgb: 'rgb16' },
} as const;

/** @throws Error of libvips, with its text. */
export async function runHere(bytes: Uint8Array, job: VipsJob): Promise<VipsPixels> {
  const { data, info } = await pipelineOf(bytes, job).toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, bands: info.channels, data: plainBytes(data) };
}

function pipelineOf(bytes: Uint8Array, job: VipsJob): Sharp {
  switch (job.kind) {
    case 'rows':
      return rowsOf(bytes, job);
    case 'jpeg':
      return jpegOf(bytes, job);
    case 'to-srgb': {
      const picture = sharp(bytes).toColourspace('srgb');
      return (job.dropsAlpha ? picture.removeAlpha() : picture).raw();
    }
  }
}

function rowsOf(bytes: Uint8Array, job: VipsJob & { readonly kind: 'rows' }): Sharp {
  const { bands, bits, maxPixels, size, rows, isPart } = job;
  // Gray with alpha loses its alpha on the way to gray.
  const space = SPACES[bits][bands === 1 ? 'gray' : 'rgb'];
  let picture = sharp(bytes, {
    failOn: 'error',
    limitInputPixels: maxPixels,
    ignoreIcc: true,
    unlimited: true,
  });
  if (bits === 16) picture = picture.pipelineColourspace(space);
  if (size !== undefined) picture = picture.resize({ ...size, fit: 'fill' });
  if (isPart)
    picture = picture.extract({ left: rows.x, top: rows.y, width: rows.width, height: rows.height });
  picture = bands % 2 === 0 ? picture.ensureAlpha() : picture.removeAlpha();
  return picture.toColourspace(space).raw({ depth: bits === 16 ? 'ushort' : 'uchar' });
}

/** Of a damaged file what is there is shown. */
function jpegOf(bytes: Uint8Array, job: VipsJob & { readonly kind: 'jpeg' }): Sharp {
  const { x: left, y: top, width, height } = job.window;
  return openedJpeg(bytes, job.bands, 'none')
    .resize({ ...job.size, fit: 'fill' })
    .extract({ left, top, width, height })
    .raw();
}

/** A JPEG in its own numbers: gray, RGB, or CMYK with 0 for no ink. */
export function openedJpeg(
  bytes: Uint8Array,
  bands: number,
  failOn: 'none' | 'warning',
  maxPixels: number | false = false,
): Sharp {
  const picture = sharp(bytes, { failOn, limitInputPixels: maxPixels, ignoreIcc: true });
  if (bands === 1) return picture.toColourspace('b-w');
  if (bands === 4) return picture.pipelineColourspace('cmyk').toColourspace('cmyk');
  return picture;
}
