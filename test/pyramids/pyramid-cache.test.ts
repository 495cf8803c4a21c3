import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { openFileSource, statIdentity, type FileVersion } from '../../src/image/file-source.ts';
import { OpenFiles } from '../../src/image/open-files.ts';
import { openImage } from '../../src/image/open.ts';
import { PyramidCache } from '../../src/pyramids/pyramid-cache.ts';
import { pyramidPath } from '../../src/pyramids/pyramid-path.ts';
import { throughPyramids } from '../../src/pyramids/with-pyramid.ts';
import { assertClose } from '../contract/reader-contract.ts';
import { fixture, readLevel } from '../image/support/sources.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'iipsrv-pyramids-'));
after(() => fs.rmSync(root, { recursive: true }));
const folder = (name: string): string => {
  const directory = path.join(root, name);
  fs.mkdirSync(directory);
  return directory;
};

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
});
