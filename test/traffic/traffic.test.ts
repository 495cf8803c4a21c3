import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROC_MISSING } from '../support/proc.ts';
import { scopeOf } from '../support/scope.ts';
import { NGINX_MISSING } from '../servers/nginx.ts';
import { faultsOf, linesOf, slopeOf, type Sample } from './report.ts';
import { runTraffic } from './traffic.ts';

const skip = NGINX_MISSING === false ? PROC_MISSING : NGINX_MISSING;

describe('mixed traffic through nginx on two workers', () => {
  it('gets right answers whatever happens to workers, memcached and pictures', { skip, timeout: 300_000 }, async (test) => {
    const report = await runTraffic(scopeOf(test), {
      seconds: 20,
      clients: 12,
      hangUpSeconds: 6,
      memcachedSeconds: 4,
      replaceSeconds: 1,
    });
    for (const line of linesOf(report)) test.diagnostic(line);
    assert.deepEqual(report.wrong, []);
    assert.equal(faultsOf(report), 0);
    assert.ok(report.requests > 100);
    assert.ok(report.disturbances.hangUps > 0 && report.disturbances.replacedImages > 3);
    const last = report.samples.at(-1)!;
    assert.ok(last.megabytes < 900, `${last.megabytes} MB`);
    assert.ok(last.descriptors < 400, `${last.descriptors} descriptors`);
  }); // prettier-ignore
});

describe('the report of traffic', () => {
  const sample = (seconds: number, megabytes: number): Sample => ({
    seconds,
    megabytes,
    descriptors: 9,
    processes: 3,
  });

  it('tells the growth a minute, without the beginning', () => {
    const samples = [sample(0, 50), sample(1, 400), ...[2, 3, 4, 5, 6, 7, 8, 9].map((s) => sample(s, 100 + s / 2))];
    assert.ok(Math.abs(slopeOf(samples) - 30) < 1e-9);
  }); // prettier-ignore

  it('counts what no client should see', () => {
    const others = new Map<number | 'lost', number>([[503, 9], [502, 2], ['lost', 1], [404, 5]]);
    const report = { seconds: 1, requests: 20, others, wrong: ['/a'], faults: ['an error'], examples: [], samples: [sample(1, 2)], disturbances: { hangUps: 0, memcachedDeaths: 0, replacedImages: 0 } };
    assert.equal(faultsOf(report), 4);
    assert.match(linesOf(report)[0]!, /^20 requests in 1 s; 1 wrong answers; not 200: 503: 9, 502: 2, lost: 1, 404: 5$/);
    assert.equal(linesOf(report).at(-1), 'wrong: /a');
  }); // prettier-ignore
});
