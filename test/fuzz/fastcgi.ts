/** FastCGI bytes against a session without a socket: however they are cut, they mean the same. */
import assert from 'node:assert/strict';
import { ServerError } from '../../src/errors.ts';
import type { Exchange } from '../../src/server/fastcgi/exchange.ts';
import { Session } from '../../src/server/fastcgi/session.ts';
import { diceOf, type Dice } from './dice.ts';
import { makeFastcgi } from './fastcgi-bytes.ts';
import type { Started } from './fuzzer.ts';

const LIMITS = { maxParamBytes: 1_000, maxBodyBytes: 60, maxRequests: 3 };

export function startFastcgi(): Promise<Started> {
  return Promise.resolve({
    make: makeFastcgi,
    trial: (input) => {
      const whole = eventsOf(input, () => input.length, 'at-once');
      const bytewise = eventsOf(input, () => 1, 'at-once');
      const dice = diceOf(input.length, input[8] ?? 0);
      const pieces = eventsOf(input, () => 1 + dice.below(40), 'at-once');
      assert.deepEqual(bytewise, whole, 'byte by byte it means something else');
      assert.deepEqual(pieces, whole, 'in pieces it means something else');
      const paused = eventsOf(input, () => 1 + dice.below(40), dice);
      assert.deepEqual(paused, whole, 'with pauses it means something else');
      return Promise.resolve();
    },
  });
}

/** What a session says of these bytes; each request is answered as soon as it is whole. */
function eventsOf(input: Uint8Array, step: () => number, pauses: Dice | 'at-once'): readonly string[] {
  const events: string[] = [];
  let isPaused = false;
  const session: Session = new Session(LIMITS, {
    onRequest: (exchange, { method, uri, host, body }) => {
      events.push(`request ${exchange.id} ${method} ${uri} ${host} ${Buffer.from(body).toString('hex')}`);
      session.finish(exchange);
      pause();
    },
    onRefused: (exchange: Exchange, { kind, message }) => {
      events.push(`refused ${exchange.id} ${kind} ${message}`);
      pause();
    },
    onAborted: ({ id }) => void events.push(`aborted ${id}`),
    onReply: (bytes) => void events.push(`reply ${bytes.toString('hex')}`),
  });
  const pause = (): void => {
    if (pauses === 'at-once' || !pauses.chance(0.5)) return;
    isPaused = true;
    session.pause();
  };
  const resume = (): void => {
    // What was held may hold requests that pause again.
    while (isPaused) {
      isPaused = false;
      session.resume();
    }
  };
  try {
    for (let at = 0; at < input.length;) {
      const end = Math.min(input.length, at + step());
      session.push(Buffer.from(input.subarray(at, end)));
      if (pauses === 'at-once' || pauses.chance(0.5)) resume();
      at = end;
    }
    resume();
    events.push(`reading ${session.isReading}, idle ${session.isIdle}, done ${session.isDone}`);
  } catch (error) {
    if (!(error instanceof ServerError) || error.kind !== 'bad-request') throw error;
    events.push(`broken ${error.message}`);
  }
  return events;
}
