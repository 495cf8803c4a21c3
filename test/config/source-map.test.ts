import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from '../../src/config/read-config.ts';
import { checkReport } from '../../src/config/check-report.ts';
import { matchSource, sourceMap } from '../../src/config/source-map.ts';

const FACTS = { cpus: 1 };
const read = (text: string) => readConfig({ SOURCE_MAP: text }, FACTS);

describe('SOURCE_MAP', () => {
  for (const [text, shown] of [
    ['a=>http://host/x', 'a=>http://host/x/'],
    ['/a/ => https://host:8443/x/y/ ,b=>s3://bucket/p', 'a=>https://host:8443/x/y/,b=>s3://bucket/p/'],
    ['=>s3://bucket', '=>s3://bucket/'],
    ['a=>http://[::1]:9000', 'a=>http://[::1]:9000/'],
  ] as const) {
    it(`reads ${text}`, () => {
      const { config, warnings } = read(text);
      assert.deepEqual([sourceMap.show(config.sourceMap), warnings], [shown, []]);
    });
  }

  for (const [text, why] of [
    ['a', /no => in a/],
    ['a=>host/x', /no URL for a/],
    ['a=>ftp://host/x', /no http, https or s3 URL/],
    ['a=>http://user:secret@host/', /more than host and path/],
    ['a=>http://host/?token=secret', /more than host and path/],
    ['a=>s3://UPPER_case/', /no http, https or s3 URL/],
    ['a=>http://h,a=>http://i', /maps a a second time/],
  ] as const) {
    it(`complains of ${text}`, () => {
      const { config, warnings } = read(text);
      assert.match(warnings[0]?.message ?? '', why);
      assert.ok(config.sourceMap.length <= 1);
    });
  }

  it('gives the longest prefix, and ends prefixes at slashes', () => {
    const { sourceMap: map } = read('a=>http://one,a/b=>http://two').config;
    const match = (name: string) => {
      const found = matchSource(map, name);
      return found && [found.mapping.prefix, found.key];
    };
    assert.deepEqual(match('a/x.tif'), ['a', 'x.tif']);
    assert.deepEqual(match('/a/b/x.tif'), ['a/b', 'x.tif']);
    assert.deepEqual(match('a/bc/x.tif'), ['a', 'bc/x.tif']);
    assert.equal(match('ab/x.tif'), undefined);
    assert.equal(match('a'), undefined);
  });

  it('never shows secrets', () => {
    const reading = readConfig(
      { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'hush1', AWS_SESSION_TOKEN: 'hush2' },
      FACTS,
    );
    assert.equal(reading.config.awsSecretAccessKey, 'hush1');
    const { text } = checkReport(reading, { backlog: 1 }, FACTS);
    assert.match(text, /AWS_SECRET_ACCESS_KEY=\(set\)/);
    assert.doesNotMatch(text, /hush/);
  });

  it('does not let the server start with an endpoint that is no origin', () => {
    for (const url of ['minio', 'https://host/path', 'ftp://host']) {
      assert.equal(readConfig({ AWS_ENDPOINT_URL: url }, FACTS).errors.length, 1, url);
    }
  });
});
