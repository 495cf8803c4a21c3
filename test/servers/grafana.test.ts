import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createMetrics } from '../../src/admin/prometheus.ts';
import { addCounts, readingsOf } from '../../src/admin/readings.ts';
import { Meter, STAGES } from '../../src/metrics/meter.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

describe('deploy/grafana/iipsrv.json', () => {
  const text = readFileSync('deploy/grafana/iipsrv.json', 'utf8');
  const { panels } = JSON.parse(text) as { readonly panels: readonly Panel[] };
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it('asks for metrics and labels that the server tells', async () => {
    const told = await metricsOfAServer();
    const names = new Set(
      expressions.flatMap((expr) => expr.match(/\b(iipsrv|process|nodejs)_[a-z_]+/g) ?? []),
    );
    assert.ok(names.size > 15);
    for (const name of names) assert.match(told, new RegExp(`^${name}[{ ]`, 'm'), name);
    const labels = expressions.flatMap((expr) => [...expr.matchAll(/by \(([^)]+)\)|\{(\w+)=~?/g)]);
    for (const [, list, one] of labels)
      for (const label of (list ?? one ?? '').split(', '))
        assert.match(told, new RegExp(`[{,]${label}="`), label);
  });

  it('shows every stage, and what is over budget', () => {
    const panel = panels.find(({ title }) => title === 'Time spent by stage');
    const shown = /stage=~"([a-z|]+)"/.exec(panel?.targets[0]?.expr ?? '')?.[1]?.split('|') ?? [];
    // These two contain the others.
    assert.deepEqual([...shown, 'request', 'render'].sort(), [...STAGES].sort());
    for (const name of ['iipsrv_over_budget_total', 'iipsrv_quarantined_files', 'iipsrv_work_bytes'])
      assert.ok(
        expressions.some((expr) => expr.includes(name)),
        name,
      );
  });

  it('has panels with expressions, each with an id and a place of its own', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ gridPos: { x, y } }) => `${x},${y}`)).size, panels.length);
    assert.ok(panels.every(({ targets }) => targets.every(({ expr }) => expr.length > 5)));
  });
});

/** Everything that has labels has been counted once, so that it is in the text. */
function metricsOfAServer(): Promise<string> {
  const meter = new Meter(Meter.allocate(1));
  meter.countRequest('IIP', 200, 1);
  const counts = { ...addCounts([]), meter: meter.numbers };
  return createMetrics('1')(readingsOf(counts, ['127.0.0.1:11211'])).then(({ text }) => text);
}
