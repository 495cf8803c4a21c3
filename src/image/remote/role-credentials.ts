/** Temporary keys of the role that a container or a machine has, taken from where clouds offer them (S3_CREDENTIALS). */
import { readFile } from 'node:fs/promises';
import { askMetadata } from './metadata-client.ts';
import type { RemoteSettings } from './settings.ts';
import type { Credentials } from './signature.ts';

/** Where Amazon's container service answers to relative addresses, and its machines to all. */
const CONTAINER_HOST = 'http://169.254.170.2';
const INSTANCE_HOST = 'http://169.254.169.254';

const ROLES = '/latest/meta-data/iam/security-credentials/';
const TOKEN_SECONDS = 300;

/** Keys are asked for anew so long before they expire, and not again for a while when that fails. */
const EARLY_MS = 5 * 60_000;
const PAUSE_MS = 5_000;

/** With the time at which they expire, in milliseconds since 1970. */
interface RoleKeys {
  readonly credentials: Credentials;
  readonly expiresMs: number;
}

/** The keys of one thread: asked for when they are needed, once for all who wait, and again before they expire. */
export class RoleCredentials {
  readonly #settings: RemoteSettings;
  readonly #now: () => number;
  #keys: RoleKeys | undefined;
  #asking: Promise<RoleKeys> | undefined;
  #notBeforeMs = 0;

  /** @param now milliseconds since 1970. */
  constructor(settings: RemoteSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
  }

  /** @throws Error when there are none, and those that there were have expired. */
  async current(): Promise<Credentials> {
    const keys = this.#keys;
    const now = this.#now();
    if (keys !== undefined && now < Math.max(keys.expiresMs - EARLY_MS, Math.min(this.#notBeforeMs, keys.expiresMs)))
      return keys.credentials;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    try {
      return (await this.#asking).credentials;
    } catch (thrown) {
      this.#notBeforeMs = this.#now() + PAUSE_MS;
      // They are good until they expire.
      if (keys !== undefined && this.#now() < keys.expiresMs) return keys.credentials;
      throw thrown;
    }
  } // prettier-ignore

  async #ask(): Promise<RoleKeys> {
    const settings = this.#settings;
    const text = await (settings.s3Credentials === 'container' ? askContainer(settings) : askInstance(settings));
    this.#keys = parseKeys(text, settings.awsRegion);
    return this.#keys;
  } // prettier-ignore
}

/** As "Container credential provider" in Amazon's reference of SDKs has it. */
async function askContainer(settings: RemoteSettings): Promise<string> {
  const { awsContainerUri: full, awsContainerRelativeUri: relative } = settings;
  const { awsContainerTokenFile: file, awsContainerToken } = settings;
  const token = file === '' ? awsContainerToken : (await readFile(file, 'utf8')).trim();
  return askMetadata({
    url: relative === '' ? new URL(full) : new URL(relative, CONTAINER_HOST),
    headers: token === '' ? {} : { Authorization: token },
  });
}

/** Version 2 of the instance metadata service: a token first, then the name of the role, then its keys. */
async function askInstance({ awsMetadataUrl }: RemoteSettings): Promise<string> {
  const host = awsMetadataUrl === '' ? INSTANCE_HOST : awsMetadataUrl;
  const token = await askMetadata({
    url: new URL('/latest/api/token', host),
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) },
  });
  const headers = { 'X-aws-ec2-metadata-token': token };
  const [role = ''] = (await askMetadata({ url: new URL(ROLES, host), headers })).trim().split('\n');
  return askMetadata({ url: new URL(ROLES + encodeURIComponent(role), host), headers });
}

/** `{"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}`. @throws Error when it is something else. */
function parseKeys(text: string, region: string): RoleKeys {
  const given = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const textOf = (name: string): string => {
    const value = given[name];
    if (typeof value !== 'string' || value === '') throw new Error(`the keys of the role have no ${name}`);
    return value;
  };
  const expiresMs = Date.parse(textOf('Expiration'));
  if (Number.isNaN(expiresMs)) throw new Error('the keys of the role have no time at which they expire');
  return {
    credentials: {
      accessKeyId: textOf('AccessKeyId'),
      secretAccessKey: textOf('SecretAccessKey'),
      sessionToken: textOf('Token'),
      region,
    },
    expiresMs,
  };
}
