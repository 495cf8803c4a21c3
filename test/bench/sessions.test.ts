import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RECIPES } from './images/recipes.ts';
import { kindOf } from './load/judge.ts';
import { seededRandom } from './seeded.ts';
import { SESSION_IMAGES, sessionFileOf, sessionNameOf, sessionUris, zipf } from './workloads/sessions.ts';

const COUNT = 5_000;
const uris = sessionUris(1, COUNT);

const partsOf = (uri: string): readonly string[] => uri.split('IIIF=')[1]!.split('/');
const isTile = (uri: string): boolean => uri.includes('/256,/');

describe('sessionUris', () => {
  it('is the same for a seed, another for another', () => {
    assert.deepEqual(sessionUris(1, COUNT), uris);
    assert.notDeepEqual(sessionUris(2, COUNT), uris);
    assert.ok(uris.length >= COUNT && uris.length < COUNT + 300);
  });

  it('begins each picture with its description', () => {
    assert.ok(uris[0]!.endsWith('/info.json'));
    assert.equal(kindOf(uris[0]!), 'json');
    assert.equal(kindOf(uris[1]!), 'jpeg');
  });

  it('is tiles, four of five', () => {
    const share = uris.filter(isTile).length / uris.length;
    assert.ok(share > 0.78 && share < 0.82, `${share}`);
  });

  it('goes to full size, and asks for nothing outside of a picture', () => {
    const scales = new Set<number>();
    for (const uri of uris) {
      const [folder, name, region = ''] = partsOf(uri);
      const index = Number(name!.slice(0, 2));
      assert.equal(`${folder}/${name}`, sessionNameOf(index));
      if (region === 'info.json' || region === 'full') continue;
      const [x = -1, y = -1, width = 0, height = 0] = region.split(',').map(Number);
      const { side } = RECIPES[sessionFileOf(index)];
      assert.ok(x >= 0 && y >= 0 && width > 0 && x + width <= side && y + height <= side, uri);
      if (isTile(uri)) scales.add(width / 256);
    }
    assert.deepEqual(
      [...scales].sort((a, b) => a - b),
      [1, 2, 4, 8, 16],
    );
  });

  it('has favorites, and yet all of the pictures', () => {
    const counts = new Map<string, number>();
    for (const uri of sessionUris(3, 100_000)) {
      if (!uri.endsWith('/info.json')) continue;
      const name = partsOf(uri)[1]!;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    assert.equal(counts.size, SESSION_IMAGES);
    assert.equal([...counts].sort(([, a], [, b]) => b - a)[0]![0], sessionNameOf(0).split('/')[1]);
  });
});

describe('zipf', () => {
  it('takes the second half as often as the first, the last a fiftieth as often', () => {
    const random = seededRandom(7);
    const counts = new Array<number>(50).fill(0);
    for (let i = 0; i < 200_000; i++) counts[zipf(random, 50)]!++;
    assert.ok(Math.abs(counts[0]! / counts[1]! - 2) < 0.1);
    assert.ok(Math.abs(counts[0]! / counts[49]! - 50) < 8);
  });
});
