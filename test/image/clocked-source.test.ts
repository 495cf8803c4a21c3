import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClockedSource } from '../../src/image/clocked-source.ts';
import type { ByteSource } from '../../src/image/source.ts';
import { ReadClock } from '../../src/metrics/stage-clock.ts';

function clocked(read: (pass: (ms: number) => void) => Uint8Array | Promise<Uint8Array>) {
  let time = 0;
  let isClosed = false;
  const clock = new ReadClock(() => time);
  const inner: ByteSource = {
    path: '/a.tif',
    identity: { size: 1, mtimeMs: 2, inode: 3 },
    read: () => read((ms) => (time += ms)),
    close: () => (isClosed = true),
  };
  const pass = (ms: number): void => void (time += ms);
  return { clock, inner, source: new ClockedSource(inner, clock), pass, isClosed: () => isClosed };
}

describe('a clocked source', () => {
  it('is the source that it times', () => {
    const { source, inner, isClosed } = clocked(() => Uint8Array.of(7));
    assert.deepEqual([source.path, source.identity], [inner.path, inner.identity]);
    source.close();
    assert.ok(isClosed());
  });

  it('gives at once what is there at once', () => {
    const { source, clock, pass } = clocked((takes) => (takes(5), Uint8Array.of(7)));
    assert.deepEqual(source.read(0, 1), Uint8Array.of(7));
    pass(100);
    assert.equal(clock.ms, 5);
  });

  it('counts until what is waited for has come', async () => {
    const { promise, resolve } = deferred();
    const { source, clock, pass } = clocked(() => promise);
    const reading = source.read(0, 1);
    pass(5);
    resolve(Uint8Array.of(8));
    assert.deepEqual(await reading, Uint8Array.of(8));
    pass(100);
    assert.equal(clock.ms, 5);
  });

  it('stops when a read fails, now or later', async () => {
    const now = clocked((takes) => {
      takes(3);
      throw new Error('gone');
    });
    assert.throws(() => now.source.read(0, 1), /gone/);
    now.pass(100);
    assert.equal(now.clock.ms, 3);
    const later = clocked(() => Promise.reject(new Error('gone')));
    await assert.rejects(async () => later.source.read(0, 1), /gone/);
    later.pass(100);
    assert.equal(later.clock.ms, 0);
  });
});

function deferred() {
  let resolve = (_: Uint8Array): void => {};
  const promise = new Promise<Uint8Array>((settle) => (resolve = settle));
  return { promise, resolve: (bytes: Uint8Array): void => resolve(bytes) };
}
