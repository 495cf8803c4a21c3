import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

describe('deploy/grafana/iipsrv.json', () => {
  const text = readFileSync('deploy/grafana/iipsrv.json', 'utf8');

  it('asks for metrics that the server has', () => {
    const source = readFileSync('src/admin/prometheus.ts', 'utf8');
    const names = new Set(
      [...text.matchAll(/iipsrv_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, '')),
    );
    assert.ok(names.size > 10);
    for (const name of names) assert.ok(source.includes(`'${name}'`), name);
  });

  it('has panels with expressions, each with an id of its own', () => {
    const { panels } = JSON.parse(text) as { panels: { id: number; targets: { expr: string }[] }[] };
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.ok(panels.every(({ targets }) => targets.every(({ expr }) => expr.length > 5)));
  });
});
