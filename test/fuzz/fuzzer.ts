/** What a fuzzer is, and the loop that runs one: cases are numbered, and each can be made again from the seed. */
import { diceOf, type Dice } from './dice.ts';
import type { Scope } from '../support/scope.ts';

export interface Fuzzer {
  readonly name: string;
  /** What the bytes of a case are, as the end of a file name. */
  readonly suffix: string;
  /** Starts what is tried; it ends with the scope. */
  start(scope: Scope): Promise<Started>;
}

export interface Started {
  /** Pure: the same dice make the same bytes. */
  readonly make: (dice: Dice) => Uint8Array;
  readonly trial: Trial;
}

/** Tries one input. @throws an error that says what it broke. */
export type Trial = (input: Uint8Array) => Promise<void>;

export interface Finding {
  readonly fuzzer: string;
  readonly seed: number;
  readonly index: number;
  readonly input: Uint8Array;
  readonly error: Error;
}

export interface Outcome {
  readonly executions: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
  /** More are not looked for. */
  readonly maxFindings: number;
}

/** Runs case after case for some seconds. */
export async function runFuzzer(fuzzer: Fuzzer, scope: Scope, options: FuzzOptions): Promise<Outcome> {
  const { seed, maxFindings } = options;
  const { make, trial } = await fuzzer.start(scope);
  const findings: Finding[] = [];
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let index = 0;
  for (; elapsed() < options.seconds && findings.length < maxFindings; index++) {
    const input = make(diceOf(seed, index));
    try {
      await trial(input);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      findings.push({ fuzzer: fuzzer.name, seed, index, input, error });
    }
  }
  return { executions: index, seconds: elapsed(), findings };
}
