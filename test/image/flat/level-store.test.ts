import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { LevelStore, storeMemory } from '../../../src/image/flat/level-store.ts';
import { byteRaster, type Raster } from '../../../src/image/raster.ts';

function decoder(value: number, width: number, height = 1) {
  let calls = 0;
  return {
    decode: (): Promise<Raster> => {
      calls++;
      const samples = Uint8Array.from({ length: width * height }, (_, i) => value + i);
      return Promise.resolve(byteRaster({ width, height }, 1, samples));
    },
    get calls() {
      return calls;
    },
  };
}

const all = (width: number, height = 1) => ({ x: 0, y: 0, width, height });

describe('LevelStore', () => {
  it('decodes once what is asked for again, or at the same time', async () => {
    const store = new LevelStore(storeMemory(10_000));
    const one = decoder(7, 10, 4);
    const window = { x: 2, y: 1, width: 3, height: 2 };
    const [a, b] = await Promise.all([
      store.window('a', window, one.decode),
      store.window('a', window, one.decode),
    ]);
    assert.deepEqual([...a.data], [19, 20, 21, 29, 30, 31]);
    assert.deepEqual(a, b);
    assert.notEqual(a.data.buffer, b.data.buffer);
    assert.deepEqual([...(await store.window('a', all(10, 4), one.decode)).data.subarray(0, 2)], [7, 8]);
    assert.equal(one.calls, 1);
    assert.equal(store.bytes, 64);
  });

  it('holds no more bytes than it may, and gives up what was put in longest ago', async () => {
    const store = new LevelStore(storeMemory(256));
    const decoders = new Map([...'abcdef'].map((name, i) => [name, decoder(i * 20, 64)]));
    for (const name of 'abcdef') {
      await store.window(name, all(64), decoders.get(name)!.decode);
      assert.ok(store.bytes <= 256);
    }
    for (const name of 'fedcab') {
      const { data } = await store.window(name, all(64), decoders.get(name)!.decode);
      assert.equal(data[0], 'abcdef'.indexOf(name) * 20);
    }
    assert.deepEqual(
      [...decoders.values()].map(({ calls }) => calls),
      [2, 2, 1, 1, 1, 1],
    );
  });

  it('does not mind that the clock is set, back or ahead, while it decodes', async (test) => {
    for (const hours of [-24, 24]) {
      const store = new LevelStore(storeMemory(10_000));
      const real = Date.now;
      const one = decoder(7, 10);
      const decode = async () => {
        test.mock.method(Date, 'now', () => real() + hours * 3_600_000);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return one.decode();
      };
      await Promise.all([store.window('a', all(10), decode), store.window('a', all(10), decode)]);
      assert.equal(one.calls, 1, `${hours} hours`);
      test.mock.restoreAll();
    }
  });

  it('gives up what was put in longest ago, too, where there are more rasters than it has entries', async () => {
    const store = new LevelStore(storeMemory(2 ** 20));
    const decoders = Array.from({ length: 600 }, () => decoder(1, 1));
    for (const [i, { decode }] of decoders.entries()) await store.window(`r${i}`, all(1), decode);
    for (let i = 200; i < 600; i++) await store.window(`r${i}`, all(1), decoders[i]!.decode);
    assert.deepEqual(new Set(decoders.slice(200).map(({ calls }) => calls)), new Set([1]));
  });

  it('gives what is too large to be kept', async () => {
    const store = new LevelStore(storeMemory(256));
    const large = decoder(0, 200);
    assert.equal((await store.window('a', all(200), large.decode)).width, 200);
    await store.window('a', all(200), large.decode);
    assert.deepEqual([large.calls, store.bytes], [2, 0]);
  });

  it('forgets failures', async () => {
    const store = new LevelStore(storeMemory(256));
    const fail = () => Promise.reject(new Error('no'));
    await assert.rejects(store.window('a', all(1), fail), /no/);
    assert.equal((await store.window('a', all(1), decoder(5, 1).decode)).data[0], 5);
  });

  it('keeps samples of every type', async () => {
    const store = new LevelStore(storeMemory(10_000));
    const rasters: readonly Raster[] = [
      { width: 2, height: 1, bands: 1, bitsPerSample: 16, sampleFormat: 'uint', data: Uint16Array.of(1, 65535) },
      { width: 2, height: 1, bands: 1, bitsPerSample: 32, sampleFormat: 'uint', data: Uint32Array.of(1, 2 ** 32 - 1) },
      { width: 2, height: 1, bands: 1, bitsPerSample: 32, sampleFormat: 'float', data: Float32Array.of(0.5, NaN) },
    ]; // prettier-ignore
    for (const [i, raster] of rasters.entries()) {
      await store.window(String(i), all(2), () => Promise.resolve(raster));
      const kept = await store.window(String(i), all(2), () => Promise.reject(new Error('not kept')));
      assert.deepEqual(kept, raster);
    }
  });

  it('stops waiting for another when nobody waits any more', async () => {
    const store = new LevelStore(storeMemory(256));
    let finish = (): void => {};
    const slow = store.window('a', all(1), async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return byteRaster({ width: 1, height: 1 }, 1, Uint8Array.of(1));
    });
    const stop = () => {
      throw new Error('left');
    };
    await assert.rejects(store.window('a', all(1), decoder(2, 1).decode, stop), /left/);
    finish();
    assert.equal((await slow).data[0], 1);
  });

  it('sees no mixed raster when a thread is stopped while it writes, and goes on long after', async (test) => {
    const memory = storeMemory(4 * 64);
    const done = new Int32Array(new SharedArrayBuffer(4));
    const code = `
      import { workerData, parentPort } from 'node:worker_threads';
      const { LevelStore } = await import(workerData.module);
      // All claims of the other thread are old.
      const store = new LevelStore(workerData.memory, () => 2 ** 30);
      parentPort.postMessage('ready');
      Atomics.wait(workerData.done, 0, 0);
      const raster = (n) => ({ width: 64, height: 1, bands: 1, bitsPerSample: 8, sampleFormat: 'uint', data: new Uint8Array(64).fill(n) });
      for (const n of [0, 1, 2, 3, 4, 5]) await store.window('r' + n, { x: 0, y: 0, width: 64, height: 1 }, async () => raster(n));
      Atomics.store(workerData.done, 0, 2);
      Atomics.notify(workerData.done, 0);`;
    const module = new URL('../../../src/image/flat/level-store.js', import.meta.url).href;
    const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const worker = new Worker(url, { workerData: { memory, done, module } });
    test.after(() => worker.terminate());
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const store = new LevelStore(memory);
    // The samples are asked for their length, then they are copied: there this thread stops.
    let looks = 0;
    const raster = {
      ...byteRaster({ width: 64, height: 1 }, 1, new Uint8Array(64)),
      get data(): Uint8Array<ArrayBuffer> {
        if (++looks === 2) {
          Atomics.store(done, 0, 1);
          Atomics.notify(done, 0);
          assert.notEqual(Atomics.wait(done, 0, 1, 20_000), 'timed-out');
        }
        return new Uint8Array(64).fill(99);
      },
    };
    await store.window('old', all(64), () => Promise.resolve(raster));
    assert.ok(looks > 2, 'it was not stopped');
    let kept = 0;
    for (const n of [0, 1, 2, 3, 4, 5]) {
      kept++;
      const decodeAgain = () => {
        kept--;
        return Promise.reject(new Error('not kept'));
      };
      const { data } = await store.window(`r${n}`, all(64), decodeAgain).catch(() => ({ data: [n] }));
      assert.deepEqual(new Set(data), new Set([n]), `r${n}`);
    }
    assert.ok(kept >= 2, `${kept} are kept`);
  });

  it('leaves the claim of another alone when its own is too old', async () => {
    const memory = storeMemory(256);
    const clock = { seconds: 0 };
    const store = new LevelStore(memory, () => clock.seconds);
    const waiting = (value: number) => {
      let finish = (): void => {};
      const one = decoder(value, 1);
      const gate = new Promise<void>((resolve) => (finish = resolve));
      const window = store.window('a', all(1), () => gate.then(() => one.decode()));
      return { finish, window };
    };
    const first = waiting(1);
    clock.seconds = 100;
    const second = waiting(2);
    first.finish();
    assert.equal((await first.window).data[0], 1);
    // The second one is still at it: nobody else begins.
    const third = decoder(3, 1);
    const asked = store.window('a', all(1), third.decode);
    second.finish();
    assert.deepEqual([(await second.window).data[0], (await asked).data[0], third.calls], [2, 2, 0]);
  });

  it('is shared by threads: four of them decode each of twenty rasters once, and see no mixed one', async () => {
    const memory = storeMemory(64 * 1024);
    const decoded = new Int32Array(new SharedArrayBuffer(20 * 4));
    const code = `
      import { workerData, parentPort } from 'node:worker_threads';
      const { LevelStore } = await import(workerData.module);
      const store = new LevelStore(workerData.memory);
      let wrong = 0;
      for (let i = 0; i < 400; i++) {
        const n = i % 20;
        const raster = await store.window('r' + n, { x: 0, y: 0, width: 1000, height: 1 }, async () => {
          Atomics.add(workerData.decoded, n, 1);
          await new Promise((resolve) => setTimeout(resolve, 2));
          return { width: 1000, height: 1, bands: 1, bitsPerSample: 8, sampleFormat: 'uint', data: new Uint8Array(1000).fill(n) };
        });
        if (raster.data.some((value) => value !== n)) wrong++;
      }
      parentPort.postMessage(wrong);`;
    const module = new URL('../../../src/image/flat/level-store.js', import.meta.url).href;
    const run = () =>
      new Promise<number>((resolve, reject) => {
        const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
        const worker = new Worker(url, { workerData: { memory, decoded, module } });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    assert.deepEqual(await Promise.all([run(), run(), run(), run()]), [0, 0, 0, 0]);
    assert.deepEqual([...decoded], Array<number>(20).fill(1));
  });
});
