/** Numbers, lists and lengths that are to cost much or to be believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgiParams, fcgiRequest } from '../../support/fcgi-client.ts';
import { scopeOf } from '../../support/scope.ts';
import { assertRefused } from '../answers.ts';
import { besideGoodClient } from '../good-client.ts';
import { open } from '../rogues.ts';
import { assertHarmless, assertServes, IIP, openDoors, parseRaw, rawHttp, readToEnd } from './doors.ts';

const DIGITS = '9'.repeat(10_000);

const QUERIES = [
  ...['WID', 'HEI', 'CNT', 'GAM', 'ROT', 'LYR', 'QLT', 'SDS', 'MINMAX'].map((name) => `${name}=${DIGITS}&CVT=jpeg`),
  ...['JTL', 'TIL', 'PTL', 'SPECTRA', 'PFL'].map((name) => `${name}=${DIGITS},${DIGITS}`),
  `RGN=0.${DIGITS},-${DIGITS},1e${DIGITS},${DIGITS}&CVT=png`,
]; // prettier-ignore

/** A list of a million numbers, two megabytes. */
const MILLION = '1,'.repeat(1_000_000);

/** Shorter, so that it is taken in: a list of half a million less what else is in the body. */
const HALF = '1;'.repeat(500_000);

const LISTS = ['CTW=[', 'CNV=[', 'RGN=', 'SHD=', 'MINMAX=0:', 'SPECTRA='];

describe('numbers', { timeout: 300_000 }, () => {
  it('of 10,000 digits are answered or refused, through nginx and past it', async (test) => {
    const doors = await openDoors(scopeOf(test));
    for (const query of QUERIES) {
      const what = query.slice(0, 30);
      const post = cgiParams(IIP, { method: 'POST' });
      const body = Buffer.from(`FIF=tiny.tif&${query}`);
      for (const answer of [
        await fcgiRequest(doors.program.where, cgiParams(`${IIP}?FIF=tiny.tif&${query}`)),
        await fcgiRequest(doors.program.where, post, { body }),
      ])
        assertRefused(answer, [200, 400, 404, 413], what);
      if (doors.nginxPort === undefined) continue;
      const text = `POST ${IIP} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
      const answer = await rawHttp(doors.nginxPort, text + body.toString());
      assert.ok(answer !== undefined && [200, 400, 404, 413].includes(answer.status), `${what}: ${answer?.status}`);
      assertHarmless(answer, what);
    }
    await assertServes(doors);
  }); // prettier-ignore

  it('by the million in a POST are refused, and nobody else waits for that', async (test) => {
    const doors = await openDoors(scopeOf(test));
    const post = (command: string, list: string) => {
      const body = Buffer.from(`FIF=tiny.tif&${command}${list}`.slice(0, list === MILLION ? undefined : 2 ** 20 - 20) + '&WID=8&CVT=jpeg'); // prettier-ignore
      const params = cgiParams(IIP, { method: 'POST', contentLength: body.length });
      return fcgiRequest(doors.program.where, params, { body });
    };
    await besideGoodClient(doors.program.where, async () => {
      for (const command of LISTS) {
        assertRefused(await post(command, MILLION), [413], `${command} in two megabytes`);
        assertRefused(await post(command, HALF), [200, 400, 404, 413], `${command} in one megabyte`);
      }
    });
    await assertServes(doors);
  });
});

/** CONTENT_LENGTH, the bytes that come, and what that means. */
const LENGTHS: readonly (readonly [announced: string, bytes: number, statuses: readonly number[]])[] = [
  ['', 20, [200, 400]],
  ['0', 20, [400]],
  ['19', 20, [400]],
  ['21', 20, [400]],
  ['-1', 20, [200, 400]],
  ['20abc', 20, [200, 400]],
  ['1e2', 20, [200, 400]],
  ['0x14', 20, [200, 400]],
  ['20, 20', 20, [200, 400]],
  ['99999999999999999999999999', 20, [413]],
  ['9'.repeat(10_000), 20, [413]],
  [String(2 ** 31), 20, [413]],
  [String(2 ** 20), 20, [400]],
  [String(2 ** 20 + 1), 20, [413]],
  ['20', 3_000_000, [400, 413]],
];

describe('a CONTENT_LENGTH', { timeout: 300_000 }, () => {
  it('that is wrong is not believed', async (test) => {
    const doors = await openDoors(scopeOf(test));
    for (const [announced, bytes, statuses] of LENGTHS) {
      const params = { ...cgiParams(IIP, { method: 'POST' }), CONTENT_LENGTH: announced };
      const body = Buffer.from('FIF=tiny.tif&JTL=0,0'.padEnd(bytes, '&'));
      const answer = await fcgiRequest(doors.program.where, params, { body });
      assertRefused(answer, statuses, `${announced.slice(0, 40)} for ${bytes}`);
    }
    await assertServes(doors);
  });

  it('that is wrong in HTTP is not believed either', async (test) => {
    const doors = await openDoors(scopeOf(test));
    if (doors.nginxPort === undefined) return test.skip('not installed: nginx');
    const port = doors.nginxPort;
    const head = `POST ${IIP} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
    for (const lengths of [
      ...['Content-Length: -1', 'Content-Length: abc', `Content-Length: ${DIGITS}`, 'Content-Length: 5\r\nContent-Length: 6'],
      ...['Content-Length: 5\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: xchunked', 'Content-Length: 9999999999'],
    ]) {
      const answer = await rawHttp(port, `${head}${lengths}\r\n\r\n0\r\n\r\nGET /iiif/tiny.tif HTTP/1.1\r\nHost: b\r\n\r\n`);
      if (answer === undefined) continue;
      assert.ok([400, 404, 413, 501].includes(answer.status), `${lengths.slice(0, 60)}: ${answer.status}`);
      assertHarmless(answer, lengths.slice(0, 60));
    }
    // A body that stops short: nobody is kept waiting by it.
    const socket = await open({ port });
    socket.write(`${head}Content-Length: 500000\r\n\r\nFIF=tiny.tif`);
    await assertServes(doors);
    socket.end();
    const answer = parseRaw(await readToEnd(socket));
    assert.ok(answer === undefined || answer.status >= 400);
  }); // prettier-ignore
});
