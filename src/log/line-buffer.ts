/** Gathers log lines and writes them in batches; bounded, and what it must drop it counts and tells. */
import { type Outlet, codeOf } from './outlet.ts';
import { Pace } from './pace.ts';

interface Limits {
  /** Characters that may wait; lines beyond are dropped. */
  readonly maxWaiting: number;
  /** Characters that are worth a write. */
  readonly batch: number;
  /** Longest wait of a line that is not urgent. */
  readonly flushMs: number;
  /** From one write to the next when there are many lines that are urgent. */
  readonly urgentMs: number;
  /** Longest time that closing may take. */
  readonly closeMs: number;
  /** The line that says how many lines were lost, and the reason of the last loss. */
  readonly lostLine: (lost: number, why: string) => string;
}

type Settings = Pick<Limits, 'lostLine'> & Partial<Limits>;

const LIMITS: Omit<Limits, 'lostLine'> = {
  maxWaiting: 1_000_000,
  batch: 16_384,
  flushMs: 250,
  urgentMs: 25,
  closeMs: 2000,
};

/** Lines on their way to one outlet. Nothing here throws or rejects. */
export class LineBuffer {
  readonly #outlet: Outlet;
  readonly #limits: Limits;
  readonly #urgent: Pace;
  #lines: string[] = [];
  #waiting = 0;
  #lost = 0;
  #lostWhy = '';
  #timer: NodeJS.Timeout | undefined;
  /** The last of the operations on the outlet, which run one after another. */
  #tail: Promise<void>;
  /** A write that has not begun: it will take whatever is added until then. */
  #nextWrite: Promise<void> | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(outlet: Outlet, settings: Settings) {
    this.#outlet = outlet;
    this.#limits = { ...LIMITS, ...settings };
    this.#urgent = new Pace(() => void this.flush(), this.#limits.urgentMs);
    this.#tail = outlet.open();
  }

  /** Takes one line with its line break. Urgent lines are written at once or nearly so, with all that wait before them. */
  add(line: string, isUrgent: boolean): void {
    if (this.#isClosed) return;
    if (this.#waiting + line.length > this.#limits.maxWaiting) {
      this.#countLost(1, 'too many lines wait');
      return;
    }
    this.#lines.push(line);
    this.#waiting += line.length;
    if (this.#waiting >= this.#limits.batch) void this.flush();
    else if (isUrgent) this.#urgent.soon();
    else this.#timer ??= setTimeout(() => this.#onTimer(), this.#limits.flushMs).unref();
  }

  /** Resolves when the lines added until now are written or lost. */
  flush(): Promise<void> {
    this.#nextWrite ??= this.#enqueue(() => {
      this.#nextWrite = undefined;
      return this.#write();
    });
    return this.#nextWrite;
  }

  /** Writes what waits to the old target, then opens it anew. */
  reopen(): Promise<void> {
    void this.flush();
    return this.#enqueue(() => this.#outlet.open());
  }

  /** Writes what waits and closes the outlet, or gives up when that takes too long. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const end = (): void => {
        this.#isClosed = true;
        clearTimeout(deadline);
        clearTimeout(this.#timer);
        this.#urgent.stop();
        resolve();
      };
      const deadline = setTimeout(end, this.#limits.closeMs);
      void this.#enqueue(() => this.#finish()).then(end);
    });
    return this.#closing;
  }

  async #finish(): Promise<void> {
    do await this.#write();
    while (this.#lines.length > 0);
    await this.#outlet.close();
  }

  #onTimer(): void {
    this.#timer = undefined;
    void this.flush();
  }

  #enqueue(operation: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(operation);
    return this.#tail;
  }

  async #write(): Promise<void> {
    const [lines, lost] = [this.#lines, this.#lost];
    if (lines.length === 0 && lost === 0) return;
    this.#lines = [];
    this.#waiting = 0;
    const notice = lost === 0 ? '' : this.#limits.lostLine(lost, this.#lostWhy);
    try {
      await this.#outlet.write(notice + lines.join(''));
      this.#lost -= lost;
    } catch (error) {
      this.#countLost(lines.length, codeOf(error));
    }
  }

  #countLost(lines: number, why: string): void {
    this.#lost += lines;
    this.#lostWhy = why;
  }
}
