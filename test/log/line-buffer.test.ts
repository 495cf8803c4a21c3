import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineBuffer } from '../../src/log/line-buffer.ts';
import type { Outlet } from '../../src/log/outlet.ts';

/** An outlet whose writes a test lets through or fails one by one. */
class Gate implements Outlet {
  readonly calls: string[] = [];
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  open(): Promise<void> {
    this.calls.push('open');
    return Promise.resolve();
  }

  write(text: string): Promise<void> {
    this.calls.push(text);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }

  /** Ends the oldest write. */
  async settle(error?: Error): Promise<void> {
    await turn();
    const first = this.#waiting.shift();
    assert.ok(first !== undefined, 'no write to settle');
    if (error === undefined) first.resolve();
    else first.reject(error);
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const lostLine = (lost: number, why: string): string => `[lost ${lost}: ${why}]`;

const failure = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('LineBuffer', () => {
  it('opens first, and gathers lines of one turn into one write', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine });
    buffer.add('a', false);
    buffer.add('b', true);
    buffer.add('c', true);
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'abc']);
  });

  it('holds lines that are not urgent until there is a batch', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, batch: 3, flushMs: 1_000_000 });
    buffer.add('a', false);
    buffer.add('b', false);
    await turn();
    assert.deepEqual(gate.calls, ['open']);
    buffer.add('c', false);
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'abc']);
  });

  it('writes what waits after a while', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, flushMs: 1 });
    buffer.add('a', false);
    while (gate.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'a']);
  });

  it('writes many urgent lines together, after the first', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, urgentMs: 20 });
    buffer.add('a', true);
    await gate.settle();
    for (const line of 'bcdef') buffer.add(line, true);
    await turn();
    assert.deepEqual(gate.calls, ['open', 'a']);
    while (gate.calls.length < 3) await turn();
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'a', 'bcdef']);
  });

  it('never has two writes under way', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, urgentMs: 0 });
    buffer.add('a', true);
    await turn();
    buffer.add('b', true);
    buffer.add('c', true);
    await turn();
    assert.deepEqual(gate.calls, ['open', 'a']);
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'a', 'bc']);
    await gate.settle();
  });

  it('drops what is too much while a write is stuck, and says so before the next lines', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, urgentMs: 0, maxWaiting: 4 });
    buffer.add('a', true);
    await turn();
    for (const line of ['bb', 'cc', 'dd', 'ee']) buffer.add(line, true);
    await gate.settle();
    await gate.settle();
    buffer.add('f', true);
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'a', '[lost 2: too many lines wait]bbcc', 'f']);
  });

  it('counts the lines of writes that fail until one succeeds', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, urgentMs: 0 });
    buffer.add('a', false);
    buffer.add('b', true);
    await gate.settle(failure('ENOSPC'));
    buffer.add('c', true);
    await gate.settle(failure('EPIPE'));
    buffer.add('d', true);
    await gate.settle();
    buffer.add('e', true);
    await gate.settle();
    assert.deepEqual(gate.calls, ['open', 'ab', '[lost 2: ENOSPC]c', '[lost 3: EPIPE]d', 'e']);
  });

  it('writes what waits before it opens anew', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine });
    buffer.add('a', false);
    const reopened = buffer.reopen();
    await gate.settle();
    await reopened;
    assert.deepEqual(gate.calls, ['open', 'a', 'open']);
  });

  it('writes what waits before it closes, and takes nothing afterwards', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine });
    buffer.add('a', false);
    const closed = buffer.close();
    await turn();
    buffer.add('b', false);
    await gate.settle();
    await gate.settle();
    await closed;
    buffer.add('c', true);
    await buffer.flush();
    await buffer.close();
    assert.deepEqual(gate.calls, ['open', 'a', 'b', 'close']);
  });

  it('closes although a write is stuck', async () => {
    const gate = new Gate();
    const buffer = new LineBuffer(gate, { lostLine, closeMs: 1 });
    buffer.add('a', true);
    await turn();
    await buffer.close();
    assert.deepEqual(gate.calls, ['open', 'a']);
  });
});
