import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from '../src/config/read-config.ts';
import { isTimeOut, overBudget } from '../src/render/budgets.ts';
import { ServerError, type ErrorKind } from '../src/errors.ts';
import type { Prepared } from '../src/app.ts';
import { KnownAnswers } from '../src/cache/known-answers.ts';
import { imageInfo } from './support/image-info.ts';
import { memoryLog } from './support/log.ts';
import { headerOf, MTIME_MS, testApp, textOf } from './support/app.ts';

const TILE = '/iipsrv.fcgi?FIF=a.tif&JTL=3,0';

describe('an answer', () => {
  it('carries the standing headers', async () => {
    const response = await testApp().get(TILE);
    assert.equal(response.status, 200);
    const expected: Readonly<Record<string, string | undefined>> = {
      server: 'iipsrv/9.9.9',
      'content-type': 'image/jpeg',
      'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
      'cache-control': 'max-age=86400',
      'content-length': '8',
      'x-content-type-options': 'nosniff',
      'content-disposition': undefined,
      'access-control-allow-origin': undefined,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(headerOf(response, name), value, name);
  });

  it('carries the CORS block, on errors too, when CORS is set', async () => {
    const app = testApp({ config: { cors: '*' } });
    for (const uri of [TILE, '/iipsrv.fcgi?FIF=nope.tif&JTL=0,0', '/iipsrv.fcgi?IIIF=a.tif/info.json']) {
      assert.equal(headerOf(await app.get(uri), 'Access-Control-Allow-Origin'), '*', uri);
    }
  });

  it('to HEAD has the headers of GET and no body', async () => {
    const app = testApp();
    const [get, head] = [await app.get(TILE), await app.get(TILE, { method: 'HEAD' })];
    assert.deepEqual(head.headers, get.headers);
    assert.equal(head.body.length, 0);
  });

  it('of CVT names a file; of a POST it is an attachment', async () => {
    const app = testApp();
    const inline = await app.get('/iipsrv.fcgi?FIF=a.tif&WID=100&CVT=png');
    assert.equal(headerOf(inline, 'Content-Disposition'), 'inline; filename="a_100x67.png"');
    const posted = await app.respond({
      method: 'POST',
      uri: '/iipsrv.fcgi',
      body: Buffer.from('FIF=a.tif&WID=100&CVT=jpeg\r\n'),
    });
    assert.equal(headerOf(posted, 'Content-Disposition'), 'attachment; filename="a_100x67.jpg"');
  });

  it('of nothing asked is a page about the server', async () => {
    const response = await testApp().get('/iipsrv.fcgi');
    assert.equal(response.status, 200);
    assert.match(textOf(response), /^<!DOCTYPE html>/);
  });
});

describe('a file name in a header', () => {
  it('cannot leave its quotes, and is given in full as UTF-8', async () => {
    const { imageInfo } = await import('./support/image-info.ts');
    const name = 'é"\\x.tif';
    const response = await testApp({ images: { [name]: imageInfo() } }).get(
      `/i?FIF=${encodeURIComponent(name)}&WID=10&CVT=png`,
    );
    assert.equal(
      headerOf(response, 'Content-Disposition'),
      `inline; filename="___x_10x7.png"; filename*=UTF-8''%C3%A9%22%5Cx_10x7.png`,
    );
  });
});

describe('a conditional request', () => {
  it('is answered 304 without work when nothing has changed', async () => {
    const app = testApp();
    const first = await app.get(TILE);
    const etag = headerOf(first, 'ETag') ?? '';
    assert.match(etag, /^"[\w-]{22}"$/);
    for (const request of [
      { ifNoneMatch: etag },
      { ifModifiedSince: new Date(MTIME_MS).toUTCString() },
      { ifModifiedSince: new Date(MTIME_MS + 5000).toUTCString() },
    ]) {
      const again = await app.get(TILE, request);
      assert.deepEqual([again.status, again.body.length, headerOf(again, 'ETag')], [304, 0, etag]);
    }
    assert.equal(app.plans.length, 1);
  });

  it('is answered in full when the tag is of another picture', async () => {
    const app = testApp();
    const etag = headerOf(await app.get('/i?FIF=a.tif&JTL=2,0'), 'ETag') ?? '';
    assert.equal((await app.get(TILE, { ifNoneMatch: etag })).status, 200);
    assert.equal(
      (await app.get(TILE, { ifModifiedSince: new Date(MTIME_MS - 5000).toUTCString() })).status,
      200,
    );
  });
});

describe('methods', () => {
  it('OPTIONS says what is offered', async () => {
    const response = await testApp({ config: { cors: '*' } }).get('/iipsrv.fcgi?', { method: 'OPTIONS' });
    assert.equal(response.status, 204);
    assert.equal(headerOf(response, 'Allow'), 'GET, HEAD, POST, OPTIONS');
    assert.equal(headerOf(response, 'Access-Control-Allow-Origin'), '*');
  });

  for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', '', 'get']) {
    it(`${method || 'an empty one'} is refused`, async () => {
      const response = await testApp().get(TILE, { method });
      assert.deepEqual([response.status, headerOf(response, 'Allow')], [405, 'GET, HEAD, POST, OPTIONS']);
    });
  }
});

describe('errors', () => {
  const statuses: Readonly<Record<ErrorKind, number>> = {
    'bad-request': 400, 'not-found': 404, 'not-a-picture': 404, 'method-not-allowed': 405, 'too-large': 413,
    damaged: 500, internal: 500, quarantined: 500, unsupported: 501, overloaded: 503, 'timed-out': 503, unreachable: 503,
  }; // prettier-ignore
  for (const [kind, status] of Object.entries(statuses)) {
    it(`${kind} is ${status} with a plain text`, async () => {
      const render = () =>
        Promise.reject(
          new ServerError(kind as ErrorKind, 'what is wrong', { facts: { path: '/secret/a.tif' } }),
        );
      const app = testApp({ parts: { render } });
      const response = await app.get(TILE);
      assert.deepEqual(
        [response.status, headerOf(response, 'Content-Type'), headerOf(response, 'Cache-Control')],
        [status, 'text/plain; charset=utf-8', 'no-store'],
      );
      assert.equal(textOf(response), 'what is wrong\r\n');
      assert.ok(
        app.log.lines.some(
          (line) => line.fields['path'] === '/secret/a.tif' && line.fields['status'] === status,
        ),
      );
    });
  }

  it('that nobody foresaw are 500, tell the client nothing and the log everything', async () => {
    const render = () => Promise.reject(new TypeError('cannot read /secret/a.tif of undefined'));
    const app = testApp({ parts: { render } });
    const response = await app.get(TILE);
    assert.deepEqual([response.status, textOf(response)], [500, 'internal server error\r\n']);
    const line = app.log.lines.find((one) => one.level === 'error');
    assert.ok(line?.fields['err'] instanceof TypeError);
  });

  it('of IIP have its code in the first line', async () => {
    const app = testApp();
    const table: readonly (readonly [query: string, status: number, first: string])[] = [
      ['FIF=nope.tif&JTL=0,0', 404, 'Error/7:1 3 FIF'],
      ['OBJ=Max-size', 400, 'Error/7:1 3 FIF'],
      ['FIF=a.tif&JTL=-1,0', 400, 'Error/7:2 1 JTL'],
      ['FIF=a.tif&SPECTRA=0,99,0,0', 400, 'Error/11:2 1 SPECTRA'],
      ['IIIF=nope.tif/info.json', 404, 'image not found'],
      ['FIF=a.tif&FOO=1', 400, 'Error/7:2 2 FOO'],
      ['FIF=a.tif&constructor=1&OBJ=Max-size', 400, 'Error/15:2 2 constructor'],
      ['FIF=a.tif&OBJ=nonsense', 400, 'Error/12:3 2 nonsense'],
    ];
    for (const [query, status, first] of table) {
      const response = await app.get(`/iipsrv.fcgi?${query}`);
      assert.deepEqual([response.status, textOf(response).split('\r\n')[0]], [status, first], query);
    }
  });

  it('say in the log which file they are about, and not to the client', async () => {
    const render = () =>
      Promise.reject(new ServerError('damaged', 'the picture is damaged', { facts: { tile: 3 } }));
    const app = testApp({ parts: { render } });
    assert.equal(textOf(await app.get(TILE)), 'the picture is damaged\r\n');
    const line = app.log.lines.find((one) => one.level === 'warn');
    assert.deepEqual([line?.fields['path'], line?.fields['tile']], ['/secret/a.tif', 3]);
  });

  it('are tried again when the file was replaced in between, but not for ever', async () => {
    const replacedSoOften = async (times: number) => {
      let calls = 0;
      const render = () => {
        if (calls++ >= times)
          return Promise.resolve({ bytes: Buffer.from('new'), origin: 'rendered' as const });
        return Promise.reject(new ServerError('not-found', 'replaced', { facts: { stale: true } }));
      };
      const { status } = await testApp({ parts: { render } }).get(TILE);
      return [status, calls];
    };
    assert.deepEqual(await replacedSoOften(1), [200, 2]);
    assert.deepEqual(await replacedSoOften(3), [200, 4]);
    assert.deepEqual(await replacedSoOften(9), [404, 4]);
  });

  it('of the server itself are no line for operators', async () => {
    const app = testApp();
    await app.get(TILE, { isOwn: true });
    assert.deepEqual(
      app.log.lines.map(({ level }) => level),
      ['debug'],
    );
  });

  it('never are a rejection, not even when the client left', async () => {
    const render = () => Promise.reject(new DOMException('left', 'AbortError'));
    const app = testApp({ parts: { render } });
    assert.ok((await app.get(TILE)).status >= 400);
    assert.ok(app.log.lines.some((line) => line.fields['status'] === 499));
  });
});

describe('budgets', () => {
  const never = <T>() => new Promise<T>(() => {});

  it('a picture that takes too long is answered 503, and its work hears why', async () => {
    let signal: AbortSignal | undefined;
    const over: string[] = [];
    const app = testApp({
      config: { requestTimeoutSeconds: 0.02 },
      parts: {
        render: (_plan, given) => ((signal = given), never()),
        onOverBudget: (budget) => over.push(budget),
      },
    });
    const response = await app.get(TILE);
    assert.equal(response.status, 503);
    assert.equal(headerOf(response, 'Retry-After'), '2');
    assert.equal(textOf(response), 'this takes longer than the server spends on one answer\r\n');
    assert.ok(isTimeOut(signal?.reason));
    assert.deepEqual(over, ['time']);
    assert.ok(app.log.lines.some(({ fields }) => fields['budget'] === 'time' && fields['status'] === 503));
  });

  it('so is one whose file cannot even be looked at', async () => {
    const app = testApp({ config: { requestTimeoutSeconds: 0.02 }, parts: { images: { find: never } } });
    assert.equal((await app.get(TILE)).status, 503);
  });

  it('a request that is one too many is refused before anything is done for it', async () => {
    const over: string[] = [];
    const admit = () => {
      throw overBudget('requests');
    };
    const app = testApp({ parts: { admit, onOverBudget: (budget) => over.push(budget) } });
    const response = await app.get(TILE);
    assert.deepEqual([response.status, headerOf(response, 'Retry-After')], [503, '2']);
    assert.deepEqual([app.plans, over], [[], ['requests']]);
  });

  it('0 seconds are no limit', () => {
    const { config } = readConfig({ REQUEST_TIMEOUT: '0' }, { cpus: 1 });
    assert.equal(config.requestTimeoutSeconds, Infinity);
  });
});

describe('the log', () => {
  it('has one line for a request, with what was asked and what came of it', async () => {
    const app = testApp();
    await app.get(TILE, { remoteAddress: '192.0.2.1', requestId: 'r-1' });
    assert.deepEqual(
      app.log.lines.map(({ level, fields, message }) => ({ level, message, ...fields })),
      [
        {
          level: 'info',
          message: 'request',
          id: 'r-1',
          method: 'GET',
          uri: TILE,
          status: 200,
          bytes: 8,
          ms: 0,
          cache: 'rendered',
          client: '192.0.2.1',
        },
      ],
    );
  });

  it('is given no line when it writes none', async () => {
    const log = memoryLog();
    const app = testApp({ parts: { log: { ...log, isSilent: true } } });
    assert.equal((await app.get(TILE)).status, 200);
    assert.deepEqual(log.lines, []);
  });
});

describe('what is known of a request', () => {
  const identity = { size: 1, mtimeMs: MTIME_MS, inode: 1 };

  it('gives the same answer, tags and a request id of its own, without finding the image again', async () => {
    let found = 0;
    const find = () => {
      found++;
      const source = { path: '/secret/a.tif', identity };
      return Promise.resolve({ info: imageInfo(), source, stem: 'a', isCurrent: () => true });
    };
    const known = new KnownAnswers<Prepared>();
    const parts = { images: { find }, known, peek: () => Buffer.from('"render"') };
    const app = testApp({ config: { cacheTags: true }, parts });
    const first = await app.get(TILE, { requestId: 'first' });
    const again = await app.get(TILE, { requestId: 'again' });
    await app.get(TILE);
    assert.deepEqual([found, app.plans.length], [1, 1]);
    assert.deepEqual(again.headers, first.headers);
    assert.match(headerOf(again, 'Cache-Tag') ?? '', /^iipsrv,image-[0-9a-f]{16}$/);
    const ids = app.log.lines.map(({ fields }) => String(fields['id']));
    assert.deepEqual(ids.slice(0, 2), ['first', 'again']);
    assert.match(ids[2] ?? '', /^[\w-]{16}$/);
    known.forget('/secret/a.tif');
    await app.get(TILE);
    assert.equal(found, 2);
  });
});
