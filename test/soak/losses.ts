/** What the soak itself has ended, and which answers may be lost because of that. */
import { awakeMs } from './awake-clock.ts';

/** How long after the end of a decoder an answer may still tell of it. */
const DECODER_MS = 60_000;

/** Between a signal, or the end of a replacement, and the moment at which a client hears of it. */
const NEWS_MS = 2_000;

/** What a server says when it has done what SIGHUP asks for; with workers, when all are replaced. */
const RENEWED = 'log reopened';
const WORKER_GONE =
  /"pid":(\d+).*"(?:a worker ended; a new one takes its place|a worker does not answer and is ended)"/;

export class Losses {
  #decoderAt = -Infinity;
  #workerAt = -Infinity;
  readonly #killed = new Set<number>();
  #renewals = 0;
  #renewedAt = -Infinity;

  decoderEnded(): void {
    this.#decoderAt = awakeMs();
  }

  workerEnded(pid: number): void {
    this.#workerAt = awakeMs();
    this.#killed.add(pid);
    this.decoderEnded();
  }

  /** SIGHUP is sent: workers are replaced one after the other, until the server's log says that it is done. */
  renewing(): void {
    this.#renewals++;
  }

  /** A line of the server's log. @returns what is wrong in it: a worker is gone that was not killed here. */
  hear(line: string): string | undefined {
    if (line.includes(RENEWED)) {
      this.#renewals--;
      this.#renewedAt = awakeMs();
    }
    const pid = WORKER_GONE.exec(line)?.[1];
    return pid === undefined || this.#killed.has(Number(pid)) ? undefined : line;
  }

  mayLoseDecoder(): boolean {
    return awakeMs() - this.#decoderAt < DECODER_MS;
  }

  /** Why a connection on which a request was sent at `start` (of `awakeMs`) may be gone; undefined when it must not. */
  ofConnection(start: number, isKept: boolean): string | undefined {
    if (this.#workerAt >= start - NEWS_MS) return 'its worker was killed';
    if (isKept && (this.#renewals > 0 || this.#renewedAt >= start - NEWS_MS))
      return 'kept, while its worker was replaced';
    return undefined;
  }
}
