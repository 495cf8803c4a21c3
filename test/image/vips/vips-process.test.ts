/** What befalls the process in which libvips decodes costs one job, and nothing else. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, type TestContext } from 'node:test';
import sharp from 'sharp';
import { ServerError } from '../../../src/errors.ts';
import { endDecodingProcesses } from '../../../src/image/decoding-process.ts';
import type { VipsJob } from '../../../src/image/vips/jobs.ts';
import { runHere } from '../../../src/image/vips/run-here.ts';
import { bytesAsInput } from '../../../src/image/vips/run-vips.ts';
import { environmentOf, foreignNames, PROC_MISSING } from '../../support/proc.ts';
import { VipsProcess, type VipsOptions } from '../../../src/image/vips/vips-process.ts';

const SIDE = 1_500;
const noise = { create: { width: SIDE, height: SIDE, channels: 3, background: '#468', noise: { type: 'gaussian', mean: 120, sigma: 40 } } } as const; // prettier-ignore
const png = await sharp(noise).png({ compressionLevel: 1 }).toBuffer();
const rows = { x: 0, y: 0, width: SIDE, height: SIDE };
const WHOLE: VipsJob = { kind: 'rows', bands: 3, bits: 8, maxPixels: SIDE * SIDE, rows, isPart: false };
const input = bytesAsInput(png, SIDE * SIDE * 3);

/** Ended with the test. */
function processFor(test: TestContext, options: Partial<VipsOptions> = {}): VipsProcess {
  const vips = new VipsProcess({ timeLimitMs: 60_000, ...options });
  test.after(() => vips.stop());
  return vips;
}

const isFault = (decoder: string) => (error: unknown) =>
  error instanceof ServerError && error.kind === 'damaged' && error.facts['decoder'] === decoder;

async function pidOf(vips: VipsProcess): Promise<number> {
  while (vips.pid === undefined) await sleep(2);
  return vips.pid;
}

describe('libvips in another process', { timeout: 120_000 }, () => {
  const jobs: Readonly<Record<string, VipsJob>> = {
    'a whole picture, in several pieces': WHOLE,
    'some rows of a smaller level, in 16 bits': {
      kind: 'rows',
      bands: 3,
      bits: 16,
      maxPixels: SIDE * SIDE,
      size: { width: 300, height: 300 },
      rows: { x: 0, y: 20, width: 300, height: 50 },
      isPart: true,
    },
  };
  for (const [name, job] of Object.entries(jobs)) {
    it(`gives what it gives here: ${name}`, async (test) => {
      const expected = await runHere(png, job);
      const { data, ...size } = await processFor(test).run(input, job);
      assert.deepEqual(size, { width: expected.width, height: expected.height, bands: expected.bands });
      assert.ok(Buffer.from(data).equals(expected.data));
    });
  }

  it('ends with all others of its thread, and nothing of it stays in the table of processes', async (test) => {
    const two = [processFor(test), processFor(test)];
    await Promise.all(two.map((vips) => vips.run(input, WHOLE)));
    const pids = await Promise.all(two.map(pidOf));
    await endDecodingProcesses();
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(two.map(({ pid }) => pid), [undefined, undefined]);
    // The next job has a new one.
    assert.equal((await two[0]!.run(input, WHOLE)).width, SIDE);
    await endDecodingProcesses();
  }); // prettier-ignore

  it('finds nothing of this environment there', { skip: PROC_MISSING }, async (test) => {
    process.env['IIPSRV_TEST_SECRET'] = 'not for decoders';
    test.after(() => delete process.env['IIPSRV_TEST_SECRET']);
    const vips = processFor(test);
    const done = vips.run(input, WHOLE);
    assert.deepEqual(foreignNames(environmentOf(await pidOf(vips))), []);
    await done;
  });

  it('does not decode a picture that is larger than its header was understood to say', async (test) => {
    const job: VipsJob = { ...WHOLE, maxPixels: SIDE * SIDE - 1 };
    await assert.rejects(processFor(test).run(input, job), /pixel limit/);
  });

  it('gives windows of JPEG files, and colors by a profile', async (test) => {
    const vips = processFor(test);
    const jpeg = await sharp(noise).jpeg({ progressive: true }).toBuffer();
    const window = { x: 10, y: 20, width: 30, height: 40 };
    const job: VipsJob = { kind: 'jpeg', bands: 3, size: { width: 750, height: 750 }, window };
    assert.deepEqual(await vips.run(bytesAsInput(jpeg, 0), job), await runHere(jpeg, job));
    const tiff = await sharp(noise).withIccProfile('p3').tiff({ compression: 'none' }).toBuffer();
    const toSrgb: VipsJob = { kind: 'to-srgb', dropsAlpha: true };
    assert.deepEqual(await vips.run(bytesAsInput(tiff, 0), toSrgb), await runHere(tiff, toSrgb));
  });

  it('says what libvips says of a file that it does not want, and goes on', async (test) => {
    const vips = processFor(test);
    await assert.rejects(
      vips.run(bytesAsInput(Buffer.from('no picture'), 0), WHOLE),
      /unsupported image format/,
    );
    const pid = await pidOf(vips);
    await assert.rejects(vips.run(bytesAsInput(png.subarray(0, 100_000), 0), WHOLE), /read|libspng|end/i);
    assert.equal((await vips.run(input, WHOLE)).width, SIDE);
    assert.equal(vips.pid, pid, 'the same process');
  });

  for (const signal of ['SIGKILL', 'SIGSEGV'] as const) {
    it(`costs one job when it ends in the middle (${signal})`, async (test) => {
      const vips = processFor(test);
      await vips.run(input, WHOLE);
      const pid = await pidOf(vips);
      const lost = vips.run(input, WHOLE);
      const next = vips.run(input, WHOLE);
      await sleep(5);
      process.kill(pid, signal);
      await assert.rejects(lost, isFault('died'));
      assert.equal((await next).data.length, SIDE * SIDE * 3);
      assert.notEqual(vips.pid, pid);
    });
  }

  it('is ended when it does not come back', async (test) => {
    const vips = processFor(test, { timeLimitMs: 1_500 });
    await vips.run(input, { ...WHOLE, isPart: true, rows: { x: 0, y: 0, width: 8, height: 8 } });
    process.kill(await pidOf(vips), 'SIGSTOP');
    await assert.rejects(vips.run(input, WHOLE), isFault('stalled'));
    const small = { ...WHOLE, isPart: true, rows: { x: 0, y: 0, width: 8, height: 8 } };
    assert.equal((await vips.run(input, small)).width, 8);
  });

  it('is ended when it takes too much memory', async (test) => {
    const vips = processFor(test, { maxBytes: 2 ** 20 });
    await assert.rejects(vips.run(input, WHOLE), isFault('died'));
  });

  it('is ended when there is nothing to do', async (test) => {
    const vips = processFor(test, { idleMs: 50 });
    await vips.run(input, WHOLE);
    const end = performance.now() + 10_000;
    while (vips.pid !== undefined && performance.now() < end) await sleep(10);
    assert.equal(vips.pid, undefined);
    assert.equal((await vips.run(input, WHOLE)).width, SIDE);
  });

  it('a file that cannot be read costs nothing', async (test) => {
    const vips = processFor(test);
    const read = (offset: number) => {
      if (offset > 0) throw new ServerError('not-found', 'the file is gone');
      return png.subarray(0, 2 ** 22);
    };
    await assert.rejects(vips.run({ length: 2 ** 23, read, pixelBytes: 0 }, WHOLE), /gone/);
    assert.equal((await vips.run(input, WHOLE)).width, SIDE);
  });
});
