import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerError } from '../../../src/errors.ts';
import { isRefusedAddress } from '../../../src/image/remote/addresses.ts';
import { encodeKey } from '../../../src/image/remote/object-key.ts';

describe('keys of objects', () => {
  for (const [key, encoded] of [
    ['a/b.tif', 'a/b.tif'],
    ["a b+c!'()*.tif", 'a%20b%2Bc%21%27%28%29%2A.tif'],
    ['?x=1#y', '%3Fx%3D1%23y'],
    ['%2e%2e/a', '%252e%252e/a'],
    ['..a/b..', '..a/b..'],
    ['é', '%C3%A9'],
  ] as const) {
    it(`are spelled in one way: ${key}`, () => assert.equal(encodeKey(key), encoded));
  }

  for (const key of ['', '..', '../a', 'a/../b', 'a/./b', 'a//b', '/a', 'a/', 'a\\..\\b', 'a\0', 'a\r\nX: y', '\ud800', 'x'.repeat(1025)]) {
    it(`are refused when they lead elsewhere: ${JSON.stringify(key.slice(0, 20))}`, () => {
      assert.throws(() => encodeKey(key), (error) => error instanceof ServerError && error.kind === 'not-found');
    });
  } // prettier-ignore
});

describe('addresses that a host name must not lead to', () => {
  for (const address of ['169.254.169.254', '169.254.0.1', '0.0.0.0', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '::ffff:169.254.169.254', '::'])
    it(address, () => assert.equal(isRefusedAddress(address), true)); // prettier-ignore
  for (const address of ['127.0.0.1', '10.0.0.1', '52.216.0.1', '::1', '2600:1fa0::1', '::ffff:10.0.0.1'])
    it(`but ${address} is fine`, () => assert.equal(isRefusedAddress(address), false));
});
