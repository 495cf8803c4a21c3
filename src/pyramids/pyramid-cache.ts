/**
 * Tiled pyramids of pictures that have neither tiles nor levels (PYRAMID_CACHE_DIR): found by the version of their
 * source, made in the background by a child process, one at a time, and deleted when there are too many.
 */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileIdentity } from '../image/source.ts';
import type { BuildJob } from './build-job.ts';
import { pyramidPath } from './pyramid-path.ts';

/** Of the log what is needed here. */
export interface PyramidLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface PyramidOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly log: PyramidLog;
  /** Called when the pyramid of a picture is there. */
  readonly onMade: (path: string) => void;
}

const BUILDER = fileURLToPath(new URL('./build.js', import.meta.url));
const LOCK_SUFFIX = '.lock';
const FAILED_SUFFIX = '.failed';

/** A build that takes longer is ended; its lock does not count any more either. */
const MAX_BUILD_MS = 15 * 60_000;
const MAX_WAITING = 256;

export class PyramidCache {
  readonly #options: PyramidOptions;
  readonly #waiting = new Map<string, BuildJob>();
  #child: ReturnType<typeof fork> | undefined;
  #isBuilding = false;
  #isBroken = false;

  constructor(options: PyramidOptions) {
    this.#options = options;
  }

  /** Wants the pyramid of a picture; nothing happens when it is there, under way, or was tried in vain. */
  want(source: string, identity: FileIdentity): void {
    const target = pyramidPath(this.#options.directory, source, identity);
    if (this.#isBroken || this.#waiting.has(target) || this.#waiting.size >= MAX_WAITING) return;
    if (fs.existsSync(target) || fs.existsSync(`${target}${FAILED_SUFFIX}`)) return;
    this.#waiting.set(target, { source, target });
    void this.#work();
  }

  /** Ends what is under way. */
  stop(): void {
    this.#isBroken = true;
    this.#waiting.clear();
    this.#child?.kill('SIGKILL');
  }

  async #work(): Promise<void> {
    if (this.#isBuilding) return;
    this.#isBuilding = true;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      await this.#build(next[1]);
      this.#waiting.delete(next[0]);
    }
    this.#isBuilding = false;
  }

  async #build(job: BuildJob): Promise<void> {
    const { log, onMade } = this.#options;
    const lock = `${job.target}${LOCK_SUFFIX}`;
    try {
      if (!takeLock(lock)) return;
      const started = performance.now();
      const failure = await this.#runChild(job);
      fs.rmSync(lock, { force: true });
      if (this.#isBroken) return;
      const facts = { path: job.source, ms: Math.round(performance.now() - started) };
      if (failure === undefined) {
        log.info(facts, 'a pyramid was made');
        this.#evict();
        onMade(job.source);
      } else {
        log.warn({ ...facts, reason: failure }, 'no pyramid could be made; the picture is served without');
        fs.writeFileSync(`${job.target}${FAILED_SUFFIX}`, failure);
      }
    } catch (err) {
      // A disk that is full or read-only: said once, and serving goes on.
      this.#isBroken = true;
      fs.rmSync(lock, { force: true });
      log.warn(
        { err, directory: this.#options.directory },
        'PYRAMID_CACHE_DIR cannot be written; no pyramids are made',
      );
    }
  }

  /** Undefined when the pyramid is there, else why it is not. */
  #runChild(job: BuildJob): Promise<string | undefined> {
    return new Promise((resolve) => {
      const child = fork(BUILDER, [], { execArgv: [], stdio: ['pipe', 'ignore', 'pipe', 'ipc'], timeout: MAX_BUILD_MS, killSignal: 'SIGKILL' }); // prettier-ignore
      this.#child = child;
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
      child.stdin?.on('error', () => {});
      child.stdin?.end(JSON.stringify(job));
      child.disconnect();
      child.unref();
      child.on('error', (error) => resolve(error.message));
      child.on('exit', (code, signal) => {
        this.#child = undefined;
        resolve(code === 0 ? undefined : said.trim() || `ended by ${signal ?? code}`);
      });
    });
  }

  /** The least recently used go first: readers touch the file that they open. */
  #evict(): void {
    const { directory, maxBytes } = this.#options;
    const files = fs
      .readdirSync(directory)
      .filter((name) => name.endsWith('.tif'))
      .map((name) => path.join(directory, name))
      .map((file) => ({ file, stats: fs.statSync(file, { throwIfNoEntry: false }) }))
      .flatMap(({ file, stats }) =>
        stats === undefined ? [] : [{ file, size: stats.size, used: stats.atimeMs }],
      )
      .sort((a, b) => a.used - b.used);
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of files) {
      if (total <= maxBytes) return;
      fs.rmSync(file, { force: true });
      total -= size;
    }
  }
}

/** Between processes and machines too: whoever makes the file may build. A lock of a builder that died is broken. */
function takeLock(lock: string): boolean {
  const stats = fs.statSync(lock, { throwIfNoEntry: false });
  if (stats !== undefined && Date.now() - stats.mtimeMs > MAX_BUILD_MS) fs.rmSync(lock, { force: true });
  try {
    fs.closeSync(fs.openSync(lock, 'wx'));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
