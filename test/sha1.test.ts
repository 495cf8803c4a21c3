import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { sha1 } from '../src/sha1.ts';

it('names a text by its SHA-1', () => {
  assert.equal(sha1('abc'), 'qZk-NkcGgWq6PiVxeFDCbJzQ2J0'); // FIPS 180-4, an example of its own.
  for (const text of ['', 'ä€😀', 'x'.repeat(100_000)])
    assert.equal(sha1(text), createHash('sha1').update(text).digest('base64url'));
});
