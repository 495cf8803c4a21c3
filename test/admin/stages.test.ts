/** What answers tell of the stages that made them, and what the meter counts of them. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createMetrics } from '../../src/admin/prometheus.ts';
import { RequestTimes } from '../../src/admin/server-timing.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { createImageServer } from '../../src/image-server.ts';
import { STAGES } from '../../src/metrics/meter.ts';
import { makeRequest } from '../../src/server/request.ts';
import { headerValue } from '../../src/server/response.ts';
import { memoryLog } from '../support/log.ts';
import { FIXTURES } from '../support/program.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=rgb-deflate.tif';
/** Quick enough for the thread that is asked. */
const TILE = `${IIP}&GAM=0.5&JTL=3,5`;
/** Not quick. */
const EXPORT = `${IIP}&GAM=0.5&WID=600&CVT=png`;

const MADE = ['read', 'decode', 'process', 'encode'] as const;
const PARTS = ['cache', 'open', ...MADE] as const;

type Times = Readonly<Record<string, number>>;

async function serve(test: TestContext, env: Readonly<Record<string, string>> = {}) {
  const settings = { FILESYSTEM_PREFIX: FIXTURES, OMP_NUM_THREADS: '1', SERVER_TIMING: '1', ...env };
  const { config } = readConfig(settings, { cpus: 1, avifCodecs: [] });
  const server = await createImageServer(config, memoryLog(), '1.3');
  const alive = setInterval(() => undefined, 60_000);
  test.after(() => {
    clearInterval(alive);
    return server.stop();
  });
  const ask = async (uri: string) => {
    const response = await server.respond(makeRequest({ uri }), new AbortController().signal);
    assert.equal(response.status, 200);
    return timesIn(headerValue(response, 'Server-Timing') ?? '');
  };
  const nobody = { forget: () => Promise.resolve(), empty: () => Promise.resolve() };
  const counts = async () => (await server.administered(nobody).readings()).meter;
  return { ask, counts };
}

function timesIn(header: string): { readonly ms: Times; readonly origin: string | undefined } {
  const ms = [...header.matchAll(/(\w+)(?:;desc="\w+")?;dur=([\d.]+)/g)].map(
    ([, name, text]) => [name, Number(text)] as const,
  );
  return { ms: Object.fromEntries(ms) as Times, origin: /cache;desc="(\w+)"/.exec(header)?.[1] };
}

/** Each of `names` took some time, nothing else was done, and all of it fits into the request. */
function assertTimes(ms: Times, names: readonly string[]): void {
  for (const name of names) assert.ok((ms[name] ?? 0) > 0, `${name}: ${JSON.stringify(ms)}`);
  const others = PARTS.filter((name) => !names.includes(name) && name in ms);
  assert.deepEqual(others, [], JSON.stringify(ms));
  const sum = PARTS.reduce((total, name) => total + (ms[name] ?? 0), 0);
  assert.ok(sum <= ms['total']! + 1e-9, JSON.stringify(ms));
}

describe('the stages of an answer', { timeout: 60_000 }, () => {
  it('are told of a tile made in the thread that was asked, and of the same from the cache', async (test) => {
    const { ask, counts } = await serve(test);
    const made = await ask(TILE);
    assert.equal(made.origin, 'rendered');
    assertTimes(made.ms, PARTS);
    const before = await counts();
    for (const name of MADE) assert.equal(before.stages[name].cumulative.at(-1), 1, name);
    const kept = await ask(TILE);
    assert.equal(kept.origin, 'hit');
    assertTimes(kept.ms, ['cache']);
    const after = await counts();
    for (const name of MADE) assert.equal(after.stages[name].cumulative.at(-1), 1, name);
    const lookUps = (counted: typeof after) => counted.stages.cache.cumulative.at(-1)!;
    assert.equal(lookUps(after) - lookUps(before), 1);
  });

  it('are told of an export made in a rendering thread, which opens the file for itself', async (test) => {
    const { ask, counts } = await serve(test);
    assertTimes((await ask(EXPORT)).ms, PARTS);
    const { stages } = await counts();
    for (const name of MADE) {
      assert.equal(stages[name].cumulative.at(-1), 1, name);
      assert.ok(stages[name].sumSeconds > 0, name);
    }
    assert.equal(stages.open.cumulative.at(-1), 2, 'in both threads');
    const sum = MADE.reduce((total, name) => total + stages[name].sumSeconds, 0);
    assert.ok(sum <= stages.render.sumSeconds);
  });

  it('are told once of a picture that two ask for at the same time', async (test) => {
    const { ask, counts } = await serve(test);
    const both = await Promise.all([ask(EXPORT), ask(EXPORT)]);
    assert.deepEqual(both.map(({ origin }) => origin).sort(), ['rendered', 'shared']);
    for (const { origin, ms } of both) assertTimes(ms, origin === 'shared' ? ['cache', 'open'] : PARTS);
    assert.equal((await counts()).stages.decode.cumulative.at(-1), 1);
  });

  it('of a stored tile that is sent as it is are reading it and completing it', async (test) => {
    const { ask } = await serve(test);
    const { ms, origin } = await ask(`${IIP.replace('deflate', 'jpeg')}&JTL=3,5`);
    assert.equal(origin, 'copied');
    assertTimes(ms, ['cache', 'open', 'read', 'encode']);
  });

  it('are told of samples and of statistics, which are read and decoded too', async (test) => {
    const { ask, counts } = await serve(test);
    assertTimes((await ask(`${IIP}&SPECTRA=3,5,10,10`)).ms, ['open', 'read', 'decode', 'process']);
    assert.equal((await counts()).stages.decode.cumulative.at(-1), 1);
  });

  it('are not told unless wanted, and counted all the same', async (test) => {
    const { ask, counts } = await serve(test, { SERVER_TIMING: '0' });
    assert.deepEqual((await ask(TILE)).ms, {});
    assert.equal((await counts()).stages.encode.cumulative.at(-1), 1);
  });
});

describe('Server-Timing', () => {
  it('has the stages in their order, with where the picture came from', () => {
    const times = new RequestTimes();
    times.origin = 'rendered';
    times.add('render', 9);
    times.addStages({ open: 0, read: 1, decode: 2.0006, process: 0, encode: 3 });
    times.add('cache', 0.25);
    times.add('cache', 0.25);
    const expected =
      'cache;desc="rendered";dur=0.500, read;dur=1.000, decode;dur=2.000, encode;dur=3.000, render;dur=9.000, total;dur=10.000';
    assert.deepEqual(times.header(10), ['Server-Timing', expected]);
  });

  it('shares the time among pictures that were made side by side', () => {
    const times = new RequestTimes();
    for (let picture = 0; picture < 2; picture++)
      times.addStages({ open: 0, read: 0, decode: 6, process: 0, encode: 4 });
    times.add('render', 20);
    const expected = 'decode;dur=6.000, encode;dur=4.000, render;dur=10.000, total;dur=10.000';
    assert.deepEqual(times.header(10), ['Server-Timing', expected]);
  });
});

describe('the metrics', () => {
  it('have a histogram of every stage', async (test) => {
    const { config } = readConfig({ FILESYSTEM_PREFIX: FIXTURES }, { cpus: 1, avifCodecs: [] });
    const server = await createImageServer(config, memoryLog(), '1.3');
    test.after(() => server.stop());
    const nobody = { forget: () => Promise.resolve(), empty: () => Promise.resolve() };
    const { text } = await createMetrics('1.3')(await server.administered(nobody).readings());
    assert.deepEqual(
      [...text.matchAll(/^iipsrv_duration_seconds_count\{stage="(\w+)"\} 0$/gm)].map(([, name]) => name),
      [...STAGES],
    );
    for (const name of ['request', 'render', ...PARTS])
      assert.ok((STAGES as readonly string[]).includes(name));
  });
});
