/** How each variable stands to iipsrv 1.3: the table of docs/moving-from-iipsrv.md. */
import type { Config } from './config.ts';
import { SETTINGS, variableOf } from './variables.ts';

/** Settings that iipsrv 1.3 reads and that mean something else, or more, here; the note of the variable follows. */
const DIFFERENT: Partial<Readonly<Record<keyof Config, string>>> = {
  verbosity: 'The log is JSON lines; 1 tells every request.',
  logTarget: 'Unset is standard error; iipsrv writes a file in the folder for temporary files.',
  filesystemPrefix: 'Nothing outside it is served, also through symbolic links.',
  metadataCacheEntries: 'Both names are read; iipsrv 1.3 reads the second only.',
  imageCacheBytes: 'Holds finished pictures only.',
  avifCodec: 'A codec that is not built in gives a warning.',
  tiffCompression: '5 (zstd) works.',
  interpolation: '2 and 3 are more.',
  jp2ReadMode: 'Holds for every JPEG 2000 decoder, not for Kakadu only.',
  memcachedServers:
    'Off when unset; iipsrv tries localhost. Keeps pictures by another key, so entries of the two are not shared.',
  iiifExtraInfo: 'What is not valid JSON keeps the server from starting.',
  cacheControl: 'Errors are no-store.',
  watermark: 'Its place follows from the picture, so the same tile has the same mark.',
};

/** Settings that iipsrv 1.3 does not have. */
const NEW: ReadonlySet<keyof Config> = new Set([
  'maxRequestBytes',
  'watermarkBlend',
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
  'memcachedUsername',
  'memcachedPassword',
  'cacheTags',
  'serverTiming',
] satisfies readonly (keyof Config)[]);

/** Rows of variable, `same`, `different` or `new`, and in what. */
export function movingRows(): readonly (readonly [names: string, status: string, words: string])[] {
  return SETTINGS.map((setting) => {
    const { names, doc, note } = variableOf(setting);
    const shown = names.map((name) => `\`${name}\``).join(', ');
    const different = DIFFERENT[setting];
    if (NEW.has(setting) || note?.startsWith('Not in iipsrv') === true) return [shown, 'new', doc];
    return different === undefined ? [shown, 'same', ''] : [shown, 'different', different];
  });
}
