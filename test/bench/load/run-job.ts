/** Carries out one job: clients that share a shuffled list, and a clock that tells them when to stop. */
import { shuffled } from '../seeded.ts';
import { Client, type ClientEvents, type Turn } from './client.ts';
import type { LoadJob, LoadResult, Sample } from './job.ts';
import { kindOf, problemOf } from './judge.ts';
import { requestBytes, type AnswerReader } from './wire.ts';

/** A run with more failures than this is broken off: it measures nothing. */
const MAX_PROBLEMS = 50;

/** How often it is looked at whether answers still come. */
const LOOK_MS = 250;

/** Runs `job` to its end. Whatever goes wrong with answers is in the result; nothing of it rejects. */
export async function runJob(job: LoadJob): Promise<LoadResult> {
  const run = new Run(job);
  const before = process.cpuUsage();
  await run.done();
  const { user, system } = process.cpuUsage(before);
  return { ...run.result(), ownCpuSeconds: (user + system) / 1e6 };
}

class Run implements ClientEvents {
  readonly #job: LoadJob;
  readonly #requests: readonly Buffer[];
  readonly #order: readonly number[];
  readonly #begun = new Map<Client, { at: number; index: number; keepsBody: boolean }>();
  readonly #latencies: number[] = [];
  readonly #problems = new Map<string, number>();
  readonly #samples: Sample[] = [];
  readonly #clients: readonly Client[];
  #asked = 0;
  #problemCount = 0;
  #start = 0;
  #lastAnswer = 0;
  #finish: () => void = () => {};

  constructor(job: LoadJob) {
    this.#job = job;
    this.#requests = job.uris.map((uri) => requestBytes(uri, job.keepAlive));
    this.#order = job.inOrder === true ? [...job.uris.keys()] : shuffled(job.uris.keys(), job.seed);
    this.#clients = Array.from({ length: job.clients }, () => new Client(job.address, job.keepAlive, this));
  }

  async done(): Promise<void> {
    const watch = setInterval(() => this.#checkPatience(), LOOK_MS);
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      this.#start = performance.now();
      this.#lastAnswer = this.#start;
      for (const client of this.#clients) client.ask();
    });
    clearInterval(watch);
  }

  next(client: Client): Turn | undefined {
    const at = performance.now();
    if (!this.#goesOn(at)) {
      this.#begun.delete(client);
      if (this.#begun.size === 0) this.#finish();
      return undefined;
    }
    const index = this.#order[this.#asked % this.#order.length]!;
    const keepsBody = this.#asked++ < this.#job.samples;
    this.#begun.set(client, { at, index, keepsBody });
    return { bytes: this.#requests[index]!, keepsBody };
  }

  onAnswer(client: Client, answer: AnswerReader): void {
    const now = performance.now();
    this.#lastAnswer = now;
    const { at, index, keepsBody } = this.#begun.get(client)!;
    const { expects, uris } = this.#job;
    const problem = problemOf(answer, expects === 'by-uri' ? kindOf(uris[index]!) : expects);
    if (problem !== undefined) return this.#note(problem);
    this.#latencies.push(now - at);
    if (keepsBody) this.#samples.push({ uri: this.#job.uris[index]!, body: answer.body });
  }

  onFailure(_client: Client, reason: string): void {
    this.#note(reason);
  }

  result(): Omit<LoadResult, 'ownCpuSeconds'> {
    const latenciesMs = Float64Array.from(this.#latencies).sort();
    const seconds = (this.#lastAnswer - this.#start) / 1000;
    return {
      requests: latenciesMs.length,
      seconds,
      latenciesMs,
      problems: this.#problems,
      samples: this.#samples,
    };
  }

  #goesOn(now: number): boolean {
    if (this.#problemCount > MAX_PROBLEMS) return false;
    return now - this.#start < this.#job.seconds * 1000 || this.#asked < this.#job.atLeast;
  }

  #note(problem: string): void {
    this.#problemCount++;
    this.#problems.set(problem, (this.#problems.get(problem) ?? 0) + 1);
  }

  #checkPatience(): void {
    if (performance.now() - this.#lastAnswer < this.#job.patienceSeconds * 1000) return;
    this.#note('no answer in time');
    this.#problemCount = Infinity;
    for (const client of this.#clients) client.stop();
    this.#finish();
  }
}
