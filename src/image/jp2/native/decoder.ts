/** The decoding process of a thread: started when it is needed, ended when it takes too long, started again. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NativeMessage, NativePlane, NativeRequest } from './messages.ts';

/** How a process ended: of a signal, or with a status of its own; of neither when it never began. */
export interface Death {
  readonly signal: NodeJS.Signals | undefined;
  readonly exitStatus: number | undefined;
}

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

const NO_DEATH: Death = { signal: undefined, exitStatus: undefined };

type Wish = Omit<NativeRequest, 'id'>;

export class NativeDecoder implements WindowDecoder {
  readonly #options: DecoderOptions;
  #process: DecoderProcess | undefined;
  #absence: string | undefined;
  #deaths = 0;
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
    this.#process?.kill();
  }

  /** Of the process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async #decode(wish: Wish): Promise<NativeResult> {
    if (this.#absence !== undefined || performance.now() < this.#restsUntil) return { kind: 'unavailable' };
    const running = this.#started();
    if ((await running.ready) === undefined) return { kind: 'unavailable' };
    const result = await running.ask(wish, this.#options.timeLimitMs);
    if (result.kind !== 'died') this.#deaths = 0;
    return result;
  }

  #started(): DecoderProcess {
    this.#process ??= new DecoderProcess(this.#options, {
      onAbsent: (reason) => (this.#absence = reason),
      onEnd: () => this.#mourn(),
    });
    return this.#process;
  }

  #mourn(): void {
    this.#process = undefined;
    this.#deaths++;
    if (this.#deaths > 1) {
      const restMs = Math.min(FIRST_REST_MS * 2 ** (this.#deaths - 2), LONGEST_REST_MS);
      this.#restsUntil = performance.now() + restMs;
    }
  }
}

interface Listeners {
  readonly onAbsent: (reason: string) => void;
  readonly onEnd: () => void;
}

/** One process, from its start to its end. */
class DecoderProcess {
  /** The library's version; undefined when the process ended, or said that there is no library. */
  readonly ready: Promise<string | undefined>;
  readonly #child: ChildProcess;
  #onMessage: (message: NativeMessage | undefined) => void = () => {};
  #requests = 0;
  #death: Death | undefined;

  constructor({ maxBytes, libraries, execArgv }: DecoderOptions, { onAbsent, onEnd }: Listeners) {
    this.#child = fork(PROGRAM, [String(maxBytes), ...libraries], {
      execArgv: [...execArgv],
      // What is decoded comes from anywhere: it must find no secrets.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    // It keeps nobody awake, unless an answer is waited for.
    this.#child.channel?.unref();
    const end = (exitStatus: number | null, signal: NodeJS.Signals | null): void => {
      if (this.#death !== undefined) return;
      this.#death = { signal: signal ?? undefined, exitStatus: exitStatus ?? undefined };
      onEnd();
      this.#onMessage(undefined);
    };
    this.#child.on('message', (message) => this.#onMessage(message as NativeMessage));
    this.#child.on('exit', end);
    // Not started, not killed, or not to be written to.
    this.#child.on('error', () => {
      this.kill();
      end(null, null);
    });
    this.ready = this.#next(START_LIMIT_MS).then((message) => {
      if (message?.kind === 'absent') {
        onAbsent(message.reason);
        this.kill();
      }
      return message?.kind === 'ready' ? message.version : undefined;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async ask(wish: Wish, timeLimitMs: number): Promise<NativeResult> {
    if (this.#death !== undefined) return { kind: 'died', ...this.#death };
    const id = ++this.#requests;
    const answer = this.#next(timeLimitMs);
    this.#child.send({ ...wish, id } satisfies NativeRequest);
    const message = await answer;
    if (message === undefined) return { kind: 'died', ...(this.#death ?? NO_DEATH) };
    if (message.kind === 'planes' && message.id === id) return { kind: 'planes', planes: message.planes };
    return { kind: 'refused' };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The next message; undefined when the process ends first, as it does at the end of its time. */
  #next(limitMs: number): Promise<NativeMessage | undefined> {
    return new Promise((resolve) => {
      this.#child.ref();
      const timer = setTimeout(() => this.kill(), limitMs);
      this.#onMessage = (message) => {
        clearTimeout(timer);
        this.#child.unref();
        this.#onMessage = () => {};
        resolve(message);
      };
    });
  }
}
