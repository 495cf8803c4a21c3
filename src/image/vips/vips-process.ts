/** The process for libvips of a thread: started with the first job, ended when a job takes too much or none comes. */
import { fileURLToPath } from 'node:url';
import { ServerError } from '../../errors.ts';
import { uninitializedBytes } from '../bytes.ts';
import { DecodingProcess } from '../decoding-process.ts';
import type { VipsJob, VipsPixels } from './jobs.ts';
import { PIECE_BYTES, type VipsMessage, type VipsRequest } from './messages.ts';
import type { VipsInput } from './run-vips.ts';

export interface VipsOptions {
  /** For one job. */
  readonly timeLimitMs: number;
  /** Of resident memory that the child may take; by default what the job should need. */
  readonly maxBytes?: number;
  /** Without a job it is ended then. */
  readonly idleMs: number;
  /** It keeps no memory between jobs: it collects after each, and is ended after a large one, and sooner. */
  readonly sparesMemory: boolean;
}

/** The time is less than REQUEST_TIMEOUT by default: the file is to blame then, not the request. */
const DEFAULTS: VipsOptions = { timeLimitMs: 40_000, idleMs: 60_000, sparesMemory: false };
const SPARING_IDLE_MS = 20_000;

const PROGRAM = fileURLToPath(new URL('./child.js', import.meta.url));

/** Node.js and the library, on a machine that is busy. */
const START_LIMIT_MS = 30_000;

/** What the child takes before it has a job, and what libvips keeps of a picture beside its pixels: rows of tiles. */
const OWN_BYTES = 2 ** 28;

/** Decoders hold a picture in planes of 16 bits, and once more as pixels; then it is sent. */
const COPIES = 5;

/** A job after which a child that is to spare memory is not used again: what it took would stay with it. */
const LARGE_BYTES = 2 ** 26;

type Process = DecodingProcess<VipsRequest, VipsMessage>;

interface Running {
  readonly child: Process;
  readonly isReady: Promise<boolean>;
}

export class VipsProcess {
  readonly #options: VipsOptions;
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** One job at a time, so that limits are about it alone. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: Partial<VipsOptions> = {}) {
    const idle = options.sparesMemory === true ? { idleMs: SPARING_IDLE_MS } : {};
    this.#options = { ...DEFAULTS, ...idle, ...options };
  }

  /** Of the child; undefined while there is none. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /**
   * Does a job.
   *
   * @throws Error what libvips says. {ServerError} `damaged` when the child was ended by what it did (`decoder` among
   * the facts says how), `overloaded` when none could be started.
   */
  run(input: VipsInput, job: VipsJob): Promise<VipsPixels> {
    const running = this.#turn.then(() => this.#run(input, job));
    this.#turn = running.catch(() => undefined);
    return running;
  }

  /** Ends the child; the next job starts another. */
  stop(): void {
    clearTimeout(this.#idle);
    this.#running?.child.kill();
    // Its end is told later: nobody is to give it work until then.
    this.#running = undefined;
  }

  async #run(input: VipsInput, job: VipsJob): Promise<VipsPixels> {
    clearTimeout(this.#idle);
    this.#running ??= this.#start();
    const { child, isReady } = this.#running;
    if (!(await isReady)) throw new ServerError('overloaded', 'no decoder can be started; try again later');
    let isTimeOver = false;
    const limit = setTimeout(() => {
      isTimeOver = true;
      child.kill();
    }, this.#options.timeLimitMs);
    try {
      await sendFile(child, input);
      const maxBytes = this.#options.maxBytes ?? OWN_BYTES + 2 * input.length + COPIES * input.pixelBytes;
      await child.send({ kind: 'job', job, maxBytes });
      const pixels = await receive(child);
      if (pixels === undefined) throw endOf(isTimeOver);
      return pixels;
    } finally {
      clearTimeout(limit);
      this.#rest(COPIES * input.pixelBytes >= LARGE_BYTES);
    }
  }

  #rest(wasLarge: boolean): void {
    const { idleMs, sparesMemory } = this.#options;
    if (sparesMemory && wasLarge) this.stop();
    else this.#idle = setTimeout(() => this.stop(), idleMs).unref();
  }

  #start(): Running {
    const { sparesMemory } = this.#options;
    const execArgv = ['--max-old-space-size=64', ...(sparesMemory ? ['--expose-gc'] : [])];
    const child: Process = new DecodingProcess({ program: PROGRAM, args: [], execArgv, sparesMemory }, () => {
      if (this.#running?.child === child) this.#running = undefined;
    });
    return { child, isReady: child.next(START_LIMIT_MS).then((message) => message?.kind === 'ready') };
  }
}

/** In pieces, none of which is kept here. A file that cannot be read ends nothing: the next one begins at 0 again. */
async function sendFile(child: Process, { length, read }: VipsInput): Promise<void> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const bytes = await read(at, Math.min(PIECE_BYTES, length - at));
    await child.send({ kind: 'bytes', at, bytes, fileBytes: length });
  }
}

/** undefined when the process ends. */
async function receive(child: Process): Promise<VipsPixels | undefined> {
  const first = await child.next();
  if (first === undefined) return undefined;
  if (first.kind !== 'made') throw new Error(first.kind === 'refused' ? first.reason : 'not understood');
  const data = uninitializedBytes(first.dataBytes);
  for (let have = 0; have < data.length;) {
    const message = await child.next();
    if (message === undefined) return undefined;
    if (message.kind !== 'data') throw new Error('not understood');
    data.set(message.bytes, message.at);
    have += message.bytes.length;
  }
  return { ...first.pixels, data };
}

function endOf(isTimeOver: boolean): ServerError {
  return new ServerError('damaged', 'this picture has ended its decoder', {
    facts: { decoder: isTimeOver ? 'stalled' : 'died' },
  });
}
