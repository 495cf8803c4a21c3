/** AWS signature 4 for reading from S3: "Signature Calculations for the Authorization Header", single chunk, no body. */
import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty: none. */
  readonly sessionToken: string;
  readonly region: string;
}

/** A GET without query. */
export interface SignableRequest {
  /** As in the Host header. */
  readonly host: string;
  /** Percent-encoded once, as S3 wants it. */
  readonly path: string;
  /** Names in lower case. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
}

const EMPTY_BODY_HASH = createHash('sha256').digest('hex');

/** The headers of a request with those that sign it. */
export function signedHeaders(
  { host, path, headers }: SignableRequest,
  credentials: Credentials,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${credentials.region}/s3/aws4_request`;
  const signed: Record<string, string> = {
    ...headers,
    host,
    'x-amz-content-sha256': EMPTY_BODY_HASH,
    'x-amz-date': time,
    ...(credentials.sessionToken === '' ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]!.trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = ['GET', path, '', lines, names.join(';'), EMPTY_BODY_HASH].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const signature = createHmac('sha256', signingKey(credentials, day))
    .update(['AWS4-HMAC-SHA256', time, scope, hash].join('\n'))
    .digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { ...signed, authorization };
}

/** Good for one day; four HMACs are cheaper than keeping it right in a cache. */
function signingKey({ secretAccessKey, region }: Credentials, day: string): Buffer {
  return [day, region, 's3', 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}
