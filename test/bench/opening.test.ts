import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { PROGRAM } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { linkOpeningNames, makeOpeningFiles, OPENING_FILES, openingName, openingPath } from './images/opening-files.ts'; // prettier-ignore
import { fileNameOf, RECIPES } from './images/recipes.ts';
import { writeJpeg } from './images/write-flat.ts';
import { writePyramid } from './images/write-pyramid.ts';
import { Generator } from './load/generator-process.ts';
import { measureOpenings, type OpeningRow } from './measure/opening.ts';
import type { Bench } from './measure/run-suite.ts';
import { openingTable } from './report/opening-table.ts';
import type { Contender } from './servers/contender.ts';

const OURS: Contender = { name: 'ours', command: `${process.execPath} ${PROGRAM}`, environment: {} };
const ROUNDS = 2;
const AMOUNTS = { warmUp: 2, cold: 3, warm: 4 };

/** Small stand-ins for the pictures of other parts; the JPEG 2000 ones are lacking. */
async function benchIn(scope: Scope, peer: Contender): Promise<Bench> {
  const folder = await tempFolder(scope);
  await writePyramid(path.join(folder, fileNameOf('rgb-deflate')), { ...RECIPES['rgb-deflate'], side: 512 });
  await writeJpeg(path.join(folder, fileNameOf('flat-jpeg')), { ...RECIPES['flat-jpeg'], side: 512 });
  const generator = new Generator();
  scope.defer(() => generator.stop());
  const effort = { rounds: ROUNDS, seconds: 0.05, warmUpSeconds: 0.05, seed: 1, waitSeconds: 0, quick: true };
  return { ours: OURS, peer, transport: 'unix', imagesFolder: folder, folder, generator, effort };
}

describe('measureOpenings', { timeout: 240_000 }, () => {
  it('opens each name once, tells what each server cannot read, and what was read', async (test) => {
    // A peer that knows none but the names of JPEG files.
    const peer = { ...OURS, name: 'peer', spell: (uri: string) => (uri.includes('.jpg') ? uri : '/?FIF=no') };
    const bench = await benchIn(scopeOf(test), peer);
    const lines: string[] = [];
    const rows = await measureOpenings(bench, (line) => lines.push(line), AMOUNTS);
    assert.equal(rows.length, OPENING_FILES.length - 2);
    assert.equal(lines.filter((line) => line.startsWith('no row of JPEG 2000')).length, 2);
    for (const { title, contenders, read, coldRatio, goalMs } of rows) {
      const [ours, other] = contenders;
      assert.ok(ours !== undefined && !('lacks' in ours), title);
      assert.ok(ours.cold.p50Ms > 0 && ours.cold.p50Ms <= ours.cold.p99Ms && ours.warm.p50Ms > 0, title);
      assert.ok(read.reads > 0 && read.bytes > 0, title);
      assert.equal(coldRatio === undefined, title !== 'JPEG', title);
      assert.equal(other !== undefined && 'lacks' in other && other.lacks, title !== 'JPEG' && 'status 404');
      assert.equal(goalMs, title.startsWith('BigTIFF') ? 5 : undefined);
    }
    const names = readdirSync(path.join(bench.imagesFolder, path.dirname(openingName(OPENING_FILES[0]!, 0))));
    assert.equal(names.length, 1 + AMOUNTS.warmUp + ROUNDS * AMOUNTS.cold);
  });
});

describe('linkOpeningNames', () => {
  it('gives names to one file, and can do so again', async (test) => {
    const bench = await benchIn(scopeOf(test), OURS);
    const { imagesFolder: folder } = bench;
    const files = (await makeOpeningFiles(folder, () => undefined)).filter(({ name }) => name === 'pages');
    for (const count of [3, 2]) {
      linkOpeningNames(folder, files, count);
      const [pages] = files;
      const file = statSync(path.join(folder, openingPath(pages!)));
      assert.equal(file.nlink, 1 + count);
      assert.equal(statSync(path.join(folder, openingName(pages!, count - 1))).ino, file.ino);
    }
  });
});

describe('openingTable', () => {
  const times = (ms: number) => ({ p50Ms: ms, p99Ms: 2 * ms, cpuMs: ms / 2 });
  const row = (coldMs: number): OpeningRow => ({
    title: 'a picture',
    fileBytes: 3 * 2 ** 20,
    goalMs: 5,
    read: { reads: 2, bytes: 2048 },
    contenders: [
      { name: 'ours', cold: times(coldMs), warm: times(0.5) },
      { name: 'peer', lacks: 'status 400' },
    ],
  });

  it('has a row for each picture and a sentence about the goal', () => {
    const text = openingTable([row(4)]);
    assert.match(text, /^\| a picture \| 3\.00 \| 2 \| 2\.00 \| 4\.00 \| 8\.00 \| 2\.00 \| 0\.50 \| 0\.25 \| status 400 \|( – \|){6}$/m); // prettier-ignore
    assert.match(text, /a picture, cold: 4\.00 ms, p99 8\.00 ms; goal under 5 ms: met\.$/);
    assert.match(openingTable([row(6)]), /goal under 5 ms: \*\*not met\*\*\.$/);
  });
});
