/** The part of the configuration that remote images depend on; plain data, so that threads can be given it. */
import type { Config } from '../../config/config.ts';

const NAMES = [
  'sourceMap',
  'sourceCacheBytes',
  'sourceRevalidateSeconds',
  'sourceTimeoutSeconds',
  's3EndpointUrl',
  's3Addressing',
  'awsRegion',
  'awsAccessKeyId',
  'awsSecretAccessKey',
  'awsSessionToken',
  's3Credentials',
  'awsContainerUri',
  'awsContainerRelativeUri',
  'awsContainerToken',
  'awsContainerTokenFile',
  'awsMetadataUrl',
] as const satisfies readonly (keyof Config)[];

export type RemoteSettings = Pick<Config, (typeof NAMES)[number]>;

export function remoteSettings(config: Config): RemoteSettings {
  // Every name of the type is in the list.
  return Object.fromEntries(NAMES.map((name) => [name, config[name]])) as unknown as RemoteSettings;
}
