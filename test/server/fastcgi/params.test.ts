import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { announcedBytes, parseParams, requestFromParams } from '../../../src/server/fastcgi/params.ts';
import type { Request } from '../../../src/server/request.ts';
import { cgiParams, encodePairs } from '../../support/fcgi-client.ts';
import type { CgiEnvironment } from '../../support/fcgi-client.ts';

function requestFrom(params: CgiEnvironment): Request {
  return requestFromParams(parseParams(encodePairs(params)), Buffer.alloc(0));
}

describe('requestFromParams', () => {
  const table: [string, CgiEnvironment, Partial<Request>][] = [
    [
      'what nginx sends',
      cgiParams('/iip?FIF=a.tif', {
        headers: {
          Accept: 'image/*',
          'If-None-Match': '"x"',
          'If-Modified-Since': 'today',
          'X-IIIF-ID': 'http://h/a',
        },
      }),
      {
        method: 'GET',
        uri: '/iip?FIF=a.tif',
        query: 'FIF=a.tif',
        host: 'example.org',
        accept: 'image/*',
        ifNoneMatch: '"x"',
        ifModifiedSince: 'today',
        iiifId: 'http://h/a',
        remoteAddress: '127.0.0.1',
        isHttps: false,
      },
    ],
    ['nothing', {}, { method: 'GET', uri: '', query: '', host: '', isHttps: false, remoteAddress: '' }],
    [
      'an empty query beside another URI',
      { REQUEST_URI: '/a?b', QUERY_STRING: '' },
      { uri: '/a?b', query: '' },
    ],
    ['a URI without QUERY_STRING', { REQUEST_URI: '/a?b' }, { query: 'b' }],
    ['SCRIPT_NAME in place of a URI', { SCRIPT_NAME: '/s', QUERY_STRING: '' }, { uri: '/s', query: '' }],
    [
      'SCRIPT_NAME, PATH_INFO and QUERY_STRING in place of a URI',
      { SCRIPT_NAME: '/s', PATH_INFO: '/p', QUERY_STRING: 'q=1' },
      { uri: '/s/p?q=1', query: 'q=1' },
    ],
    ['HTTPS on', { HTTPS: 'on' }, { isHttps: true }],
    ['HTTPS 1', { HTTPS: '1' }, { isHttps: true }],
    ['HTTPS off', { HTTPS: 'Off' }, { isHttps: false }],
    ['HTTPS empty', { HTTPS: '' }, { isHttps: false }],
    ['a server name in place of a host', { SERVER_NAME: 'h' }, { host: 'h' }],
    ['a server name with port 80', { SERVER_NAME: 'h', SERVER_PORT: '80' }, { host: 'h' }],
    ['a server name with another port', { SERVER_NAME: 'h', SERVER_PORT: '8080' }, { host: 'h:8080' }],
    ['HTTPS on port 443', { SERVER_NAME: 'h', SERVER_PORT: '443', HTTPS: 'on' }, { host: 'h' }],
    ['HTTPS on port 80', { SERVER_NAME: 'h', SERVER_PORT: '80', HTTPS: 'on' }, { host: 'h:80' }],
    ['a host with its port', { HTTP_HOST: 'h:1', SERVER_NAME: 'x', SERVER_PORT: '9' }, { host: 'h:1' }],
    ['UTF-8', { REQUEST_URI: '/é漢' }, { uri: '/é漢' }],
    ['a long query', { QUERY_STRING: 'x'.repeat(5000) }, { query: 'x'.repeat(5000) }],
    [
      'names that only look alike',
      { REQUEST_URL: 'x', HTTP_HOSS: 'y', request_uri: 'z' },
      { uri: '', host: '' },
    ],
    ['a parameter that is sent empty', { REQUEST_METHOD: '' }, { method: 'GET' }],
  ];
  for (const [name, params, expected] of table) {
    it(`reads ${name}`, () => {
      const request = requestFrom(params);
      for (const [key, value] of Object.entries(expected))
        assert.equal(request[key as keyof Request], value, key);
    });
  }

  it('reads bytes that are no UTF-8 as Latin-1', () => {
    const bytes = Buffer.from('\x0b\x02REQUEST_URI/\xe9', 'latin1');
    assert.equal(requestFromParams(parseParams(bytes), Buffer.alloc(0)).uri, '/é');
  });

  it('takes the last one of a repeated name', () => {
    const bytes = Buffer.concat([encodePairs({ HTTPS: 'on' }), encodePairs({ HTTPS: 'off' })]);
    assert.equal(parseParams(bytes).https, 'off');
  });

  it('takes the body as it is', () => {
    const body = Buffer.from('b');
    assert.equal(requestFromParams(parseParams(Buffer.alloc(0)), body).body, body);
  });
});

describe('announcedBytes', () => {
  const table: [string, number | undefined][] = [
    ['', undefined],
    ['0', 0],
    ['17', 17],
    ['-1', undefined],
    ['1e3', undefined],
    ['12 ', undefined],
  ];
  for (const [text, expected] of table) {
    it(`is ${String(expected)} for "${text}"`, () => {
      assert.equal(announcedBytes(parseParams(encodePairs({ CONTENT_LENGTH: text }))), expected);
    });
  }
});
