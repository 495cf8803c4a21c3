/** What one request took, and the header that tells it. */
import { STAGES, type Stage } from '../metrics/meter.ts';
import { PICTURE_STAGES, type StageTimes } from '../metrics/stage-clock.ts';
import type { PictureOrigin } from '../render/picture.ts';
import type { Header } from '../server/response.ts';

/** The others contain these. */
const PARTS = STAGES.filter((stage) => stage !== 'request' && stage !== 'render');

export class RequestTimes {
  readonly #ms: Partial<Record<Stage, number>> = {};
  /** Where its picture came from. */
  origin: PictureOrigin | undefined;

  add(stage: Stage, ms: number): void {
    this.#ms[stage] = (this.#ms[stage] ?? 0) + ms;
  }

  addStages(times: StageTimes): void {
    for (const stage of PICTURE_STAGES) if (times[stage] > 0) this.add(stage, times[stage]);
  }

  /**
   * The header of the W3C's Server Timing: the stages that there were, in milliseconds.
   *
   * Their parts add up to `wholeMs` at most: pictures of one request that are made at the same time in several threads
   * share the time that they took together.
   */
  header(wholeMs: number): Header {
    const sum = PARTS.reduce((total, stage) => total + (this.#ms[stage] ?? 0), 0);
    const share = sum > wholeMs ? wholeMs / sum : 1;
    const entries = PARTS.filter((stage) => this.#ms[stage] !== undefined).map((stage) => {
      const name = stage === 'cache' && this.origin !== undefined ? `cache;desc="${this.origin}"` : stage;
      return entry(name, this.#ms[stage]! * share);
    });
    if (this.#ms.render !== undefined) entries.push(entry('render', Math.min(this.#ms.render, wholeMs)));
    return ['Server-Timing', [...entries, entry('total', wholeMs)].join(', ')];
  }
}

/** Cut off after microseconds, so that no sum grows by rounding. */
const entry = (name: string, ms: number): string =>
  `${name};dur=${(Math.floor(ms * 1000) / 1000).toFixed(3)}`;
