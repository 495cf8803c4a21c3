import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatHttpDate, isNotModified } from '../../src/server/conditional.ts';

const MTIME_MS = Date.UTC(1994, 10, 6, 8, 49, 37) + 678;
const SAME = 'Sun, 06 Nov 1994 08:49:37 GMT';
const LATER = 'Sun, 06 Nov 1994 08:49:38 GMT';
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT';
const ETAG = '"abc"';

describe('isNotModified', () => {
  const table: [string, { method?: string; since?: string; match?: string; etag?: string }, boolean][] = [
    ['no condition', {}, false],
    ['the same second', { since: SAME }, true],
    ['a later one', { since: LATER }, true],
    ['an earlier one', { since: EARLIER }, false],
    ['no date', { since: 'yesterday' }, false],
    ['HEAD', { method: 'HEAD', since: SAME }, true],
    ['POST', { method: 'POST', since: SAME }, false],
    ['POST with a tag', { method: 'POST', match: ETAG }, false],
    ['the same tag', { match: ETAG }, true],
    ['another tag', { match: '"abd"' }, false],
    ['another tag beside a date that would do', { match: '"abd"', since: LATER }, false],
    ['the same tag beside a date that would not', { match: ETAG, since: EARLIER }, true],
    ['one of several', { match: '"x", W/"y",   "abc"' }, true],
    ['none of several', { match: '"x", W/"y"' }, false],
    ['a weak tag from the client', { match: 'W/"abc"' }, true],
    ['a weak tag of ours', { match: '"abc"', etag: 'W/"abc"' }, true],
    ['a tag with a comma inside', { match: '"a,b"', etag: '"a,b"' }, true],
    ['part of a tag', { match: '"xabc"' }, false],
    ['a tag without quotes', { match: 'abc' }, false],
    ['any tag', { match: '*' }, true],
    ['any tag with spaces', { match: ' * ' }, true],
  ];
  for (const [name, { method = 'GET', since = '', match = '', etag = ETAG }, expected] of table) {
    it(`is ${expected} for ${name}`, () => {
      const request = { method, ifModifiedSince: since, ifNoneMatch: match };
      assert.equal(isNotModified(request, { mtimeMs: MTIME_MS, etag }), expected);
    });
  }

  it('matches no tag where there is none, but any', () => {
    const request = { method: 'GET', ifModifiedSince: SAME };
    assert.equal(isNotModified({ ...request, ifNoneMatch: ETAG }, { mtimeMs: MTIME_MS }), false);
    assert.equal(isNotModified({ ...request, ifNoneMatch: '*' }, { mtimeMs: MTIME_MS }), true);
    assert.equal(isNotModified({ ...request, ifNoneMatch: '' }, { mtimeMs: MTIME_MS }), true);
  });

  it('knows our own Last-Modified again', () => {
    const request = { method: 'GET', ifNoneMatch: '', ifModifiedSince: formatHttpDate(MTIME_MS) };
    assert.equal(isNotModified(request, { mtimeMs: MTIME_MS }), true);
    assert.equal(isNotModified(request, { mtimeMs: MTIME_MS + 1000 }), false);
  });
});
