/** A process in which native code decodes: it may crash, stall or eat memory, and then ends alone. */
import { fork, type ChildProcess } from 'node:child_process';

/** For glibc, where memory is to be spared: what a picture took is given back, and threads share one heap. */
const SPARING_ENV = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '4194304',
  MALLOC_MMAP_THRESHOLD_: '1048576',
};

export interface ProgramOptions {
  /** The module that the process runs. */
  readonly program: string;
  readonly args: readonly string[];
  /** For Node.js. */
  readonly execArgv: readonly string[];
  readonly sparesMemory?: boolean;
}

/** How a process ended: of a signal, or with a status of its own; of neither when it never began. */
export interface Death {
  readonly signal: NodeJS.Signals | undefined;
  readonly exitStatus: number | undefined;
}

export const NO_DEATH: Death = { signal: undefined, exitStatus: undefined };

/** Those of this thread that run. */
const running = new Set<{ end(): Promise<void> }>();

/** Ends all processes of this thread; resolves when the system knows that somebody has seen them end. */
export async function endDecodingProcesses(): Promise<void> {
  await Promise.all([...running].map((child) => child.end()));
}

/** One process, from its start to its end. Messages are structured clones. */
export class DecodingProcess<Request extends object, Message> {
  readonly #child: ChildProcess;
  readonly #inbox: Message[] = [];
  #onMessage: ((message: Message | undefined) => void) | undefined;
  #death: Death | undefined;
  readonly #ended: Promise<void>;

  /** @param onEnd called once, however it ended. */
  constructor({ program, args, execArgv, sparesMemory = false }: ProgramOptions, onEnd: () => void) {
    this.#child = fork(program, [...args], {
      execArgv: [...execArgv],
      // What is decoded comes from anywhere: it must find no secrets.
      env: sparesMemory ? SPARING_ENV : {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    // It keeps nobody awake, unless an answer is waited for.
    this.#child.channel?.unref();
    let settle = (): void => {};
    this.#ended = new Promise((resolve) => (settle = resolve));
    running.add(this);
    const end = (death: Death): void => {
      if (this.#death !== undefined) return;
      running.delete(this);
      this.#death = death;
      settle();
      onEnd();
      this.#onMessage?.(undefined);
    };
    this.#child.on('message', (message) => {
      if (this.#onMessage === undefined) this.#inbox.push(message as Message);
      else this.#onMessage(message as Message);
    });
    this.#child.on('exit', (exitStatus, signal) =>
      end({ signal: signal ?? undefined, exitStatus: exitStatus ?? undefined }),
    );
    // Not started, not killed, or not to be written to.
    this.#child.on('error', () => {
      this.kill();
      end(NO_DEATH);
    });
  }

  /** Undefined while it runs. */
  get death(): Death | undefined {
    return this.#death;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the message is on its way, or can no longer be. */
  send(request: Request): Promise<void> {
    if (this.#death !== undefined) return this.#ended;
    const sent = new Promise<void>((resolve) => this.#child.send(request, () => resolve()));
    return Promise.race([sent, this.#ended]);
  }

  /** The next message; undefined when the process ends first, as it does at the end of a time. */
  next(limitMs = Infinity): Promise<Message | undefined> {
    const waiting = this.#inbox.shift();
    if (waiting !== undefined || this.#death !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => {
      this.#child.ref();
      const timer = limitMs === Infinity ? undefined : setTimeout(() => this.kill(), limitMs);
      this.#onMessage = (message) => {
        clearTimeout(timer);
        this.#child.unref();
        this.#onMessage = undefined;
        resolve(message);
      };
    });
  }

  /** Kills it, and resolves when it is no more. */
  async end(): Promise<void> {
    this.#child.ref();
    this.kill();
    await this.#ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
