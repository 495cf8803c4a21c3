import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { openFileSource, statIdentity, type FileVersion } from '../../src/image/file-source.ts';
import { OpenFiles } from '../../src/image/open-files.ts';
import { openImage } from '../../src/image/open.ts';
import { evict } from '../../src/pyramids/evict.ts';
import { takeLock } from '../../src/pyramids/lock.ts';
import { PyramidCache } from '../../src/pyramids/pyramid-cache.ts';
import { pyramidPath } from '../../src/pyramids/pyramid-path.ts';
import { throughPyramids } from '../../src/pyramids/with-pyramid.ts';
import { assertClose } from '../contract/reader-contract.ts';
import { environmentOf, foreignNames, PROC_MISSING } from '../support/proc.ts';
import { fixture, readLevel } from '../image/support/sources.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'iipsrv-pyramids-'));
after(() => fs.rmSync(root, { recursive: true }));
const folder = (name: string): string => {
  const directory = path.join(root, name);
  fs.mkdirSync(directory);
  return directory;
};

/** A file system of its own for one program. */
const UNSHARE = ['--mount', '--map-root-user'];

function isSmallDiskAtHand(): boolean {
  const mount = ['sh', '-c', `mount -t tmpfs -o size=65536 none '${root}'`];
  return spawnSync('unshare', [...UNSHARE, ...mount], { timeout: 5_000 }).status === 0;
}

interface Made {
  readonly lines: { readonly facts: object; readonly message: string }[];
  readonly cache: PyramidCache;
  /** Wants a pyramid and waits for the log to say how it went. */
  readonly make: (file: string) => Promise<string>;
}

function cacheIn(directory: string, maxBytes = 1e9): Made {
  const lines: Made['lines'] = [];
  let tell = (_: string): void => {};
  const say = (facts: object, message: string) => {
    lines.push({ facts, message });
    setImmediate(() => tell(message));
  };
  const cache = new PyramidCache({ directory, maxBytes, log: { info: say, warn: say }, onMade: () => {} });
  const make = (file: string) => {
    const said = new Promise<string>((resolve) => (tell = resolve));
    cache.want(file, identityOf(file));
    return said;
  };
  return { lines, cache, make };
}

const identityOf = (file: string) => statIdentity(fs.statSync(file));

async function openBoth(file: string, directory: string) {
  const files = new OpenFiles(4);
  const open = (version: FileVersion) => openFileSource(version, files, 'sync');
  const source = () => open({ path: file, identity: identityOf(file) });
  const wrap = throughPyramids(directory, open);
  return { plain: await openImage(source()), wrapped: await openImage(source(), { wrap }) };
}

describe('the pyramid of a flat picture', () => {
  it('of a JPEG has tiles that are sent as they are, and the facts of its source', async () => {
    const directory = folder('jpeg');
    assert.match(await cacheIn(directory).make(fixture('photo-large.jpg')), /was made/);
    const { plain, wrapped } = await openBoth(fixture('photo-large.jpg'), directory);
    assert.equal(plain.info.levels[0]?.storedEncoding, undefined);
    assert.equal(wrapped.info.levels[0]?.storedEncoding, 'jpeg');
    const { levels: _, ...facts } = wrapped.info;
    const { levels: __, ...expected } = plain.info;
    assert.deepEqual(facts, expected);
    const tile = await wrapped.readEncodedTile({ page: 0, level: 0, column: 1, row: 1 });
    assert.equal((await sharp(tile).metadata()).width, 256);
    for (const level of plain.info.levels.keys()) {
      const [a, b] = [await readLevel(plain, level), await readLevel(wrapped, level)];
      const error = [...a.data].reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0) / a.data.length;
      assert.ok(10 * Math.log10(255 ** 2 / error) > 33, `level ${level}: ${error}`);
    }
  });

  it('of anything else has the very pixels', async () => {
    const directory = folder('exact');
    const samples = Uint8Array.from({ length: 700 * 600 * 4 }, (_, i) => (i * i) >> 7);
    const png = path.join(directory, 'a.png');
    await sharp(samples, { raw: { width: 700, height: 600, channels: 4 } })
      .png()
      .toFile(png);
    const cache = cacheIn(directory);
    for (const file of [png, fixture('rgb-strips.tif')]) {
      assert.match(await cache.make(file), /was made/);
      const { plain, wrapped } = await openBoth(file, directory);
      assert.equal(wrapped.info.levels[0]?.isCut, undefined);
      assertClose((await readLevel(wrapped)).data, (await readLevel(plain)).data, 0);
    }
  });

  it('appears to a reader that is open, and its loss is borne', async () => {
    const directory = folder('late');
    const file = fixture('photo-large.jpg');
    const { plain, wrapped } = await openBoth(file, directory);
    const before = await readLevel(wrapped, 1);
    await cacheIn(directory).make(file);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await readLevel(wrapped, 1);
    assert.equal(wrapped.info.levels[0]?.storedEncoding, 'jpeg');
    fs.rmSync(pyramidPath(directory, file, identityOf(file)));
    wrapped.close();
    assert.deepEqual((await readLevel(wrapped, 1)).data, before.data);
    plain.close();
  });

  it('is not made twice, nor tried twice in vain', async () => {
    const directory = folder('once');
    const file = path.join(directory, 'broken.png');
    fs.writeFileSync(file, 'no picture');
    const { make, cache, lines } = cacheIn(directory);
    assert.match(await make(file), /no pyramid could be made/);
    cache.want(file, identityOf(file));
    const other = fixture('photo.jpg');
    fs.writeFileSync(`${pyramidPath(directory, other, identityOf(other))}.lock`, '');
    cache.want(other, identityOf(other));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(lines.length, 1);
    assert.deepEqual(fs.readdirSync(directory).filter((name) => /part$|tif$/.test(name)), []);
  }); // prettier-ignore

  it('gives way to others when there is no room', async () => {
    const directory = folder('full');
    const cache = cacheIn(directory, 150_000);
    await cache.make(fixture('photo.jpg'));
    const first = pyramidPath(directory, fixture('photo.jpg'), identityOf(fixture('photo.jpg')));
    fs.utimesSync(first, 1, 1);
    await cache.make(fixture('photo-large.jpg'));
    assert.equal(fs.existsSync(first), false);
  });

  it('is done without where the directory cannot be written', async () => {
    const { make, cache, lines } = cacheIn(path.join(root, 'missing'));
    assert.match(await make(fixture('photo.jpg')), /PYRAMID_CACHE_DIR cannot be written/);
    cache.want(fixture('photo-large.jpg'), identityOf(fixture('photo-large.jpg')));
    assert.equal(lines.length, 1);
  });

  it('is made though the lock of a process that died is there, and not while one lives', async () => {
    const directory = folder('locks');
    const file = fixture('photo.jpg');
    const lock = `${pyramidPath(directory, file, identityOf(file))}.lock`;
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const owner of [`${process.pid} ${os.hostname()}`, `${dead} another-machine`]) {
      fs.writeFileSync(lock, owner);
      assert.equal(takeLock(lock), false, owner);
    }
    fs.writeFileSync(lock, `${dead} ${os.hostname()}`);
    assert.match(await cacheIn(directory).make(file), /was made/);
    assert.equal(fs.existsSync(lock), false);
  });

  it('is locked by its builder, whose end is that of the lock', async () => {
    const directory = folder('killed');
    const file = fixture('photo-large.jpg');
    const lock = `${pyramidPath(directory, file, identityOf(file))}.lock`;
    const { cache } = cacheIn(directory);
    cache.want(file, identityOf(file));
    const [pid] = fs.readFileSync(lock, 'utf8').split(' ');
    assert.notEqual(Number(pid), process.pid);
    cache.stop();
    while (!takeLock(lock)) await new Promise((resolve) => setTimeout(resolve, 10));
    fs.rmSync(lock);
  });

  it('is made by a process that finds nothing of this environment', { skip: PROC_MISSING }, (test) => {
    process.env['IIPSRV_TEST_SECRET'] = 'not for decoders';
    test.after(() => delete process.env['IIPSRV_TEST_SECRET']);
    const directory = folder('environment');
    const file = fixture('photo-large.jpg');
    const { cache } = cacheIn(directory);
    cache.want(file, identityOf(file));
    test.after(() => cache.stop());
    const [pid] = fs
      .readFileSync(`${pyramidPath(directory, file, identityOf(file))}.lock`, 'utf8')
      .split(' ');
    assert.notEqual(Number(pid), process.pid);
    assert.deepEqual(foreignNames(environmentOf(Number(pid))), []);
  });

  it('and notes of failures are counted and go, halves only when their builder must be dead', () => {
    const directory = folder('notes');
    const name = (digit: number) => String(digit).repeat(40);
    const put = (file: string, ageMinutes: number) => {
      fs.writeFileSync(path.join(directory, file), 'x');
      const then = Date.now() / 1000 - ageMinutes * 60;
      fs.utimesSync(path.join(directory, file), then, then);
    };
    put(`${name(1)}.tif.failed`, 90);
    put(`${name(2)}.tif`, 80);
    put(`${name(3)}.tif.failed`, 70);
    put(`${name(4)}.tif.abc.part`, 60);
    put(`${name(5)}.tif.abc.part`, 1);
    put('not-ours.txt', 100);
    evict({ directory, maxBytes: 3 * 4_096 });
    assert.deepEqual(fs.readdirSync(directory).sort(), [
      `${name(3)}.tif.failed`, `${name(5)}.tif.abc.part`, 'not-ours.txt',
    ]); // prettier-ignore
  });

  it('is done without where the directory is read-only', { skip: process.platform === 'win32' }, async () => {
    const directory = folder('read-only');
    fs.chmodSync(directory, 0o555);
    const { make } = cacheIn(directory);
    fs.chmodSync(root, 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      assert.match(await make(fixture('photo.jpg')), /PYRAMID_CACHE_DIR cannot be written/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    assert.deepEqual(fs.readdirSync(directory), []);
  });

  it(
    'leaves no note of a failure when the disk is full',
    { skip: !isSmallDiskAtHand() && 'no small file system can be mounted' },
    () => {
      const directory = folder('small-disk');
      const program = `
      import fs from 'node:fs';
      import { PyramidCache } from ${JSON.stringify(import.meta.resolve('../../src/pyramids/pyramid-cache.js'))};
      import { statIdentity } from ${JSON.stringify(import.meta.resolve('../../src/image/file-source.js'))};
      const file = ${JSON.stringify(fixture('photo-large.jpg'))};
      const directory = ${JSON.stringify(directory)};
      const done = setInterval(() => {}, 1000);
      const say = (facts, message) => {
        console.log(message, String(facts.reason ?? facts.err ?? ''));
        if (!/cannot be written|was made/.test(message)) return;
        console.log(JSON.stringify(fs.readdirSync(directory)));
        clearInterval(done);
      };
      const cache = new PyramidCache({ directory, maxBytes: 1e9, log: { info: say, warn: say }, onMade() {} });
      cache.want(file, statIdentity(fs.statSync(file)));`;
      const inside = `mount -t tmpfs -o size=65536 none '${directory}' && exec '${process.execPath}' --input-type=module -e "$1"`;
      const { stdout, stderr } = spawnSync('unshare', [...UNSHARE, 'sh', '-c', inside, 'sh', program], {
      encoding: 'utf8', timeout: 30_000,
    }); // prettier-ignore
      assert.match(stdout, /PYRAMID_CACHE_DIR cannot be written[^]*\n\[\]\n$/, stdout + stderr);
    },
  );
});
