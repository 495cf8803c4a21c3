/**
 * Tiled pyramids of pictures that have neither tiles nor levels (PYRAMID_CACHE_DIR): found by the version of their
 * source, made in the background by a child process, one at a time, and deleted when there are too many.
 */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FileIdentity } from '../image/source.ts';
import type { BuildJob } from './build-job.ts';
import { evict } from './evict.ts';
import { giveUpLock, LOCK_SUFFIX, MAX_BUILD_MS, passLock, takeLock } from './lock.ts';
import { FAILED_SUFFIX, pyramidPath } from './pyramid-path.ts';

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

/** What builders say of a disk, not of the picture: it is tried again when the server starts again. */
const DISK_FULL = /ENOSPC|EDQUOT|EROFS|EACCES|No space left|Disk quota|Read-only file system/i;

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
      const failure = await this.#runChild(job, lock);
      fs.rmSync(lock, { force: true });
      if (this.#isBroken) return;
      const facts = { path: job.source, ms: Math.round(performance.now() - started) };
      if (failure === undefined) {
        log.info(facts, 'a pyramid was made');
        evict(this.#options);
        onMade(job.source);
      } else {
        log.warn({ ...facts, reason: failure }, 'no pyramid could be made; the picture is served without');
        if (DISK_FULL.test(failure)) throw new Error(failure);
        fs.writeFileSync(`${job.target}${FAILED_SUFFIX}`, failure);
        evict(this.#options);
      }
    } catch (err) {
      // A disk that is full or read-only: said once, and serving goes on.
      this.#isBroken = true;
      giveUpLock(lock);
      log.warn(
        { err, directory: this.#options.directory },
        'PYRAMID_CACHE_DIR cannot be written; no pyramids are made',
      );
    }
  }

  /** Undefined when the pyramid is there, else why it is not. */
  #runChild(job: BuildJob, lock: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const child = fork(BUILDER, [], { env: {}, execArgv: [], stdio: ['pipe', 'ignore', 'pipe', 'ipc'], timeout: MAX_BUILD_MS, killSignal: 'SIGKILL' }); // prettier-ignore
      this.#child = child;
      if (child.pid !== undefined) passLock(lock, child.pid);
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
}
