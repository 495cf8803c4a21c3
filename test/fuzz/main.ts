/** npm run fuzz -- [--minutes N] [--seed S] [--only NAME] [--replay FILE]: an equal share of time for each fuzzer. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Scope } from '../support/scope.ts';
import { runFuzzer } from './fuzzer.ts';
import { FUZZERS } from './fuzzers.ts';
import { describeFinding, summary } from './report.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '7' },
    seed: { type: 'string' },
    only: { type: 'string' },
    replay: { type: 'string' },
  },
});

const names = FUZZERS.map(({ name }) => name);
const fuzzers = FUZZERS.filter(({ name }) => values.only === undefined || name === values.only);
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 1_000_000_007 : Number(values.seed);
if (fuzzers.length === 0) fail(`--only is one of ${names.join(', ')}`);
if (!(minutes > 0)) fail('--minutes is a number above 0');
if (!Number.isSafeInteger(seed)) fail('--seed is a whole number');

if (values.replay === undefined) await fuzz();
else await replay(values.replay);

async function fuzz(): Promise<void> {
  console.log(`seed ${seed}`);
  for (const fuzzer of fuzzers) {
    const scope = new Scope();
    const seconds = (60 * minutes) / fuzzers.length;
    const outcome = await runFuzzer(fuzzer, scope, { seed, seconds, maxFindings: 20 });
    await scope.end();
    console.log(summary(fuzzer, seed, outcome));
    for (const finding of outcome.findings) console.log(describeFinding(finding, fuzzer.suffix));
    if (outcome.findings.length > 0) process.exitCode = 1;
  }
}

async function replay(file: string): Promise<void> {
  const [fuzzer, other] = fuzzers;
  if (fuzzer === undefined || other !== undefined)
    return fail('--replay needs --only, which says what the file is for');
  const scope = new Scope();
  try {
    const { trial } = await fuzzer.start(scope);
    await trial(readFileSync(file));
    console.log(`${file}: nothing is wrong`);
  } finally {
    await scope.end();
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
