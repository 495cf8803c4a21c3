/** What readers are given besides the file. */
import type { ErrorFacts } from '../errors.ts';
import type { LevelStore } from './flat/level-store.ts';

/** Told of what is wrong with a file that is served nevertheless; for the log. */
export type Report = (message: string, facts: ErrorFacts) => void;

export interface OpenContext {
  /** Where decoded levels of pictures without tiles are kept. */
  readonly levels: LevelStore;
  readonly report: Report;
}

export type OpenOptions = Partial<OpenContext>;
