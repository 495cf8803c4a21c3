import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readConfig } from '../../../src/config/read-config.ts';
import { RoleCredentials } from '../../../src/image/remote/role-credentials.ts';
import { remoteSettings } from '../../../src/image/remote/settings.ts';
import { scopeOf, type Scope } from '../../support/scope.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { startObjectServer } from './support/object-server.ts';
import { remoteParts } from './support/remote.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 5);

const ROLES = '/latest/meta-data/iam/security-credentials/';

/** What clouds have at hand: a service of keys that says what it was asked. */
async function startService(scope: Scope) {
  const asked: string[] = [];
  const state = { isDown: false, expiresMs: START_MS + HOUR_MS, made: 0 };
  const server = createServer((message, reply) => {
    const { method = '', url = '', headers } = message;
    const proof = headers.authorization ?? headers['x-aws-ec2-metadata-token'] ?? headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? '';
    asked.push(`${method} ${url} ${String(proof)}`.trim());
    if (state.isDown) return void reply.writeHead(500).end();
    if (url === '/latest/api/token') return void reply.end('machine-token');
    if (url === ROLES) return void reply.end('reader\n');
    state.made += 1;
    reply.end(JSON.stringify({
      AccessKeyId: `KEY${state.made}`, SecretAccessKey: 'secret', Token: 'session',
      Expiration: new Date(state.expiresMs).toISOString(),
    }));
  }); // prettier-ignore
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  scope.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return { asked, state, url: `http://127.0.0.1:${port}` };
}

const settings = (env: Readonly<Record<string, string>>) =>
  remoteSettings(readConfig(env, { cpus: 2 }).config);

describe('keys of a role', () => {
  it('are those of a container, with what proves who asks', async (test) => {
    const scope = scopeOf(test);
    const { asked, url } = await startService(scope);
    const file = path.join(await tempFolder(scope), 'token');
    await writeFile(file, 'from-file\n');
    const env = { S3_CREDENTIALS: 'container', AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/keys`, AWS_REGION: 'eu-west-1' };
    const role = new RoleCredentials(settings({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token' }), () => START_MS);
    assert.deepEqual(await role.current(), {
      accessKeyId: 'KEY1',
      secretAccessKey: 'secret',
      sessionToken: 'session',
      region: 'eu-west-1',
    });
    await new RoleCredentials(settings({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file }), () => START_MS).current();
    assert.deepEqual(asked, ['GET /v1/keys token', 'GET /v1/keys from-file']);
  }); // prettier-ignore

  it('are those of a machine, by version 2 of its service', async (test) => {
    const { asked, url } = await startService(scopeOf(test));
    const env = { S3_CREDENTIALS: 'instance', AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
    const role = new RoleCredentials(settings(env), () => START_MS);
    assert.equal((await role.current()).accessKeyId, 'KEY1');
    assert.deepEqual(asked, [
      'PUT /latest/api/token 300',
      `GET ${ROLES} machine-token`,
      `GET ${ROLES}reader machine-token`,
    ]);
  });

  it('are asked for once for all who wait, and anew before they expire', async (test) => {
    const { asked, state, url } = await startService(scopeOf(test));
    let now = START_MS;
    const env = { S3_CREDENTIALS: 'container', AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/keys` };
    const role = new RoleCredentials(settings(env), () => now);
    const key = async () => (await role.current()).accessKeyId;
    assert.deepEqual(await Promise.all([key(), key(), key()]), ['KEY1', 'KEY1', 'KEY1']);
    now += HOUR_MS - 6 * 60_000;
    assert.equal(await key(), 'KEY1');
    now += 2 * 60_000;
    state.isDown = true;
    assert.equal(await key(), 'KEY1', 'they are good until they expire');
    assert.equal(await key(), 'KEY1');
    assert.equal(asked.length, 2, 'and a service that is down is left alone for a while');
    now += 6_000;
    state.isDown = false;
    state.expiresMs += HOUR_MS;
    assert.equal(await key(), 'KEY2');
    now += 2 * HOUR_MS;
    state.isDown = true;
    await assert.rejects(key(), /answers with status 500/);
  });

  it('sign requests for objects, and objects are unreachable without them', async (test) => {
    const scope = scopeOf(test);
    const service = await startService(scope);
    service.state.expiresMs = Date.now() + HOUR_MS;
    const storage = await startObjectServer(scope);
    storage.objects.set('/bucket/a.bin', { bytes: Buffer.alloc(100), etag: '"one"' });
    const authorizations: unknown[] = [];
    storage.misbehave = ({ headers }) => {
      authorizations.push(headers.authorization, headers['x-amz-security-token']);
      return false;
    };
    const { locator } = remoteParts(scope, {
      SOURCE_MAP: 's=>s3://bucket',
      AWS_ENDPOINT_URL: storage.url,
      S3_CREDENTIALS: 'container',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.url}/keys`,
    });
    await locator.locate('s/a.bin');
    assert.match(String(authorizations[0]), /^AWS4-HMAC-SHA256 Credential=KEY1\//);
    assert.equal(authorizations[1], 'session');
    const nowhere = remoteParts(scope, {
      SOURCE_MAP: 's=>s3://bucket',
      AWS_ENDPOINT_URL: storage.url,
      S3_CREDENTIALS: 'container',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/keys',
    });
    await assert.rejects(async () => nowhere.locator.locate('s/a.bin'), { kind: 'unreachable' });
  });
});
