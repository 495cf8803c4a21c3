/** The decoding process of a thread: started when it is needed, ended when it takes too long, started again. */
import { fileURLToPath } from 'node:url';
import { DecodingProcess, NO_DEATH, type Death } from '../../decoding-process.ts';
import type { NativeMessage, NativePlane, NativeRequest } from './messages.ts';

export type NativeResult =
  | { readonly kind: 'planes'; readonly planes: readonly NativePlane[] }
  /** The library does not decode this. */
  | { readonly kind: 'refused' }
  /** The process ended, or was ended, before it answered. */
  | ({ readonly kind: 'died' } & Death)
  /** There is no library, or its process has ended so often that it rests. */
  | { readonly kind: 'unavailable' };

/** Whoever decodes a codestream; never rejects. */
export interface WindowDecoder {
  decode(wish: Wish): Promise<NativeResult>;
}

export interface DecoderOptions {
  /** For one window. */
  readonly timeLimitMs: number;
  /** Of resident memory that the process may take. */
  readonly maxBytes: number;
  /** Of the library, as the system's loader takes them; the first that is there counts. */
  readonly libraries: readonly string[];
  /** For Node.js. */
  readonly execArgv: readonly string[];
}

export const DECODER_DEFAULTS: DecoderOptions = {
  timeLimitMs: 5_000,
  maxBytes: 768 * 2 ** 20,
  libraries: ['libopenjp2.so.7', 'libopenjp2.so', 'libopenjp2.7.dylib', 'libopenjp2.dylib', 'openjp2.dll'],
  execArgv: ['--max-old-space-size=64'],
};

const PROGRAM = fileURLToPath(new URL('./child.js', import.meta.url));

/** Node.js and the library, on a machine that is busy. */
const START_LIMIT_MS = 15_000;

/** The first death costs no rest, the second in a row this one, each further one twice as long. */
const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 60_000;

type Wish = Omit<NativeRequest, 'id'>;
type Process = DecodingProcess<NativeRequest, NativeMessage>;

interface Running {
  readonly child: Process;
  /** The library's version; undefined when the process ended, or said that there is no library. */
  readonly ready: Promise<string | undefined>;
}

export class NativeDecoder implements WindowDecoder {
  readonly #options: DecoderOptions;
  #running: Running | undefined;
  #absence: string | undefined;
  #deaths = 0;
  #requests = 0;
  #restsUntil = 0;
  /** One codestream at a time, so that the time limit is about it alone. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: Partial<DecoderOptions> = {}) {
    this.#options = { ...DECODER_DEFAULTS, ...options };
  }

  /** The library's version, or why there is none. */
  async probe(): Promise<{ readonly version: string } | { readonly absence: string }> {
    const version = await this.#started().ready;
    if (version !== undefined) return { version };
    return { absence: this.#absence ?? 'its process does not start' };
  }

  decode(wish: Wish): Promise<NativeResult> {
    const running = this.#turn.then(() => this.#decode(wish));
    this.#turn = running;
    return running;
  }

  /** Ends the process; the next window starts another. */
  stop(): void {
    this.#running?.child.kill();
  }

  /** Of the process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  async #decode(wish: Wish): Promise<NativeResult> {
    if (this.#absence !== undefined || performance.now() < this.#restsUntil) return { kind: 'unavailable' };
    const { child, ready } = this.#started();
    if ((await ready) === undefined) return { kind: 'unavailable' };
    const result = await this.#ask(child, { ...wish, id: ++this.#requests });
    if (result.kind !== 'died') this.#deaths = 0;
    return result;
  }

  async #ask(child: Process, request: NativeRequest): Promise<NativeResult> {
    void child.send(request);
    const message = await child.next(this.#options.timeLimitMs);
    if (message === undefined) return { kind: 'died', ...(child.death ?? NO_DEATH) };
    if (message.kind === 'planes' && message.id === request.id)
      return { kind: 'planes', planes: message.planes };
    return { kind: 'refused' };
  }

  #started(): Running {
    this.#running ??= this.#start();
    return this.#running;
  }

  #start(): Running {
    const { maxBytes, libraries, execArgv } = this.#options;
    const args = [String(maxBytes), ...libraries];
    const child: Process = new DecodingProcess({ program: PROGRAM, args, execArgv }, () => this.#mourn());
    const ready = child.next(START_LIMIT_MS).then((message) => {
      if (message?.kind === 'absent') {
        this.#absence = message.reason;
        child.kill();
      }
      return message?.kind === 'ready' ? message.version : undefined;
    });
    return { child, ready };
  }

  #mourn(): void {
    this.#running = undefined;
    this.#deaths++;
    if (this.#deaths > 1) {
      const restMs = Math.min(FIRST_REST_MS * 2 ** (this.#deaths - 2), LONGEST_REST_MS);
      this.#restsUntil = performance.now() + restMs;
    }
  }
}
