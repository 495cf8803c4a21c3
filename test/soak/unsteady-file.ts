/** The picture that others change while it is read, and what may be seen of it. */
import { chmod, copyFile, mkdir, rename, rm, truncate, utimes } from 'node:fs/promises';
import path from 'node:path';
import { FIXTURES } from '../support/program.ts';
import { UNSTEADY } from './requests.ts';

/** Which version is there; -1: none that is whole. */
interface State {
  readonly version: number;
  readonly since: number;
}

export class UnsteadyFile {
  readonly #path: string;
  readonly #folder: string;
  readonly #states: State[];
  /** The one that was put there last. */
  #whole = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = path.join(folder, UNSTEADY.name);
    this.#states = [{ version: 0, since: 0 }];
  }

  /** Versions that were there between two moments; -1 among them: anything may have been seen. */
  versionsBetween(start: number, end: number): readonly number[] {
    return this.#states
      .filter(({ since }, i) => since <= end && (this.#states[i + 1]?.since ?? Infinity) >= start)
      .map(({ version }) => version);
  }

  /** By renaming, as one should. */
  async replace(version: number): Promise<void> {
    const next = path.join(this.#folder, 'next.part');
    await copyFile(path.join(FIXTURES, UNSTEADY.versions[version]!), next);
    await utimes(next, new Date(), new Date());
    this.#whole = version;
    await this.#while(version, async () => {
      await rm(this.#path, { recursive: true, force: true });
      await rename(next, this.#path);
    });
  }

  async cutOff(bytes: number): Promise<void> {
    await this.#while(-1, () => truncate(this.#path, bytes));
  }

  async remove(): Promise<void> {
    await this.#while(-1, () => rm(this.#path, { recursive: true, force: true }));
  }

  async becomeFolder(): Promise<void> {
    await this.#while(-1, async () => {
      await rm(this.#path, { recursive: true, force: true });
      await mkdir(this.#path);
    });
  }

  /** Nobody may read it. Who has it open may go on. */
  async close(): Promise<void> {
    await this.#while(-1, () => chmod(this.#path, 0));
  }

  async open(): Promise<void> {
    await this.#while(this.#whole, () => chmod(this.#path, 0o644));
  }

  /** During the change itself nothing is certain. */
  async #while(version: number, change: () => Promise<void>): Promise<void> {
    this.#states.push({ version: -1, since: performance.now() });
    await change();
    this.#states.push({ version, since: performance.now() });
  }
}
