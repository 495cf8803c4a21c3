/** The readings in the text format of Prometheus. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { BUCKETS, STAGES, type Histogram, type Stage } from '../metrics/meter.ts';
import type { Readings } from './readings.ts';

export type ToMetrics = (readings: Readings) => Promise<{ readonly type: string; readonly text: string }>;

/** Readings to text, one after the other; nothing is collected in between. */
export function createMetrics(version: string): ToMetrics {
  let turn: Promise<unknown> = Promise.resolve();
  let latest: Readings;
  const registry = createRegistry(() => latest, version);
  return (readings) => {
    const made = turn.then(async () => {
      latest = readings;
      return {
        type: registry.contentType,
        text: (await registry.metrics()) + durationText(readings),
      };
    });
    turn = made.catch(() => undefined);
    return made;
  };
}

function createRegistry(read: () => Readings, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const registers = [registry];
  const info = new Gauge({
    name: 'iipsrv_info',
    help: 'The version that runs.',
    labelNames: ['version'],
    registers,
  });
  info.set({ version }, 1);
  for (const [name, help, value] of GAUGES) {
    new Gauge({ name, help, registers, collect() { this.set(value(read())); } }); // prettier-ignore
  }
  for (const [name, help, value] of COUNTERS) {
    new Counter({ name, help, registers, collect() { this.reset(); this.inc(value(read())); } }); // prettier-ignore
  }
  addLabelled(registry, read);
  addWorkers(registry, read);
  return registry;
}

type Row = readonly [name: string, help: string, value: (readings: Readings) => number];

const GAUGES: readonly Row[] = [
  ['iipsrv_requests_active', 'Requests that are being answered.', ({ active }) => active],
  ['iipsrv_queue_length', 'Tasks that wait for a rendering thread.', ({ queued }) => queued],
  ['iipsrv_workers', 'Rendering threads.', ({ threads }) => threads],
  [
    'iipsrv_work_bytes',
    'Memory that the pictures which are made now are thought to take.',
    ({ workBytes }) => workBytes,
  ],
  [
    'iipsrv_quarantined_files',
    'Files that are not decoded any more, as they end decoders.',
    ({ quarantined }) => quarantined,
  ],
  [
    'iipsrv_open_images',
    'Images whose facts are known, counted in every thread that knows them.',
    ({ openImages }) => openImages,
  ],
  ['iipsrv_tile_cache_bytes', 'Bytes in the tile cache.', ({ tileCacheBytes }) => tileCacheBytes],
];

const COUNTERS: readonly Row[] = [
  ['iipsrv_sent_bytes_total', 'Bytes of bodies.', ({ meter }) => meter.bytes],
  ['iipsrv_memcached_hits_total', 'Pictures found in memcached.', ({ meter }) => meter.lookups.memcachedHits],
  [
    'iipsrv_memcached_misses_total',
    'Pictures not found there.',
    ({ meter }) => meter.lookups.memcachedMisses,
  ],
  ['iipsrv_source_requests_total', 'Requests to object storage.', ({ source }) => source.requests],
  ['iipsrv_source_retries_total', 'Of them repeated ones.', ({ source }) => source.retries],
  [
    'iipsrv_source_failures_total',
    'Reads that failed because of the storage.',
    ({ source }) => source.failures,
  ],
  ['iipsrv_source_bytes_total', 'Bytes received from it.', ({ source }) => source.bytes],
  ['iipsrv_source_block_hits_total', 'Blocks found in the block cache.', ({ source }) => source.hits],
  ['iipsrv_source_block_misses_total', 'Blocks not found there.', ({ source }) => source.misses],
];

function addLabelled(registry: Registry, read: () => Readings): void {
  const registers = [registry];
  new Counter({
    name: 'iipsrv_requests_total', help: 'Requests by protocol and status; 499: the client left.',
    labelNames: ['protocol', 'status'], registers,
    collect() {
      this.reset();
      for (const { protocol, status, count } of read().meter.requests) {
        this.inc({ protocol, status: status === 0 ? 'other' : String(status) }, count);
      }
    },
  }); // prettier-ignore
  new Counter({
    name: 'iipsrv_pictures_total', help: 'Pictures by where they came from.', labelNames: ['origin'], registers,
    collect() {
      this.reset();
      for (const [origin, count] of Object.entries(read().meter.pictures)) this.inc({ origin }, count);
    },
  }); // prettier-ignore
  new Counter({
    name: 'iipsrv_over_budget_total', help: 'Requests refused or broken off, by the budget that they were over.', labelNames: ['budget'], registers,
    collect() {
      this.reset();
      for (const [budget, count] of Object.entries(read().meter.refusals)) this.inc({ budget }, count);
    },
  }); // prettier-ignore
  new Gauge({
    name: 'iipsrv_memcached_up', help: 'Whether every thread asks a memcached.', labelNames: ['server'], registers,
    collect() {
      for (const { name, isUp } of read().memcached) this.set({ server: name }, Number(isUp));
    },
  }); // prettier-ignore
  new Counter({
    name: 'iipsrv_memcached_trips_total', help: 'How often a thread found one not to answer.', labelNames: ['server'], registers,
    collect() {
      this.reset();
      for (const { name, trips } of read().memcached) this.inc({ server: name }, trips);
    },
  }); // prettier-ignore
}

/** Of several processes; without them there is nothing to tell. */
function addWorkers(registry: Registry, read: () => Readings): void {
  const registers = [registry];
  new Gauge({
    name: 'iipsrv_worker_processes', help: 'Processes that serve (--workers).', registers,
    collect() { this.set(read().workers?.running.length ?? 1); },
  }); // prettier-ignore
  new Counter({
    name: 'iipsrv_worker_processes_lost_total', help: 'Of them those that ended unasked.', registers,
    collect() { this.reset(); this.inc(read().workers?.lost ?? 0); },
  }); // prettier-ignore
  new Gauge({
    name: 'iipsrv_worker_resident_memory_bytes', help: 'Resident memory of each.', labelNames: ['worker'], registers,
    collect() {
      this.reset();
      for (const { worker, residentBytes } of read().workers?.running ?? []) this.set({ worker: String(worker) }, residentBytes);
    },
  }); // prettier-ignore
}

/** Histograms in text, which prom-client does not take from outside. */
function durationText({ meter }: Readings): string {
  const name = 'iipsrv_duration_seconds';
  const lines = STAGES.flatMap((stage) => histogramLines(name, stage, meter.stages[stage]));
  return [`# HELP ${name} How long stages of requests took.`, `# TYPE ${name} histogram`, ...lines, ''].join(
    '\n',
  );
}

function histogramLines(
  name: string,
  stage: Stage,
  { cumulative, sumSeconds }: Histogram,
): readonly string[] {
  const bounds = [...BUCKETS.map(String), '+Inf'];
  return [
    ...bounds.map((bound, i) => `${name}_bucket{stage="${stage}",le="${bound}"} ${cumulative[i]}`),
    `${name}_sum{stage="${stage}"} ${sumSeconds}`,
    `${name}_count{stage="${stage}"} ${cumulative.at(-1)}`,
  ];
}
