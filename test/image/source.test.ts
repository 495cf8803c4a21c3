import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identityKey, isSameIdentity, type FileIdentity } from '../../src/image/source.ts';

describe('identities', () => {
  const file: FileIdentity = { size: 10, mtimeMs: 1000.25, inode: 7 };
  const remote: FileIdentity = { size: 10, mtimeMs: 1000, inode: 0, etag: '"a"' };
  const cases: readonly [string, FileIdentity, FileIdentity, boolean][] = [
    ['equal files', file, { ...file }, true],
    ['another size', file, { ...file, size: 11 }, false],
    ['a fraction of a millisecond later', file, { ...file, mtimeMs: 1000.5 }, false],
    ['another file put in its place', file, { ...file, inode: 8 }, false],
    ['an object whose time changed, but not its tag', remote, { ...remote, mtimeMs: 2000 }, true],
    ['another tag', remote, { ...remote, etag: '"b"' }, false],
    ['a tag that is no longer sent', remote, { size: 10, mtimeMs: 1000, inode: 0 }, false],
  ];
  for (const [name, one, other, expected] of cases) {
    it(name, () => {
      assert.equal(isSameIdentity(one, other), expected);
      assert.equal(identityKey(one) === identityKey(other), expected, 'as their texts say');
    });
  }
});
