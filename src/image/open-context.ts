/** What readers are given besides the file. */
import type { ErrorFacts } from '../errors.ts';

/** Told of what is wrong with a file that is served nevertheless; for the log. */
export type Report = (message: string, facts: ErrorFacts) => void;

export interface OpenContext {
  readonly report: Report;
}

export interface OpenOptions extends Partial<OpenContext> {
  /** Whether pictures are turned as their orientation says (TIFF tag 274, EXIF); they are unless this is false. */
  readonly isOriented?: boolean;
}
