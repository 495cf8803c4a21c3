/** A bounded share of every fuzzer, with one seed, so that a run can be repeated; `npm run fuzz` takes new ones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scopeOf } from '../support/scope.ts';
import { runFuzzer } from './fuzzer.ts';
import { FUZZERS } from './fuzzers.ts';
import { describeFinding, summary } from './report.ts';

/** CI has the time for the whole minute of each. */
const SECONDS = Number(process.env['IIPSRV_FUZZ_SECONDS'] ?? (process.env['CI'] ? 60 : 10));
const SEED = Number(process.env['IIPSRV_FUZZ_SEED'] ?? 20_261_126);

describe('fuzzers', { timeout: FUZZERS.length * (SECONDS + 120) * 1000 }, () => {
  for (const fuzzer of FUZZERS) {
    it(`${fuzzer.name}: ${SECONDS} seconds of seed ${SEED} find nothing`, async (test) => {
      const outcome = await runFuzzer(fuzzer, scopeOf(test), {
        seed: SEED,
        seconds: SECONDS,
        maxFindings: 3,
      });
      test.diagnostic(summary(fuzzer, SEED, outcome));
      const found = outcome.findings.map((finding) => describeFinding(finding, fuzzer.suffix));
      assert.deepEqual(found, []);
      assert.ok(outcome.executions > SECONDS, 'it hardly ran');
    });
  }
});
