/** What readers are given besides the file. */
import type { ErrorFacts } from '../errors.ts';
import type { LevelStore } from './flat/level-store.ts';
import type { ImageReader } from './reader.ts';
import type { ByteSource } from './source.ts';

/** Told of what is wrong with a file that is served nevertheless; for the log. */
export type Report = (message: string, facts: ErrorFacts) => void;

/** What a server is told about reading pictures; plain data, the same in all threads. */
export interface OpenSettings {
  /** Whether pictures are turned as their orientation says (TIFF tag 274, EXIF). */
  readonly isOriented: boolean;
  /** How damaged JPEG 2000 is read: `fussy` refuses it (KAKADU_READMODE). */
  readonly jp2ReadMode: 'fast' | 'fussy' | 'resilient';
  /** Who decodes JPEG 2000 (JP2_DECODER). */
  readonly jp2Decoder: 'auto' | 'builtin' | 'native';
}

export const DEFAULT_SETTINGS: OpenSettings = { isOriented: true, jp2ReadMode: 'fast', jp2Decoder: 'auto' };

export interface OpenContext extends OpenSettings {
  /** Where decoded levels of pictures without tiles are kept. */
  readonly levels: LevelStore;
  readonly report: Report;
}

export interface OpenOptions extends Partial<OpenContext> {
  /** Puts something before the reader of the picture as it is stored. */
  readonly wrap?: ((reader: ImageReader, source: ByteSource) => Promise<ImageReader>) | undefined;
}
