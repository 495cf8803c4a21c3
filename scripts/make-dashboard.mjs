// Writes deploy/grafana/iipsrv.json, a dashboard of the metrics that --admin serves. Usage: node scripts/make-dashboard.mjs
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const PANELS = [
  ['Requests a second by status', 'reqps', [['sum by (status) (rate(iipsrv_requests_total[$__rate_interval]))', '{{status}}']]],
  ['Requests a second by protocol', 'reqps', [['sum by (protocol) (rate(iipsrv_requests_total[$__rate_interval]))', '{{protocol}}']]],
  ['Duration of requests', 's', [0.5, 0.95, 0.99].map((share) => [`histogram_quantile(${share}, sum by (le) (rate(iipsrv_duration_seconds_bucket{stage="request"}[$__rate_interval])))`, `${share * 100} %`])],
  ['Duration of stages (95 %)', 's', [['histogram_quantile(0.95, sum by (le, stage) (rate(iipsrv_duration_seconds_bucket[$__rate_interval])))', '{{stage}}']]],
  ['Where pictures came from', 'ops', [['sum by (origin) (rate(iipsrv_pictures_total[$__rate_interval]))', '{{origin}}']]],
  ['Bytes sent a second', 'Bps', [['sum(rate(iipsrv_sent_bytes_total[$__rate_interval]))', 'bytes']]],
  ['Work in progress', 'short', [['sum(iipsrv_requests_active)', 'requests'], ['sum(iipsrv_queue_length)', 'waiting tasks'], ['sum(iipsrv_workers)', 'threads']]],
  ['Memory', 'bytes', [['process_resident_memory_bytes', '{{instance}}'], ['iipsrv_tile_cache_bytes', 'tile cache {{instance}}']]],
  ['memcached', 'short', [['iipsrv_memcached_up', 'up {{server}}'], ['sum(rate(iipsrv_memcached_hits_total[$__rate_interval]))', 'hits/s'], ['sum(rate(iipsrv_memcached_misses_total[$__rate_interval]))', 'misses/s']]],
  ['Object storage', 'short', [['sum(rate(iipsrv_source_requests_total[$__rate_interval]))', 'requests/s'], ['sum(rate(iipsrv_source_retries_total[$__rate_interval]))', 'retries/s'], ['sum(rate(iipsrv_source_failures_total[$__rate_interval]))', 'failures/s']]],
]; // prettier-ignore

const datasource = { type: 'prometheus', uid: '${datasource}' };
const panels = PANELS.map(([title, unit, targets], i) => ({
  id: i + 1,
  type: 'timeseries',
  title,
  datasource,
  gridPos: { h: 8, w: 12, x: (i % 2) * 12, y: Math.floor(i / 2) * 8 },
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  targets: targets.map(([expr, legendFormat], j) => ({
    refId: String.fromCharCode(65 + j),
    expr,
    legendFormat,
    datasource,
  })),
}));
const dashboard = {
  title: 'iipsrv',
  uid: 'iipsrv',
  schemaVersion: 39,
  tags: ['iipsrv'],
  time: { from: 'now-6h', to: 'now' },
  refresh: '30s',
  templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
  panels,
};
const file = path.resolve(import.meta.dirname, '../deploy/grafana/iipsrv.json');
writeFileSync(file, `${JSON.stringify(dashboard, undefined, 2)}\n`);
