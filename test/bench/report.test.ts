import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMet, type Measured, type Row } from './measure/row.ts';
import { parseOptions } from './options.ts';
import { withPart } from './report/document.ts';
import { digits, spread, table } from './report/format.ts';
import { rowLine } from './report/row-line.ts';
import { pixelTables, requestTables } from './report/tables.ts';
import { seededRandom, shuffled } from './seeded.ts';
import { quantile, spreadOf } from './statistics.ts';

const measured = (rate: number): Measured => ({
  requestsPerSecond: spreadOf([rate]),
  rates: [rate],
  p50Ms: 2,
  p99Ms: 3,
  cpuMs: 4,
  peakMegabytes: 100,
  keepAlive: false,
  othersShare: 0,
  generatorShare: 0.1,
});

const row = (ratio: number, extra: Partial<Row> = {}): Row => ({
  suite: 'pixels',
  group: 'a picture',
  name: 'gamma',
  clients: 8,
  keepAlive: false,
  goal: 1,
  megapixels: 4,
  ours: measured(50 * ratio),
  peer: measured(50),
  ratio: spreadOf([ratio]),
  ...extra,
});

describe('statistics', () => {
  it('takes the middle and the ends', () => {
    assert.deepEqual(spreadOf([3, 1, 10]), { median: 3, min: 1, max: 10 });
    assert.deepEqual(spreadOf([1, 2]), { median: 1.5, min: 1, max: 2 });
  });

  it('has no quantile of nothing', () => {
    assert.equal(quantile(Float64Array.of(0, 10), 0.99), 9.9);
    assert.throws(() => quantile(new Float64Array(0), 0.5), RangeError);
  });
});

describe('seeded numbers', () => {
  it('are the same for a seed, others for another', () => {
    const some = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
    assert.deepEqual(some(1), some(1));
    assert.notDeepEqual(some(1), some(2));
    assert.ok(some(3).every((value) => value >= 0 && value < 1));
  });

  it('put a list in another order', () => {
    const list = Array.from({ length: 50 }, (_, index) => index);
    assert.notDeepEqual(shuffled(list, 1), list);
    assert.deepEqual(
      shuffled(list, 1).sort((a, b) => a - b),
      list,
    );
    assert.deepEqual(shuffled(list, 1), shuffled(list, 1));
  });
});

describe('format', () => {
  it('keeps three digits that count', () => {
    assert.deepEqual([12345, 99.94, 1.234, Infinity].map(digits), ['12,345', '99.9', '1.23', '–']);
    assert.equal(spread(spreadOf([1, 2, 3])), '2.00 (1.00–3.00)');
  });

  it('makes a table', () => {
    assert.equal(
      table([
        ['a', 'b'],
        ['1', '2'],
      ]),
      '| a | b |\n| --- | --- |\n| 1 | 2 |',
    );
  });
});

describe('rows', () => {
  it('are met when the median reaches the goal; without a peer there is no answer', () => {
    const { ratio: _, peer: __, ...alone } = row(1);
    assert.deepEqual([isMet(row(1)), isMet(row(0.99)), isMet(alone)], [true, false, undefined]);
  });

  it('are printed with both sides and the verdict', () => {
    assert.match(
      rowLine(row(2)),
      /^a picture: gamma, 8 \| ours 100\/s .* \| peer 50\.0\/s .* \| x 2\.00 .* met$/,
    );
    assert.match(rowLine(row(0.5)), /NOT met$/);
    assert.match(rowLine(row(2, { likenessDb: 12 })), /pictures differ \(12\.0 dB\)$/);
    assert.match(rowLine(row(2, { peer: { lacks: 'leaves it out' } })), /peer: leaves it out/);
    assert.match(
      rowLine(row(2, { ours: { ...measured(1), generatorShare: 0.9, othersShare: 1 } })),
      /generator busy, others 1\.00/,
    );
  });

  it('become tables: time for each megapixel, or requests a second', () => {
    const rows = [row(2), row(0.5, { name: 'twist' })];
    assert.match(pixelTables(rows), /^1 of 2 rows with a peer reach their goal; 0 rows have no peer\./);
    assert.match(
      pixelTables(rows),
      /\| gamma \| 8 \| 2\.50 \| 1\.00 \| 5\.00 \| 1\.00 \| 2\.00 \(2\.00–2\.00\) \| yes \|/,
    );
    assert.match(pixelTables([row(2, { likenessDb: 5 })]), /\| 2\.00 \(2\.00–2\.00\) ≠ \| yes \|/);
    assert.match(
      requestTables(rows),
      /\| twist \| 8 \| 25\.0 \| 2\.00 \| 3\.00 \| 4\.00 \| 100 \| 50\.0 \| 3\.00 \| 4\.00 \| 100 \| 0\.50 \(0\.50–0\.50\) \| 1\.00 \| \*\*no\*\* \|/,
    );
  });
});

describe('withPart', () => {
  const document = 'before\n<!-- bench: a -->\nold\n<!-- end -->\nafter\n<!-- bench: b -->\n<!-- end -->\n';

  it('replaces one part and nothing else', () => {
    assert.equal(withPart(document, 'a', 'new'), document.replace('old', '\nnew\n'));
    assert.equal(withPart(withPart(document, 'b', 'x'), 'b', 'y'), withPart(document, 'b', 'y'));
  });

  it('knows when there is no place', () => {
    assert.throws(() => withPart(document, 'c', 'new'), /no place for "c"/);
  });
});

describe('parseOptions', () => {
  it('measures everything against the Debian package by default', () => {
    const { parts, peer, does, rounds, seconds, transport } = parseOptions([]);
    assert.deepEqual(parts, ['headroom', 'start', 'pixels', 'tiles']);
    assert.deepEqual(
      { peer, does, rounds, seconds, transport },
      { peer: { kind: 'debian' }, does: 'measure', rounds: 3, seconds: 0.5, transport: 'unix' },
    );
  });

  it('understands what --help says', () => {
    const options = parseOptions([
      'tiles',
      '--only',
      'PNG 8, info',
      '--clients',
      '1,8',
      '--peer',
      'other {address}',
      '--profile',
    ]);
    assert.deepEqual(options.parts, ['tiles']);
    assert.deepEqual(options.words, [['png', '8'], ['info']]);
    assert.deepEqual(parseOptions([]).words, [[]]);
    assert.deepEqual(options.clients, [1, 8]);
    assert.deepEqual(options.peer, { kind: 'command', command: 'other {address}' });
    assert.equal(options.does, 'profile');
    assert.deepEqual(parseOptions(['--no-peer']).peer, { kind: 'none' });
  });

  for (const args of [['nothing'], ['--rounds', 'x'], ['--clients', '0'], ['--over', 'udp'], ['--unknown']]) {
    it(`refuses ${args.join(' ')}`, () => {
      assert.throws(() => parseOptions(args), Error);
    });
  }
});
