import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { PROGRAM } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fileNameOf, RECIPES } from './images/recipes.ts';
import { writePyramid } from './images/write-pyramid.ts';
import { Generator } from './load/generator-process.ts';
import type { LoadJob } from './load/job.ts';
import { profile } from './measure/profile.ts';
import { isMeasured } from './measure/row.ts';
import { runSuite, type Bench } from './measure/run-suite.ts';
import { Running, type Contender } from './servers/contender.ts';
import { cpuSeconds, memoryMegabytes, processTree } from '../support/process-tree.ts';
import { PIXELS } from './workloads/pixels.ts';
import { selected } from './workloads/select.ts';
import { TILES } from './workloads/tiles.ts';
import { iiifPartUris, infoUris, squareUris, tileUris } from './workloads/uris.ts';
import type { Suite, Workload } from './workloads/workload.ts';

const OURS: Contender = { name: 'ours', command: `${process.execPath} ${PROGRAM}`, environment: {} };

/** A bench over one small picture. */
async function benchFor(scope: Scope, contenders: Pick<Bench, 'ours' | 'peer'>): Promise<Bench> {
  const folder = await tempFolder(scope);
  await writePyramid(path.join(folder, fileNameOf('gray16')), { ...RECIPES.gray16, side: 512 });
  const generator = new Generator();
  scope.defer(() => generator.stop());
  const effort = { rounds: 2, seconds: 0.05, warmUpSeconds: 0.05, seed: 1, waitSeconds: 0, quick: true };
  return { ...contenders, transport: 'unix', imagesFolder: folder, folder, generator, effort };
}

const uris = (command: string): readonly string[] =>
  ['0', '1'].map((tile) => `/?FIF=gray16.tif&${command}JTL=1,${tile}`);

const tile: Workload = {
  group: 'gray',
  name: 'gamma',
  image: 'gray16',
  setting: 'uncached',
  expects: 'jpeg',
  size: { width: 256, height: 256 },
  uris: uris('GAM=0.5&'),
  plainUris: uris(''),
  pressures: [{ clients: 2, keepAlive: true, goal: 1 }],
};

const suiteOf = (...workloads: Workload[]): Suite => ({ name: 'tiny', title: 'Tiny', workloads });

async function rowsOf(suite: Suite, bench: Bench) {
  const rows = [];
  for await (const row of runSuite(suite, bench)) rows.push(row);
  return rows;
}

/** A program that does not answer fails the test instead of holding it. */
const options = { timeout: 120_000 };

describe('Generator', options, () => {
  it('says that its process ended instead of waiting for an answer', async (test) => {
    const { generator } = await benchFor(scopeOf(test), { ours: OURS, peer: undefined });
    const nothing: LoadJob = {
      address: { kind: 'unix', path: '/nowhere' },
      uris: [],
      expects: 'jpeg',
      clients: 1,
      keepAlive: false,
      seconds: 0,
      atLeast: 1,
      seed: 1,
      patienceSeconds: 1,
      samples: 0,
    };
    await assert.rejects(generator.run(nothing), /the load generator ended: 1/);
  });
});

describe('runSuite', options, () => {
  it('measures two servers in turn', async (test) => {
    const peer = { ...OURS, name: 'the same' };
    const bench = await benchFor(scopeOf(test), { ours: OURS, peer });
    const [row, ...others] = await rowsOf(suiteOf(tile), bench);
    assert.ok(row);
    assert.equal(others.length, 0);
    const { ours, peer: theirs, ratio } = row;
    assert.ok(isMeasured(ours) && isMeasured(theirs) && ratio !== undefined);
    assert.equal(row.likenessDb, Infinity);
    assert.equal(ours.rates.length, 2);
    assert.equal(ratio.max, Math.max(...ours.rates.map((rate, index) => rate / theirs.rates[index]!)));
    assert.ok(ours.keepAlive && theirs.keepAlive, 'both serve two kept connections at once');
    assert.ok(ours.cpuMs > 0 && ours.peakMegabytes > 20 && ours.p99Ms >= ours.p50Ms);
  });

  it('tells what a server cannot do, and goes on', async (test) => {
    const bench = await benchFor(scopeOf(test), { ours: OURS, peer: undefined });
    const same: Workload = { ...tile, name: 'nothing', uris: uris(''), plainUris: uris('') };
    const large: Workload = { ...tile, name: 'large', size: { width: 512, height: 512 } };
    const none: Workload = { ...tile, name: 'none', uris: ['/?FIF=none.tif&JTL=0,0'] };
    const rows = await rowsOf(suiteOf(same, large, none, tile), bench);
    const told = rows.map(({ ours }) => (isMeasured(ours) ? 'measured' : ours.lacks));
    assert.deepEqual(told, ['leaves the operation out', '256 x 256 pixels', 'status 404', 'measured']);
    assert.ok(rows.every(({ peer, ratio }) => peer === undefined && ratio === undefined));
  });
});

describe('Running', options, () => {
  it('speaks a dialect, listens on TCP, and ends', async (test) => {
    const spell = (uri: string): string => uri.toUpperCase();
    const scope = scopeOf(test);
    const folder = await tempFolder(scope);
    const server = await Running.start(
      { ...OURS, spell, command: `${OURS.command} --bind {address}` },
      { environment: { VERBOSITY: '0' }, transport: 'tcp', folder },
    );
    // A server that outlives a failed assertion would hold the test's process for ever.
    scope.defer(() => server.stop());
    assert.equal(server.address.kind, 'tcp');
    assert.deepEqual(server.spell(['a', 'b']), ['A', 'B']);
    const now = server.memoryMegabytes('now'); // Read first: it still grows.
    assert.ok(server.memoryMegabytes('peak') >= now * 0.99);
    assert.equal(server.hasEnded, false);
    await server.stop();
    assert.equal(server.hasEnded, true);
  });

  it('says which server does not start', async (test) => {
    const folder = await tempFolder(scopeOf(test));
    const start = Running.start(
      { name: 'the broken one', command: 'false', environment: {} },
      { environment: {}, transport: 'unix', folder },
    );
    await assert.rejects(start, /the broken one ended with status 1/);
  });
});

describe('profile', options, () => {
  it('names the functions that take the time', async (test) => {
    const bench = await benchFor(scopeOf(test), { ours: OURS, peer: undefined });
    const heat = await profile(bench, tile, tile.pressures[0]!);
    assert.ok(heat.length > 10);
    assert.ok(Math.abs(heat.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
    assert.ok(
      heat.some(({ where }) => /^\w+ \(.*\.js:\d+\)$/.test(where)),
      heat[0]?.where,
    );
    assert.ok(heat.every(({ share }, index) => index === 0 || share <= heat[index - 1]!.share));
  });
});

describe('process tree', () => {
  it('knows this process', () => {
    const tree = processTree(process.pid);
    assert.equal(tree[0], process.pid);
    assert.ok(cpuSeconds(tree) > 0);
    assert.ok(memoryMegabytes(tree, 'now') > 20);
    assert.equal(memoryMegabytes([2 ** 30], 'now'), 0, 'nobody has that number');
  });
});

describe('workloads', () => {
  it('have names of their own and lists larger than a cache', () => {
    for (const { workloads } of [PIXELS, TILES]) {
      const names = workloads.map(({ group, name }) => `${group}: ${name}`);
      assert.equal(new Set(names).size, names.length);
      for (const { uris: list, plainUris } of workloads) {
        assert.ok(list.length > 0);
        assert.ok(plainUris === undefined || (plainUris.length === list.length && plainUris[0] !== list[0]));
      }
    }
  });

  it('spell requests as the protocols do', () => {
    assert.equal(
      tileUris('gray16', 'JTL', 'GAM=0.5')[255],
      '/fcgi-bin/iipsrv.fcgi?FIF=gray16.tif&GAM=0.5&JTL=4,255',
    );
    assert.equal(tileUris('gray16', 'PTL').length, 256);
    assert.deepEqual(infoUris('rgb'), ['/fcgi-bin/iipsrv.fcgi?IIIF=rgb.tif/info.json']);
    assert.equal(
      squareUris({ image: 'bands31', side: 2048, width: 800 })[0],
      '/fcgi-bin/iipsrv.fcgi?FIF=bands31.tif&RGN=0,0,1,1&WID=800&QLT=60&CVT=jpeg',
    );
    assert.match(
      iiifPartUris('rgb', '!9,9')[1] ?? '',
      /\?IIIF=rgb\.tif\/31,57,8000,8000\/!9,9\/0\/default\.jpg$/,
    );
  });

  it('differ from each other wherever pictures are made at once', () => {
    for (const { setting, uris: list, name } of [...PIXELS.workloads, ...TILES.workloads]) {
      if (setting !== 'default') assert.ok(new Set(list).size >= 32, name);
    }
  });

  it('are chosen by words and by clients', () => {
    const rows = (words: readonly (readonly string[])[], clients: readonly number[]) =>
      selected(TILES, { words, clients }).workloads.flatMap(({ name, pressures }) =>
        pressures.map((pressure) => `${name} ${pressure.clients} ${pressure.keepAlive}`),
      );
    assert.deepEqual(rows([['info.json', 'warm']], [8]), [
      'info.json 8 false',
      'info.json 8 true',
      'info.json, TCP 8 false',
      'info.json, TCP 8 true',
    ]);
    assert.deepEqual(rows([['info.json', 'cold']], [8]), ['info.json 8 false']);
    assert.deepEqual(rows([['info.json', 'kept'], ['nothing']], [8]), [
      'info.json 8 true',
      'info.json, TCP 8 true',
    ]);
    assert.deepEqual(rows([['nothing of the kind']], []), []);
    assert.ok(rows([[]], []).length > 40);
  });
});
