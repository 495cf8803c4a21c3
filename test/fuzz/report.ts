/** Writes findings where they can be looked at, and says how to see them again. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding, Fuzzer, Outcome } from './fuzzer.ts';

/** One line of numbers. */
export function summary(fuzzer: Fuzzer, seed: number, { executions, seconds, findings }: Outcome): string {
  const rate = (executions / seconds).toFixed(0);
  return `${fuzzer.name}: ${executions} executions in ${seconds.toFixed(0)} s (${rate} a second), ${findings.length} findings, seed ${seed}`;
}

export function describeFinding({ fuzzer, seed, index, input, error }: Finding, suffix: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-fuzz-'));
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${fuzzer}-${seed}-${index}.${suffix}`);
  writeFileSync(file, input);
  const again = `npm run fuzz -- --only ${fuzzer} --replay ${file}`;
  return `case ${index} of seed ${seed}: ${(error.message || error.stack) ?? ''}\n  again: ${again}`;
}
