import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { byteRaster } from '../../src/image/raster.ts';
import type { ImageReader } from '../../src/image/reader.ts';
import { ReadClock } from '../../src/metrics/stage-clock.ts';
import type { RenderPixels } from '../../src/render/picture.ts';
import { renderingHere } from '../../src/render/render-here.ts';
import { imageInfo } from '../support/image-info.ts';
import { renderPlan } from '../support/plans.ts';

const SIDE = 16;
const QUICK = renderPlan({ window: { x: 0, y: 0, width: SIDE, height: SIDE } });
const SLOW = renderPlan({ ...QUICK, encoding: { format: 'webp', quality: 50 } });
const { signal } = new AbortController();

/** A thread with a clock of its own, on which a picture takes as long as it is told. */
class Thread {
  pictureMs = 1;
  now = 0;
  elsewhere = 0;
  readonly #render: RenderPixels;

  constructor() {
    const reader: ImageReader = {
      info: imageInfo(),
      readWindow: async () => {
        // Pictures that are made at the same time take turns.
        await setImmediate();
        this.now += this.pictureMs;
        return byteRaster({ width: SIDE, height: SIDE }, 3, new Uint8Array(SIDE * SIDE * 3));
      },
      readEncodedTile: () => Promise.resolve(undefined),
      close: () => undefined,
    };
    const elsewhere: RenderPixels = () => {
      this.elsewhere += 1;
      return Promise.resolve({ bytes: new Uint8Array(1), origin: 'rendered' });
    };
    const now = (): number => this.now;
    const findReader = (): Promise<ImageReader> => Promise.resolve(reader);
    this.#render = renderingHere(elsewhere, { findReader, now, reads: new ReadClock(now) });
  }

  /** How many of so many pictures, one after the other, are made elsewhere. */
  async handedOn(count: number, plan = QUICK): Promise<number> {
    const before = this.elsewhere;
    for (let i = 0; i < count; i++) await this.#render(plan, signal);
    return this.elsewhere - before;
  }

  /** The same, of pictures at the same time. */
  async handedOnTogether(count: number): Promise<number> {
    const before = this.elsewhere;
    await Promise.all(Array.from({ length: count }, async () => this.#render(QUICK, signal)));
    return this.elsewhere - before;
  }
}

async function warmThread(): Promise<Thread> {
  const thread = new Thread();
  assert.equal(await thread.handedOn(60), 0);
  return thread;
}

describe('pictures made in the thread that asks', () => {
  it('are quick ones', async () => {
    const thread = new Thread();
    assert.equal(await thread.handedOn(2), 0);
    assert.equal(await thread.handedOn(2, SLOW), 2);
  });

  it('are handed on for a while when several in a row took too long', async () => {
    const thread = await warmThread();
    thread.pictureMs = 9;
    assert.equal(await thread.handedOn(5), 0);
    assert.equal(await thread.handedOn(3), 3);
    thread.now += 2_000;
    assert.equal(await thread.handedOn(1), 0);
  });

  it('may take too long now and then', async () => {
    const thread = await warmThread();
    for (let i = 0; i < 5; i++) {
      thread.pictureMs = 50;
      assert.equal(await thread.handedOn(4), 0);
      thread.pictureMs = 1;
      assert.equal(await thread.handedOn(1), 0);
    }
  });

  it('may take long while the thread is new', async () => {
    const thread = new Thread();
    thread.pictureMs = 100;
    assert.equal(await thread.handedOn(40), 0);
  });

  it('do not take longer because others are made at the same time', async () => {
    const thread = await warmThread();
    thread.pictureMs = 3;
    for (let i = 0; i < 4; i++) assert.equal(await thread.handedOnTogether(20), 0);
  });
});
