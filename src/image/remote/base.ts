/** Where the objects of a mapping are: the one place that makes addresses, and the only addresses that are ever asked. */
import { showBase } from '../../config/source-map.ts';
import type { SourceBase } from '../../config/config.ts';
import type { RoleCredentials } from './role-credentials.ts';
import type { RemoteSettings } from './settings.ts';
import { signedHeaders, type Credentials } from './signature.ts';

/** How to ask for one object. */
export interface ObjectRequest {
  readonly origin: URL;
  /** Percent-encoded. */
  readonly path: string;
  /** Adds what proves who asks. */
  readonly sign: (headers: Readonly<Record<string, string>>) => Record<string, string>;
}

export class RemoteBase {
  /** What the paths of its objects begin with, as `s3://bucket/masters/`. */
  readonly shown: string;
  readonly #origin: URL;
  readonly #path: string;
  readonly #credentials: () => Promise<Credentials | undefined> | Credentials | undefined;

  /** @param role for buckets, where requests are signed with the keys of a role. */
  constructor(base: SourceBase, settings: RemoteSettings, role: RoleCredentials | undefined) {
    this.shown = showBase(base);
    const { origin, path } = base.kind === 'http' ? base : bucketAddress(base, settings);
    this.#origin = new URL(origin);
    this.#path = path;
    const own = base.kind === 's3' ? credentialsOf(settings) : undefined;
    this.#credentials = base.kind === 's3' && role !== undefined ? () => role.current() : () => own;
  }

  /** @param key encoded by `encodeKey`. @throws Error when there are no keys of the role. */
  async request(key: string): Promise<ObjectRequest> {
    const path = this.#path + key;
    const { host } = this.#origin;
    const credentials = await this.#credentials();
    return {
      origin: this.#origin,
      path,
      sign: (headers) =>
        credentials === undefined
          ? { ...headers, host }
          : signedHeaders({ host, path, headers }, credentials, new Date()),
    };
  }
}

/** Path-style `https://host/bucket/` or virtual-host `https://bucket.host/`. */
function bucketAddress(
  base: Extract<SourceBase, { readonly kind: 's3' }>,
  { s3EndpointUrl, awsRegion, s3Addressing }: RemoteSettings,
): { readonly origin: string; readonly path: string } {
  const endpoint = s3EndpointUrl === '' ? `https://s3.${awsRegion}.amazonaws.com` : s3EndpointUrl;
  // A certificate for *.s3.amazonaws.com does not cover a bucket with a dot in its name.
  const isPath =
    s3Addressing === 'path' ||
    (s3Addressing === 'auto' && (s3EndpointUrl !== '' || base.bucket.includes('.')));
  if (isPath) return { origin: endpoint, path: `/${base.bucket}${base.path}` };
  return { origin: endpoint.replace('://', `://${base.bucket}.`), path: base.path };
}

function credentialsOf(settings: RemoteSettings): Credentials | undefined {
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken, awsRegion } = settings;
  if (awsAccessKeyId === '' || awsSecretAccessKey === '') return undefined;
  return {
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    sessionToken: awsSessionToken,
    region: awsRegion,
  };
}
