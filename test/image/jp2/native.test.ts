/** The decoder `native`: its windows are those of the other one, and what befalls its process costs no picture. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { BlockReader } from '../../../src/image/block-reader.ts';
import { pictureBounds, type WindowWish } from '../../../src/image/jp2/picture-window.ts';
import { decodeNatively } from '../../../src/image/jp2/native/decode-natively.ts';
import { NativeDecoder, type DecoderOptions } from '../../../src/image/jp2/native/decoder.ts';
import { withToldDeaths } from '../../../src/image/jp2/native/told-deaths.ts';
import type { ErrorFacts } from '../../../src/errors.ts';
import { openJp2 } from '../../../src/image/jp2/open.ts';
import type { Raster } from '../../../src/image/raster.ts';
import { randomNumbers } from '../../hostile/random.ts';
import { fileSource } from '../support/sources.ts';
import { bytesOf, EOC, mainHeader, tilePart } from './support/build-stream.ts';
import { JP2_FIXTURES, jp2Fixtures, openStream, readStream, type OpenStream } from './support/streams.ts';

const WINDOWS = 12;
const SEED = 20_261_126;
const NEVER = { throwIfAborted: () => undefined };
const WHOLE = { reduction: 0, layers: 1 };
const PIXEL = { x0: 0, y0: 0, x1: 1, y1: 1 };
const NO_WISH = { bytes: new Uint8Array(8), area: PIXEL, ...WHOLE, components: [0] };

const streamOf = (name: string): Promise<OpenStream> => openStream(fileSource(path.join(JP2_FIXTURES, name)));

function wishOf({ codestream }: OpenStream, reduction: number, layers: number): WindowWish {
  return { window: pictureBounds(codestream.header.canvas, reduction), reduction, layers, isStrict: false };
}

/** The whole picture. */
function readNatively(decoder: NativeDecoder, stream: OpenStream): Promise<Raster | undefined> {
  return decodeNatively(decoder, stream.codestream, stream.bands, wishOf(stream, 0, 1), NEVER);
}

/** The reader of a file, whole picture: what clients get. */
async function readFile(decoder: NativeDecoder, name: string): Promise<ArrayLike<number>> {
  const blocks = new BlockReader(fileSource(path.join(JP2_FIXTURES, name)));
  const reader = await openJp2(blocks, { isStrict: false, native: decoder });
  const { width, height } = reader.info.levels[0]!;
  const address = { page: 0, level: 0, window: { x: 0, y: 0, width, height }, layers: 1 };
  const { data } = await reader.readWindow(address);
  reader.close();
  return data;
}

/** Decoders are ended with the test. */
function decoderFor(test: TestContext, options: Partial<DecoderOptions> = {}): NativeDecoder {
  const decoder = new NativeDecoder({ timeLimitMs: 20_000, ...options });
  test.after(() => decoder.stop());
  return decoder;
}

async function waitForProcess(decoder: NativeDecoder): Promise<number> {
  while (decoder.pid === undefined) await sleep(2);
  return decoder.pid;
}

const found = await new NativeDecoder().probe();
const skip = 'absence' in found ? 'not installed: libopenjp2 or koffi' : false;

describe('OpenJPEG in another process', { skip }, () => {
  const decoder = new NativeDecoder({ timeLimitMs: 20_000 });
  after(() => decoder.stop());

  // OpenJPEG does not decode parts of high-throughput tiles.
  for (const name of jp2Fixtures().filter((file) => !file.startsWith('ht-'))) {
    it(`gives the windows that our own decoder gives: ${name}, seed ${SEED}`, async () => {
      const random = randomNumbers(SEED);
      const below = (limit: number): number => Math.floor(random() * limit);
      const stream = await streamOf(name);
      const { layers, components } = stream.parameters;
      const tolerance = components.every(({ coding }) => coding.isReversible) ? 0 : 1;
      for (let i = 0; i < WINDOWS; i++) {
        const [reduction, count] = [below(stream.levels + 1), 1 + below(layers)];
        const wish = wishOf(stream, reduction, count);
        const { x0, y0, x1, y1 } = wish.window;
        const [x, y] = [below(x1 - x0), below(y1 - y0)];
        const window = { x, y, width: 1 + below(x1 - x0 - x), height: 1 + below(y1 - y0 - y) };
        const right = x0 + x + window.width;
        const part = { ...wish.window, x0: x0 + x, y0: y0 + y, x1: right, y1: y0 + y + window.height };
        const ours = await readStream(stream, { reduction, layers: count, window });
        const raster = await decodeNatively(
          decoder,
          stream.codestream,
          stream.bands,
          { ...wish, window: part },
          NEVER,
        );
        assert.ok(raster !== undefined, 'it was not decoded natively');
        assert.deepEqual([raster.width, raster.height, raster.bands], [ours.width, ours.height, ours.bands]);
        let worst = 0;
        raster.data.forEach((value, at) => (worst = Math.max(worst, Math.abs(value - ours.data[at]!))));
        assert.ok(worst <= tolerance, `off by ${worst}: ${reduction} ${count} ${JSON.stringify(window)}`);
      }
    });
  }

  it('is not asked for high-throughput codestreams', async (test) => {
    const decoder = decoderFor(test);
    const stream = await streamOf('ht-lossless.j2k');
    assert.equal(await readNatively(decoder, stream), undefined);
    assert.equal(decoder.pid, undefined);
    assert.deepEqual(await readFile(decoder, 'ht-lossless.j2k'), (await readStream(stream, WHOLE)).data);
  });

  it('is started again when it is killed in the middle, and the window is right', async (test) => {
    const decoder = decoderFor(test);
    const stream = await streamOf('tiled-lossless.j2k');
    const expected = await readStream(stream, WHOLE);
    await readNatively(decoder, stream);
    const first = await waitForProcess(decoder);
    // Stopped, it cannot have answered when it is killed.
    process.kill(first, 'SIGSTOP');
    const reading = readNatively(decoder, stream);
    await sleep(50);
    process.kill(first, 'SIGKILL');
    assert.deepEqual((await reading)?.data, expected.data);
    assert.notEqual(decoder.pid, first);
    // One death costs no rest.
    assert.ok((await readNatively(decoder, stream)) !== undefined);
  });

  it('is ended when it stalls', async (test) => {
    const decoder = decoderFor(test);
    const stream = await streamOf('lrcp.j2k');
    await readNatively(decoder, stream);
    const stalled = await waitForProcess(decoder);
    const hasty = decoderFor(test, { timeLimitMs: 300 });
    assert.ok('version' in (await hasty.probe()));
    const pid = await waitForProcess(hasty);
    process.kill(pid, 'SIGSTOP');
    const start = performance.now();
    assert.deepEqual(await hasty.decode(NO_WISH), { kind: 'died', signal: 'SIGKILL', exitStatus: undefined });
    const elapsed = performance.now() - start;
    assert.ok(elapsed >= 290 && elapsed < 5_000, `${elapsed} ms`);
    assert.throws(() => process.kill(pid, 0), 'it is still there');
    assert.equal(decoder.pid, stalled, 'that of another decoder goes on');
  });

  it('is ended over its memory; after two deaths the window, and the file, are left to our own', async (test) => {
    // Less than Node.js itself takes.
    const decoder = decoderFor(test, { maxBytes: 1 });
    assert.ok('version' in (await decoder.probe()));
    const stream = await streamOf('lrcp.j2k');
    assert.equal(await readNatively(decoder, stream), undefined);
    assert.equal(decoder.pid, undefined);
    assert.deepEqual(await decoder.decode(NO_WISH), { kind: 'unavailable' }, 'it rests');
    await sleep(300);
    assert.equal(await readNatively(decoder, stream), undefined);
    assert.equal(decoder.pid, undefined, 'no other process for this file');
    const expected = await readStream(stream, WHOLE);
    assert.deepEqual(await readFile(decoder, 'lrcp.j2k'), expected.data);
  });

  it('is ended while a small file makes it take much memory', async (test) => {
    const decoder = decoderFor(test, { maxBytes: 256 * 2 ** 20 });
    // One tile of 8192 by 8192, 16 components, no code-block: 4 GB of samples.
    const side = 8_192;
    const canvas = {
      area: [0, 0, side, side],
      tile: [0, 0, side, side],
      components: Array.from({ length: 16 }, () => [7, 1, 1] as const),
    } as const;
    const bytes = bytesOf(mainHeader(canvas), tilePart(0, Array<number>(16).fill(0)), EOC);
    assert.ok(bytes.length < 200);
    const area = { x0: 0, y0: 0, x1: side, y1: side };
    const components = Array.from({ length: 16 }, (_, i) => i);
    const found = await decoder.decode({ bytes, area, ...WHOLE, components });
    assert.deepEqual(found, { kind: 'died', signal: 'SIGKILL', exitStatus: undefined });
    const stream = await streamOf('lrcp.j2k');
    assert.ok((await readNatively(decoder, stream)) !== undefined, 'the next one serves');
  });

  it('is told of in the log when it dies, with the file and the signal', async (test) => {
    const decoder = decoderFor(test);
    const told: { message: string; facts: ErrorFacts }[] = [];
    const watched = withToldDeaths(decoder, (message, facts) => void told.push({ message, facts }));
    const stream = await streamOf('tiled-lossless.j2k');
    const wish = wishOf(stream, 0, 1);
    const read = () => decodeNatively(watched, stream.codestream, stream.bands, wish, NEVER);
    await read();
    assert.deepEqual(told, []);
    const pid = await waitForProcess(decoder);
    process.kill(pid, 'SIGSTOP');
    const reading = read();
    await sleep(50);
    process.kill(pid, 'SIGKILL');
    assert.ok((await reading) !== undefined);
    assert.equal(told.length, 1);
    const { message, facts } = told[0]!;
    assert.match(message, /process ended/);
    assert.equal(facts['signal'], 'SIGKILL');
    assert.deepEqual([facts['reduction'], facts['area']], [0, '0,0,150,117']);
  });

  it('refuses bytes that are no codestream, and lives', async (test) => {
    const decoder = decoderFor(test);
    await decoder.probe();
    const pid = await waitForProcess(decoder);
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), Uint8Array.of(0xff, 0x4f, 0xff, 0x51)])
      assert.deepEqual(await decoder.decode({ ...NO_WISH, bytes }), { kind: 'refused' });
    assert.equal(decoder.pid, pid);
  });
});

/** Node.js takes no koffi for installed. */
const NO_KOFFI = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export const resolve = (name, context, next) => {
      if (name === 'koffi') throw new Error('no koffi here');
      return next(name, context);
    };
  \`));
`)}`;

describe('without OpenJPEG', () => {
  const absences: Record<string, Partial<DecoderOptions>> = {
    'no library': { libraries: ['libopenjp2-that-is-not-there.so'] },
    'no koffi': { execArgv: ['--import', NO_KOFFI] },
  };
  for (const [what, options] of Object.entries(absences)) {
    it(`our own decoder serves: ${what}`, async (test) => {
      const decoder = decoderFor(test, options);
      const found = await decoder.probe();
      assert.ok('absence' in found && /no koffi here|not-there/.test(found.absence), JSON.stringify(found));
      const stream = await streamOf('tiled.jp2');
      const expected = await readStream(stream, WHOLE);
      assert.deepEqual(await readFile(decoder, 'tiled.jp2'), expected.data);
      while (decoder.pid !== undefined) await sleep(5);
      assert.deepEqual(await decoder.decode(NO_WISH), { kind: 'unavailable' });
      assert.equal(decoder.pid, undefined, 'nothing is started in vain');
    });
  }
});
