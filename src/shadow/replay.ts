/** Replays logged requests against two servers, so many at once and a second, and gathers what differs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseLogLine, type LoggedRequest } from './access-log.ts';
import { compareAnswers, type Difference, type Fetched } from './compare.ts';

export interface ReplayOptions {
  /** The old server and the new one: what stands before the logged path. */
  readonly from: URL;
  readonly to: URL;
  /** Pairs of requests at once. */
  readonly concurrency: number;
  /** Pairs a second; `Infinity` as fast as it goes. */
  readonly rate: number;
  readonly timeoutMs: number;
  readonly leastPsnr: number;
}

export interface Finding {
  readonly uri: string;
  readonly difference: Exclude<Difference, { readonly kind: 'same' | 'close' }>;
}

export interface ReplayReport {
  /** Lines of the log, and those that had a request to repeat. */
  lines: number;
  requests: number;
  /** Requests by what came out. */
  readonly counts: Record<Difference['kind'], number>;
  /** Of pictures that are alike but not the same. */
  lowestPsnr: number | undefined;
  /** Milliseconds: the median and the 99th percentile. */
  readonly fromMs: readonly [median: number, p99: number];
  readonly toMs: readonly [median: number, p99: number];
  /** The first MAX_FINDINGS. */
  readonly findings: readonly Finding[];
}

export const MAX_FINDINGS = 1_000;

/** Larger answers are cut off and count as failed. */
const MAX_BODY_BYTES = 2 ** 28;

export async function replay(lines: AsyncIterable<string>, options: ReplayOptions): Promise<ReplayReport> {
  const tally = new Tally();
  const iterator = lines[Symbol.asyncIterator]();
  const start = performance.now();
  let sent = 0;
  const worker = async (): Promise<void> => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      tally.lines++;
      const request = parseLogLine(next.value);
      if (request === undefined) continue;
      const due = start + (1000 * sent++) / options.rate;
      if (due > performance.now()) await sleep(due - performance.now());
      await tally.take(request, options);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return tally.report();
}

class Tally {
  lines = 0;
  #requests = 0;
  readonly #counts: Record<Difference['kind'], number> = {
    same: 0, close: 0, status: 0, type: 0, size: 0, pixels: 0, text: 0, undecodable: 0,
  }; // prettier-ignore
  readonly #findings: Finding[] = [];
  readonly #fromMs: number[] = [];
  readonly #toMs: number[] = [];
  #lowestPsnr: number | undefined;

  async take(request: LoggedRequest, options: ReplayOptions): Promise<void> {
    this.#requests++;
    const [from, to] = await Promise.all([
      timed(this.#fromMs, () => ask(options.from, request, options.timeoutMs)),
      timed(this.#toMs, () => ask(options.to, request, options.timeoutMs)),
    ]);
    const difference = await compareAnswers(from, to, options.leastPsnr);
    this.#counts[difference.kind]++;
    if (difference.kind === 'close') {
      this.#lowestPsnr = Math.min(this.#lowestPsnr ?? Infinity, difference.psnr);
    } else if (difference.kind !== 'same' && this.#findings.length < MAX_FINDINGS) {
      this.#findings.push({ uri: request.uri, difference });
    }
  }

  report(): ReplayReport {
    return {
      lines: this.lines,
      requests: this.#requests,
      counts: this.#counts,
      lowestPsnr: this.#lowestPsnr,
      fromMs: percentiles(this.#fromMs),
      toMs: percentiles(this.#toMs),
      findings: this.#findings,
    };
  }
}

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  into.push(performance.now() - start);
  return result;
}

async function ask(server: URL, { method, uri }: LoggedRequest, timeoutMs: number): Promise<Fetched> {
  try {
    const url = server.origin + server.pathname.replace(/\/$/, '') + uri;
    const response = await fetch(url, { method, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return {
      origin: server.origin,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await limitedBody(response),
    };
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const failure = cause instanceof Error ? cause.message : String(cause);
    return { status: 0, contentType: '', body: new Uint8Array(0), failure };
  }
}

async function limitedBody(response: globalThis.Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw new Error('the answer is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

function percentiles(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
  return [at(0.5), at(0.99)];
}
