/** A client that asks for the right things while others do what they like. */
import assert from 'node:assert/strict';
import { cgiParams, FcgiClient, fcgiRequest, type Where } from '../support/fcgi-client.ts';

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';

/** What it asks. */
export const GOOD: readonly string[] = [
  `${IIP}rgb-jpeg.tif&JTL=2,3`,
  `${IIP}rgb-deflate.tif&RGN=0.1,0.1,0.3,0.3&WID=200&CVT=png`,
  `${IIP}grey16.tif&OBJ=Max-size&OBJ=Resolutions`,
];

/**
 * Asks the right things, on one connection and on new ones, for as long as `work` lasts.
 *
 * @throws AssertionError when an answer is another than it was before.
 */
export async function besideGoodClient(where: Where, work: () => Promise<void>): Promise<void> {
  const ask = (uri: string) => fcgiRequest(where, cgiParams(uri));
  const right = await Promise.all(GOOD.map(ask));
  const state = { isOver: false, answers: 0 };
  const client = await FcgiClient.connect(where);
  const good = async (): Promise<void> => {
    do {
      for (const [index, uri] of GOOD.entries()) {
        const kept = await client.request(cgiParams(uri), { keepConn: true });
        for (const { status, body } of [kept, await ask(uri)]) {
          assert.equal(status, 200);
          assert.ok(body.equals(right[index]!.body), uri);
          state.answers++;
        }
      }
    } while (!state.isOver);
  };
  const ended = work().finally(() => (state.isOver = true));
  await Promise.all([ended, good()]);
  client.destroy();
  assert.ok(state.answers >= 2 * GOOD.length);
}
