/** What the headers of the formats that sharp decodes say; read here, because no native code runs on the main thread. */
import { ServerError } from '../../errors.ts';
import type { ColorSpace, ImageFormat, ImageInfo } from '../info.ts';

export interface PictureFacts
  extends Pick<ImageInfo, 'metadata'>, Partial<Pick<ImageInfo, 'resolution' | 'icc' | 'exif'>> {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  /** 1 gray, 2 with alpha, 3 color, 4 with alpha. */
  readonly bands: 1 | 2 | 3 | 4;
  readonly bitsPerSample: 8 | 16;
  readonly compression: string;
  /** The decoder gives rows from the top to the bottom and keeps none; else it holds the whole picture. */
  readonly isStreamed: boolean;
  /** Most bytes of pixels as stored that a byte of the file can hold; undefined where there is no such bound. */
  readonly largestRatio?: number;
  /** Turned by its decoder already. */
  readonly isUpright?: true;
}

export const colorSpaceOf = (bands: number): ColorSpace => (bands < 3 ? 'gray' : 'rgb');

export function damagedPicture(format: string, why: string): ServerError {
  return new ServerError('damaged', `damaged ${format}: ${why}`);
}

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
