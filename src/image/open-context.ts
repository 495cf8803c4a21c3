/** What readers are given besides the file. */
import type { LevelStore } from './flat/level-store.ts';
import type { ImageReader, Report } from './reader.ts';
import type { ByteSource } from './source.ts';

export interface OpenContext {
  /** Where decoded levels of pictures without tiles are kept. */
  readonly levels: LevelStore;
  readonly report: Report;
}

export interface OpenOptions extends Partial<OpenContext> {
  /** Whether pictures are turned as their orientation says (TIFF tag 274, EXIF); they are unless this is false. */
  readonly isOriented?: boolean;
  /** Puts something before the reader of the picture as it is stored. */
  readonly wrap?: (reader: ImageReader, source: ByteSource) => Promise<ImageReader>;
}
