/**
 * The decoder of libjpeg-turbo, by itself: libvips takes ten times as long for a tile, and the binding that compresses
 * decodes with its less exact transform only.
 */
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { bindFirst, foundOnce } from './koffi.ts';

/** The library that the binding brings along, else the system's. */
export function turbojpegNames(): readonly string[] {
  const platform = `${os.platform()}-${os.arch()}`;
  const ofSystem = ['libturbojpeg.so.0', 'libturbojpeg.0.dylib', 'turbojpeg.dll'];
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve('@julusian/jpeg-turbo/package.json'));
    return [path.join(folder, 'prebuilds', `jpeg-turbo-${platform}`, 'libturbojpeg.so.0'), ...ofSystem];
  } catch {
    return ofSystem;
  }
}

/** turbojpeg.h, 2.x: pixel formats, color spaces and flags. */
const FORMATS = { 1: 6, 3: 0 } as const;
const YCBCR = 1;
const RGB = 0;
const GRAY = 2;
const STOP_ON_WARNING = 8_192;
/** Five hundred scans are enough for any picture. */
const LIMIT_SCANS = 32_768;

export interface JpegShape {
  readonly width: number;
  readonly height: number;
  readonly bands: 1 | 3;
}

export interface Turbojpeg {
  /** Size and bands of a JPEG of gray or color; `undefined` for what is neither, or broken. */
  readonly shapeOf: (file: Uint8Array) => JpegShape | undefined;
  /**
   * Decodes exactly (the slow integer transform, smooth chroma) into `output`, whose rows are `width * bands` bytes.
   *
   * @returns whether it did: not when anything in the file is broken.
   */
  readonly decodeInto: (file: Uint8Array, output: Uint8Array, shape: JpegShape) => boolean;
}

/** The library; `undefined` where it is not installed. */
export function loadTurbojpeg(names: readonly string[] = turbojpegNames()): Turbojpeg | undefined {
  return bindFirst(names, (library) => {
    const init = library.func('void *tjInitDecompress()');
    const readHeader = library.func(
      'int tjDecompressHeader3(void *handle, const void *file, unsigned long bytes, _Out_ int *width, _Out_ int *height, _Out_ int *sampling, _Out_ int *colors)',
    );
    const decompress = library.func(
      'int tjDecompress2(void *handle, const void *file, unsigned long bytes, void *out, int width, int rowBytes, int height, int format, int flags)',
    );
    // One for this thread, as long as it lives.
    const handle: unknown = init();
    if (handle === null) throw new Error('libturbojpeg has no memory');
    const [width, height, sampling, colors] = [[0], [0], [0], [0]];
    return {
      shapeOf: (file) => {
        if (file.length === 0 || readHeader(handle, file, file.length, width, height, sampling, colors) !== 0)
          return undefined;
        const bands = bandsOf(colors[0]!);
        return bands && { width: width[0]!, height: height[0]!, bands };
      },
      decodeInto: (file, output, shape) => {
        const { bands } = shape;
        const rowBytes = shape.width * bands;
        if (output.length < rowBytes * shape.height) throw new RangeError('there is no room for the picture');
        const flags = STOP_ON_WARNING | LIMIT_SCANS;
        const status: unknown = decompress(
          handle, file, file.length, output, shape.width, rowBytes, shape.height, FORMATS[bands], flags,
        ); // prettier-ignore
        return status === 0;
      },
    };
  });
}

function bandsOf(colors: number): 1 | 3 | undefined {
  if (colors === GRAY) return 1;
  return colors === YCBCR || colors === RGB ? 3 : undefined;
}

/** As `loadTurbojpeg`, looked for once. */
export const turbojpeg = foundOnce(() => loadTurbojpeg());
