/** OPEN_FILES: the real program over more images than it may keep open. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgiParams, FcgiClient } from '../support/fcgi-client.ts';
import { PROC_MISSING, usageOf } from '../support/proc.ts';
import { FIXTURES, startProgram, type Program } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

const IMAGES = 60;
const CLIENTS = 6;
const ORIGINALS = ['rgb-webp.tif', 'rgb-flat.tif', 'cog-webp.tif', 'rgb-tiled.jp2'] as const;

/** What a client asks of every image: facts, a tile that is stored, one that is decoded, a picture of it all. */
const QUESTIONS = [
  (name: string) => `/fcgi-bin/iipsrv.fcgi?IIIF=${name}/info.json`,
  (name: string) => `/fcgi-bin/iipsrv.fcgi?FIF=${name}&JTL=0,0`,
  (name: string) => `/fcgi-bin/iipsrv.fcgi?FIF=${name}&PTL=0,0`,
  (name: string) => `/fcgi-bin/iipsrv.fcgi?FIF=${name}&WID=90&CVT=png`,
] as const;

interface Peak {
  /** Descriptors of images. */
  readonly images: number;
  /** Descriptors of the process, sockets and all. */
  readonly all: number;
}

/** Descriptors of a process that are files in `folder`. */
function openImages(pid: number, folder: string): number {
  return readdirSync(`/proc/${pid}/fd`).filter((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`).startsWith(folder);
    } catch (error) {
      // Closed since it was listed.
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
      return false;
    }
  }).length;
}

/** Every client asks everything of every image, each in its own order, on one connection. */
async function askAll(program: Program, names: readonly string[]): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, async (_, number) => {
    const client = await FcgiClient.connect(program.where);
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn * 7 + number * 11) % names.length]!;
      for (const question of QUESTIONS) {
        const { status, body } = await client.request(cgiParams(question(name)), { keepConn: true });
        assert.equal(status, 200, `${question(name)}: ${body.toString('utf8', 0, 200)}`);
      }
    }
    client.destroy();
  });
  await Promise.all(clients);
}

/** The most descriptors that were seen while everything is asked for, and after it. */
async function peakOf(test: TestContext, openFiles: number): Promise<Peak> {
  const scope = scopeOf(test);
  const folder = (await tempFolder(scope)) + path.sep;
  const names = Array.from({ length: IMAGES }, (_, i) => {
    const original = ORIGINALS[i % ORIGINALS.length]!;
    return `${i}${path.extname(original)}`;
  });
  await Promise.all(
    names.map((name, i) => copyFile(FIXTURES + ORIGINALS[i % ORIGINALS.length]!, folder + name)),
  );
  const env = { FILESYSTEM_PREFIX: folder, OPEN_FILES: String(openFiles), OMP_NUM_THREADS: '2' };
  const program = await startProgram(scope, { env });
  const peak = { images: 0, all: 0 };
  let isOver = false;
  const watch = async (): Promise<void> => {
    for (let isLast = false; !isLast;) {
      isLast = isOver;
      const { descriptors } = await usageOf(program.pid);
      peak.images = Math.max(peak.images, openImages(program.pid, folder));
      peak.all = Math.max(peak.all, descriptors);
      await sleep(5);
    }
  };
  await Promise.all([askAll(program, names).finally(() => (isOver = true)), watch()]);
  test.diagnostic(`OPEN_FILES=${openFiles}: at most ${peak.images} images open, ${peak.all} descriptors`);
  return peak;
}

describe('OPEN_FILES', { skip: PROC_MISSING, timeout: 300_000 }, () => {
  it('bounds what is open, however many images are asked for', async (test) => {
    const few = await peakOf(test, 8);
    const many = await peakOf(test, 1_000);
    // Images that are being read at this moment are open, whatever the limit: one for each client.
    assert.ok(few.images >= 1 && few.images <= 8 + CLIENTS, `${few.images} images are open`);
    assert.ok(many.images >= IMAGES, 'with a larger limit all of them stay open');
    assert.ok(few.all <= many.all - IMAGES / 2, 'nothing else is open instead');
  });
});
