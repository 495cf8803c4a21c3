/** Chains of directories: every subfile that makes sense, and a word for the log about those that do not. */
import { ServerError } from '../../errors.ts';
import type { Report } from '../open-context.ts';
import { readDirectory } from './directory.ts';
import type { Directory, TiffFile } from './directory.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { checkReadable } from './readable.ts';
import { readSubfile } from './subfile.ts';
import type { Subfile } from './subfile.ts';
import { readNumbers } from './values.ts';

/** Directories read from one file; a longer chain is cut here. */
export const MAX_DIRECTORIES = 4_096;

/** A subfile of a file. */
export interface Candidate {
  readonly subfile: Subfile;
  /** Number of its directory in the chain, from 0. */
  readonly index: number;
  /** Missing when its pixels cannot be decoded, for which `refusal` is the reason. */
  readonly layout?: PixelLayout;
  readonly refusal?: ServerError;
}

/** Follows chains in one file; no directory is read twice. */
export class ChainReader {
  readonly #file: TiffFile;
  readonly #report: Report;
  readonly #visited = new Set<number>();

  constructor(file: TiffFile, report: Report) {
    this.#file = file;
    this.#report = report;
  }

  /**
   * The main chain. Only the first directory has to be there: a later one that is damaged, seen before, or no image
   * ends the chain or is left out, and the picture is served without it.
   *
   * @throws {ServerError} `damaged` for the first directory.
   */
  readMain(): Promise<Candidate[]> {
    return this.#read(this.#file.firstDirectory, true);
  }

  /** The subfiles that the SubIFDs of a directory name, with the chains that begin there. */
  async readNested(directory: Directory): Promise<Candidate[]> {
    const nested: Candidate[] = [];
    const offsets = await this.#orNothing(readNumbers(this.#file, directory, 'SubIFDs'), directory.offset);
    for (const offset of offsets ?? []) nested.push(...(await this.#read(offset, false)));
    return nested;
  }

  async #read(start: number, isMain: boolean): Promise<Candidate[]> {
    const chain: Candidate[] = [];
    let offset = start;
    for (let index = 0; offset !== 0; index++) {
      if (!this.#enter(offset)) break;
      const isNeeded = isMain && index === 0;
      const directory = await this.#orNothing(readDirectory(this.#file, offset), offset, isNeeded);
      if (directory === undefined) break;
      const subfile = await this.#orNothing(readSubfile(this.#file, directory), offset, isNeeded);
      if (subfile !== undefined) chain.push(candidateOf(subfile, index));
      offset = directory.next;
    }
    return chain;
  }

  #enter(offset: number): boolean {
    const isKnown = this.#visited.has(offset);
    if (isKnown || this.#visited.size >= MAX_DIRECTORIES) {
      const problem = isKnown
        ? 'a directory of this TIFF leads back to another'
        : 'this TIFF has too many directories';
      this.#report(`${problem}; it is served up to there`, { offset });
      return false;
    }
    this.#visited.add(offset);
    return true;
  }

  /** Damage becomes undefined, and a line in the log, unless what is damaged is needed. */
  async #orNothing<T>(reading: Promise<T>, offset: number, isNeeded = false): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (isNeeded || !(error instanceof ServerError) || error.kind !== 'damaged') throw error;
      const { message, facts } = error;
      this.#report('a directory of this TIFF is left out', { directory: offset, reason: message, ...facts });
      return undefined;
    }
  }
}

function candidateOf(subfile: Subfile, index: number): Candidate {
  try {
    return { subfile, index, layout: checkReadable(subfile) };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return { subfile, index, refusal: error };
  }
}
