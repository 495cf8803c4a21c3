/** What the soak itself has ended, and which answers may be lost because of that. */
import { awakeMs } from './awake-clock.ts';

/** How long after the end of a decoder an answer may still tell of it. */
const DECODER_MS = 60_000;

/** So long a worker that is replaced may still close connections that are kept. */
const RENEWAL_MS = 40_000;

/** Between a signal and the moment at which a client hears of it. */
const NEWS_MS = 2_000;

export class Losses {
  #decoderAt = -Infinity;
  #workerAt = -Infinity;
  #renewalAt = -Infinity;

  decoderEnded(): void {
    this.#decoderAt = awakeMs();
  }

  workerEnded(): void {
    this.#workerAt = awakeMs();
    this.decoderEnded();
  }

  renewed(): void {
    this.#renewalAt = awakeMs();
  }

  mayLoseDecoder(): boolean {
    return awakeMs() - this.#decoderAt < DECODER_MS;
  }

  /** Why a connection on which a request was sent at `start` (of `awakeMs`) may be gone; undefined when it must not. */
  ofConnection(start: number, isKept: boolean): string | undefined {
    if (this.#workerAt >= start - NEWS_MS) return 'its worker was killed';
    if (isKept && this.#renewalAt >= start - RENEWAL_MS) return 'kept, while its worker was replaced';
    return undefined;
  }
}
