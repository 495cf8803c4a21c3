import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import aws4 from 'aws4';
import { encodeKey } from '../../../src/image/remote/object-key.ts';
import { signedHeaders } from '../../../src/image/remote/signature.ts';

/** Of Amazon's document "Signature Calculations for the Authorization Header", with its example keys. */
const EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
  region: 'us-east-1',
};
const DAY = new Date('2013-05-24T00:00:00Z');

describe('signature 4', () => {
  it('gives the signature that Amazon publishes for "GET Object"', () => {
    const { authorization } = signedHeaders(
      { host: 'examplebucket.s3.amazonaws.com', path: '/test.txt', headers: { range: 'bytes=0-9' } },
      EXAMPLE,
      DAY,
    );
    assert.equal(
      authorization,
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,' +
        'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  for (const key of ['a.tif', "scans/b c/ü+=&$@,;:!'()*~.tif", 'deep/%2e%2e/x.tif', '图像/1.tif']) {
    for (const sessionToken of ['', 'token/with+signs==']) {
      it(`is that of aws4 for ${key}${sessionToken === '' ? '' : ' with a token'}`, () => {
        const path = `/bucket/${encodeKey(key)}`;
        const headers = { range: 'bytes=5-10', 'if-match': '"abc"', 'accept-encoding': 'identity' };
        const mine = signedHeaders({ host: 'minio:9000', path, headers }, { ...EXAMPLE, sessionToken }, DAY);
        const request = {
          service: 's3',
          region: 'us-east-1',
          method: 'GET',
          host: 'minio:9000',
          path,
          headers: {
            ...headers,
            'X-Amz-Date': '20130524T000000Z',
            'X-Amz-Content-Sha256': mine['x-amz-content-sha256']!,
          },
          // aws4 leaves some out unless it is told.
          extraHeadersToInclude: Object.fromEntries(Object.keys(headers).map((name) => [name, true])),
        };
        const { accessKeyId, secretAccessKey } = EXAMPLE;
        const theirs = aws4.sign(request, {
          accessKeyId,
          secretAccessKey,
          ...(sessionToken === '' ? {} : { sessionToken }),
        });
        const signatureOf = (text: unknown) =>
          /SignedHeaders=(.*), ?Signature=(\w+)/.exec(String(text))?.slice(1);
        assert.deepEqual(signatureOf(mine['authorization']), signatureOf(theirs.headers?.['Authorization']));
      });
    }
  }
});
