/**
 * Real and damaged files that are not part of the project: IIPSRV_CORPUS names a folder of them. Folders whose name
 * begins with `corrupt` hold damaged ones.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { readConfig } from '../../src/config/read-config.ts';
import { createImageServer, type ImageServer } from '../../src/image-server.ts';
import { makeRequest } from '../../src/server/request.ts';
import { memoryLog } from '../support/log.ts';
import { MemoryPeak } from '../support/memory-peak.ts';
import { PROC_MISSING } from '../support/proc.ts';
import { skipUnless } from '../support/real-programs.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { psnr, type Pixels } from './pixels.ts';
import { hasNumbers, libtiffPixels, openjpegPixels, vipsPixels } from './vips.ts';

const CORPUS = process.env['IIPSRV_CORPUS'] ?? '';
/** What lies beside the pictures. */
const NO_PICTURES = /\.(tsv|md|txt)$/i;
const MAX_DAMAGED_MS = 5_000;
/** Of this process and those that decode for it, at their highest, together. */
const MAX_MEGABYTES = 1024;
const LEAST_PSNR = 30;
const MAX_COMPARED_PIXELS = 2_000_000;

/** What a good file may be refused for, with the reason in the answer; everything else is a fault. */
const REFUSALS = [413, 501];

/** What the hungriest answer took. */
let highest = 0;

const files =
  CORPUS === ''
    ? []
    : readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter(
        (name) => !NO_PICTURES.test(name) && statSync(path.join(CORPUS, name)).isFile(),
      );
const isDamaged = (name: string): boolean => /(^|\/)corrupt/.test(path.resolve(CORPUS, name));

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Buffer;
}

describe('a corpus', { skip: CORPUS === '' && 'IIPSRV_CORPUS names no folder' }, () => {
  let server: ImageServer;
  let folder: string;
  let memory: MemoryPeak | undefined;
  let alive: NodeJS.Timeout;

  before(async () => {
    const root = path.resolve(CORPUS) + path.sep;
    const { config } = readConfig(
      { FILESYSTEM_PREFIX: root, MAX_LAYERS: '-1', MAX_CVT: '-1' },
      { cpus: 2, avifCodecs: [] },
    );
    server = await createImageServer(config, memoryLog(), 'test');
    folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-corpus-'));
    memory = PROC_MISSING === false ? new MemoryPeak() : undefined;
    alive = setInterval(() => undefined, 60_000);
  });
  after(async () => {
    clearInterval(alive);
    memory?.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const ask = async (query: string): Promise<Answer> => {
    const { status, body } = await server.respond(makeRequest({ query }), new AbortController().signal);
    const bytes = Buffer.from(body);
    return { status, body: bytes, text: bytes.toString('utf8', 0, 200) };
  };

  for (const name of files) {
    const id = encodeURIComponent(name);
    const queries = [
      `IIIF=${id}/info.json`,
      `IIIF=${id}/full/^!200,200/0/default.jpg`,
      `FIF=${name}&PTL=0,0`,
    ];

    it(`answers for ${name}`, async () => {
      memory?.reset();
      for (const query of queries) {
        const start = performance.now();
        const { status, body, text } = await ask(query);
        const isSlow = performance.now() - start > MAX_DAMAGED_MS;
        assert.ok(!isDamaged(name) || !isSlow, `${query} took too long`);
        const megabytes = memory?.megabytes ?? 0;
        highest = Math.max(highest, megabytes);
        assert.ok(megabytes < MAX_MEGABYTES, `${query}: the processes have taken ${megabytes} MB`);
        if (status === 200) {
          if (query.endsWith('.json'))
            assert.ok((JSON.parse(body.toString()) as { width: number }).width > 0);
          else assert.ok((await decode(body)).data.length > 0, query);
          continue;
        }
        const isRefusal = isDamaged(name) ? status >= 400 : REFUSALS.includes(status);
        assert.ok(isRefusal, `${query}: ${status} ${text}`);
      }
    });

    it(`has the pixels of ${name}`, { skip: isDamaged(name) || skipUnless('vips') }, async (test) => {
      const info = await ask(queries[0]!);
      if (info.status !== 200) return test.skip(info.text.trim());
      const { width, height } = JSON.parse(info.body.toString()) as { width: number; height: number };
      if (width * height > MAX_COMPARED_PIXELS) return test.skip('larger than what is compared');
      const { status, body } = await ask(`IIIF=${id}/full/max/0/default.png`);
      if (REFUSALS.includes(status)) return test.skip(`${status}`);
      const exception = EXCEPTIONS[path.basename(name)];
      const ours = await decode(body);
      const ratios: number[] = [];
      for await (const truth of truths(path.join(CORPUS, name), folder)) {
        ratios.push(psnr(ours, truth));
        if (ratios.at(-1)! <= LEAST_PSNR) continue;
        assert.equal(exception, undefined, 'it agrees: it is no exception any more');
        return;
      }
      if (ratios.length === 0) return test.skip('no other program makes a picture of it');
      const decibels = `PSNR ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')} dB`;
      if (exception === undefined) assert.fail(decibels);
      test.diagnostic(`${decibels}, as expected: ${exception}`);
    });
  }

  it('takes less than a gigabyte for any of them', { skip: PROC_MISSING }, (test) => {
    test.diagnostic(`${Math.round(highest)} MB at the most`);
    assert.ok(highest > 0 && highest < MAX_MEGABYTES);
  });
});

async function* truths(file: string, folder: string): AsyncGenerator<Pixels> {
  if (hasNumbers(file)) return;
  yield* vipsPixels(file, folder);
  const pixels = await libtiffPixels(file, folder);
  if (pixels !== undefined) yield pixels;
  yield* openjpegPixels(file, folder);
}

async function decode(bytes: Buffer): Promise<Pixels> {
  // The numbers as they were sent: profiles are for viewers.
  const { data, info } = await sharp(bytes, { failOn: 'error', ignoreIcc: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, bands: info.channels, data };
}
