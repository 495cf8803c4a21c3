/** The one table of environment variables: the reader, `--help` and docs/configuration.md are made from it. */
import type { Config } from './config.ts';
import { extraInfo } from './extra-info.ts';
import { type Rule, codes, decimal, integer, secret, singleLine, text, toggle } from './rules.ts';
import { serverList } from './server-list.ts';
import { sourceMap } from './source-map.ts';
import {
  avifCodec,
  countOrUnlimited,
  layerLimit,
  logTarget,
  lossyOrLossless,
  maxOutputSide,
  megabytes,
  s3Addressing,
  s3Endpoint,
  threads,
  tiffCompression,
  tiffQuality,
  watermarkBlend,
  words,
} from './setting-rules.ts';
import { uriMap } from './uri-map.ts';

/** Groups in the order of the documents. */
export const GROUPS = [
  'Log',
  'Finding images',
  'Object storage',
  'Encoding',
  'Output size',
  'Decoding and processing',
  'Watermark',
  'Caches',
  'HTTP',
  'Protocols',
] as const;

export interface Variable<T> {
  /** The first name is the documented one and wins when several are set. */
  readonly names: readonly [string, ...string[]];
  readonly group: (typeof GROUPS)[number];
  /** A text that `rule` takes without a warning; it stands for an unset or empty variable. */
  readonly initial: string;
  /** How documents print `initial` where it is empty or depends on the machine. */
  readonly initialWords?: string;
  readonly rule: Rule<T>;
  /** One line for `--help` and the documents. */
  readonly doc: string;
  /** What else one should know: a departure, a trap. Only in the documents. */
  readonly note?: string;
}

export type Variables = { readonly [K in keyof Config]: Variable<Config[K]> };

export const VARIABLES: Variables = {
  verbosity: {
    names: ['VERBOSITY'],
    group: 'Log',
    initial: '1',
    rule: integer({ min: 0 }),
    doc: '0 nothing, 1 start, stop, requests and faults, 2 debug, 3 and more trace.',
  },
  logTarget: {
    names: ['LOGFILE'],
    group: 'Log',
    initial: '',
    initialWords: 'standard error',
    rule: logTarget,
    doc: 'File to which log lines are appended, or `syslog`.',
    note: 'A file that cannot be written gives one line on standard error, and the log goes there.',
  },
  filesystemPrefix: {
    names: ['FILESYSTEM_PREFIX'],
    group: 'Finding images',
    initial: '',
    rule: text,
    doc: 'Put before the path of every image; nothing outside it is served.',
    note: 'It is no directory but a text: with `/images/` the request `a.tif` opens `/images/a.tif`; mind the last slash. While it is empty, every picture that the server may read can be asked for.',
  },
  filesystemSuffix: {
    names: ['FILESYSTEM_SUFFIX'],
    group: 'Finding images',
    initial: '',
    rule: text,
    doc: 'Put after the path of every image, as `.tif`.',
  },
  filenamePattern: {
    names: ['FILENAME_PATTERN'],
    group: 'Finding images',
    initial: '_pyr_',
    rule: text,
    doc: 'What stands between the name and the angles in the files of a sequence: `FZ1_pyr_000_090.tif`.',
  },
  sourceMap: {
    names: ['SOURCE_MAP'],
    group: 'Object storage',
    initial: '',
    initialWords: 'none',
    rule: sourceMap,
    doc: 'Names that begin with a prefix are read from a web server or bucket, as `scans=>https://images.example.org/masters` or `s=>s3://bucket/path`.',
    note: 'Not in iipsrv. With `scans=>…/masters` the name `scans/a/b.tif` is the object `…/masters/a/b.tif`. An empty prefix takes every name; the longest prefix wins. Nothing but these addresses is ever fetched, and no redirect is followed. FILESYSTEM_PREFIX and FILESYSTEM_SUFFIX are for files only.',
  },
  sourceCacheBytes: {
    names: ['SOURCE_CACHE_SIZE'],
    group: 'Object storage',
    initial: '32',
    rule: megabytes,
    doc: 'Memory in MB, in each thread, for blocks that were read from remote images; 0 none.',
    note: '1 MB is 1,024,000 bytes.',
  },
  sourceRevalidateSeconds: {
    names: ['SOURCE_REVALIDATE'],
    group: 'Object storage',
    initial: '60',
    rule: integer({ min: 0, max: 31_536_000 }),
    doc: 'Seconds for which a remote image is taken to be unchanged; then one conditional request asks. 0 asks for every picture.',
    note: 'Pixels of two versions are never mixed, whatever this is: every read is bound to the ETag (or date) that was seen.',
  },
  sourceTimeoutSeconds: {
    names: ['SOURCE_TIMEOUT'],
    group: 'Object storage',
    initial: '10',
    rule: decimal({ min: 0.05, max: 600 }),
    doc: 'Seconds that a storage server may be silent before the request is tried again, at most twice.',
  },
  s3EndpointUrl: {
    names: ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'],
    group: 'Object storage',
    initial: '',
    initialWords: 'Amazon S3 of the region',
    rule: s3Endpoint,
    doc: 'Address of another S3 service, as `https://minio.example.org:9000`.',
  },
  s3Addressing: {
    names: ['S3_ADDRESSING'],
    group: 'Object storage',
    initial: 'auto',
    rule: s3Addressing,
    doc: 'Where the bucket stands in addresses: `path` behind the host, `virtual` in its name; `auto` is path for an own endpoint and for buckets with a dot in their name.',
  },
  awsRegion: {
    names: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    group: 'Object storage',
    initial: 'us-east-1',
    rule: singleLine,
    doc: 'Region of the buckets.',
  },
  awsAccessKeyId: {
    names: ['AWS_ACCESS_KEY_ID'],
    group: 'Object storage',
    initial: '',
    initialWords: 'requests are not signed',
    rule: singleLine,
    doc: 'Key with which requests to S3 are signed (signature 4); public buckets need none.',
  },
  awsSecretAccessKey: {
    names: ['AWS_SECRET_ACCESS_KEY'],
    group: 'Object storage',
    initial: '',
    initialWords: 'none',
    rule: secret,
    doc: 'The secret of AWS_ACCESS_KEY_ID.',
  },
  awsSessionToken: {
    names: ['AWS_SESSION_TOKEN'],
    group: 'Object storage',
    initial: '',
    initialWords: 'none',
    rule: secret,
    doc: 'Token of temporary keys.',
    note: 'Keys are read at the start: temporary ones need a restart when they expire.',
  },
  jpegQuality: {
    names: ['JPEG_QUALITY'],
    group: 'Encoding',
    initial: '75',
    rule: integer({ min: 1, max: 100 }),
    doc: 'JPEG quality when a request does not say.',
  },
  pngLevel: {
    names: ['PNG_QUALITY'],
    group: 'Encoding',
    initial: '1',
    rule: integer({ min: 0, max: 9 }),
    doc: 'PNG deflate level when a request does not say: 0 stored, 1 fast, 9 small.',
  },
  webpQuality: {
    names: ['WEBP_QUALITY'],
    group: 'Encoding',
    initial: '50',
    rule: lossyOrLossless,
    doc: 'WebP quality when a request does not say; -1 lossless.',
  },
  avifQuality: {
    names: ['AVIF_QUALITY'],
    group: 'Encoding',
    initial: '50',
    rule: lossyOrLossless,
    doc: 'AVIF quality when a request does not say; -1 lossless.',
  },
  avifCodec: {
    names: ['AVIF_CODEC'],
    group: 'Encoding',
    initial: '0',
    rule: avifCodec,
    doc: 'AVIF encoder.',
    note: 'One that is not built in gives a warning and `auto`.',
  },
  tiffCompression: {
    names: ['TIFF_COMPRESSION'],
    group: 'Encoding',
    initial: '2',
    rule: tiffCompression,
    doc: 'Compression of TIFF output when a request does not say.',
  },
  tiffQuality: {
    names: ['TIFF_QUALITY'],
    group: 'Encoding',
    initial: '1',
    rule: tiffQuality,
    doc: 'Quality or level of TIFF_COMPRESSION when a request does not say.',
    note: 'The default is meant for deflate: with `TIFF_COMPRESSION=3` (JPEG) or 4 (WebP) set this too, as 1 is the worst picture they make.',
  },
  maxIccBytes: {
    names: ['MAX_ICC'],
    group: 'Encoding',
    initial: '65536',
    rule: countOrUnlimited(),
    doc: 'ICC profiles of fewer bytes are embedded; -1 all, 0 none.',
  },
  codecPassthrough: {
    names: ['CODEC_PASSTHROUGH'],
    group: 'Encoding',
    initial: '1',
    rule: toggle,
    doc: 'Send stored JPEG and WebP tiles as they are when nothing is to be changed in them.',
  },
  copyright: {
    names: ['COPYRIGHT'],
    group: 'Encoding',
    initial: '',
    rule: singleLine,
    doc: 'Rights statement of images that have none of their own.',
  },
  maxOutputSide: {
    names: ['MAX_CVT'],
    group: 'Output size',
    initial: '5000',
    rule: maxOutputSide,
    doc: 'Longest side of a picture that is sent, in pixels; -1 no limit, 0 the default.',
    note: 'For every protocol; IIIF documents name it as `maxWidth` and `maxHeight`.',
  },
  allowUpscaling: {
    names: ['ALLOW_UPSCALING'],
    group: 'Output size',
    initial: '1',
    rule: toggle,
    doc: '0: no picture is sent larger than its source.',
  },
  interpolation: {
    names: ['INTERPOLATION'],
    group: 'Decoding and processing',
    initial: '1',
    rule: codes(['nearest', 'bilinear', 'cubic', 'lanczos'] as const),
    doc: 'How pictures are scaled.',
    note: '2 and 3 are not in iipsrv.',
  },
  maxLayers: {
    names: ['MAX_LAYERS'],
    group: 'Decoding and processing',
    initial: '0',
    rule: layerLimit,
    doc: 'JPEG 2000 quality layers that are decoded: 0 half of them, -1 all, n at most n.',
  },
  jp2ReadMode: {
    names: ['KAKADU_READMODE'],
    group: 'Decoding and processing',
    initial: '0',
    rule: codes(['fast', 'fussy', 'resilient'] as const),
    doc: 'Damaged JPEG 2000: 1 refuses it, 0 and 2 decode what can be decoded.',
    note: 'The name is historical: it holds for every JPEG 2000 decoder.',
  },
  jp2Decoder: {
    names: ['JP2_DECODER'],
    group: 'Decoding and processing',
    initial: 'auto',
    rule: words(['auto', 'builtin', 'native'] as const),
    doc: 'Who decodes JPEG 2000 files: our own decoder, or `native`: OpenJPEG 2.4 or newer in child processes, with koffi; `auto` is the faster one, which so far is always `builtin`.',
    note: 'What `native` does not decode, and everything when it is not installed or KAKADU_READMODE is 1, is decoded by `builtin`.',
  },
  appliesOrientation: {
    names: ['ORIENTATION'],
    group: 'Decoding and processing',
    initial: '1',
    rule: toggle,
    doc: 'Turn pictures upright as their files ask (TIFF tag 274, EXIF); 0 shows them as they are stored.',
    note: 'Not in iipsrv, which shows them as they are stored.',
  },
  colorManagement: {
    names: ['COLOR_MANAGEMENT'],
    group: 'Decoding and processing',
    initial: 'embed',
    rule: words(['embed', 'srgb'] as const),
    doc: 'What becomes of color profiles: `embed` sends them with the picture, `srgb` converts gray and RGB pictures to sRGB and sends none.',
    note: 'Not in iipsrv, which embeds. With `srgb` stored tiles of pictures with another profile are decoded, converted and encoded.',
  },
  threads: {
    names: ['OMP_NUM_THREADS'],
    group: 'Decoding and processing',
    initial: '',
    initialWords: 'all cores',
    rule: threads,
    doc: 'Threads for decoding, processing and encoding.',
  },
  watermark: {
    names: ['WATERMARK'],
    group: 'Watermark',
    initial: '',
    rule: text,
    doc: 'Path of a picture that is drawn on tiles and exports.',
  },
  watermarkProbability: {
    names: ['WATERMARK_PROBABILITY'],
    group: 'Watermark',
    initial: '1',
    rule: decimal({ min: 0, max: 1 }),
    doc: 'How likely a tile is to bear it.',
  },
  watermarkOpacity: {
    names: ['WATERMARK_OPACITY'],
    group: 'Watermark',
    initial: '1',
    rule: decimal({ min: 0, max: 1 }),
    doc: 'How strong it is.',
  },
  watermarkBlend: {
    names: ['WATERMARK_BLEND'],
    group: 'Watermark',
    initial: 'add',
    rule: watermarkBlend,
    doc: '`add` brightens the picture, `over` covers it, so that it shows on bright areas too.',
    note: 'Not in iipsrv, which always adds.',
  },
  imageCacheBytes: {
    names: ['MAX_IMAGE_CACHE_SIZE'],
    group: 'Caches',
    initial: '10',
    rule: megabytes,
    doc: 'Memory for tiles in MB, fractions allowed; 0 none.',
    note: '1 MB is 1,024,000 bytes, as in iipsrv.',
  },
  maxRequestBytes: {
    names: ['MAX_REQUEST_MEMORY'],
    group: 'Output size',
    initial: '512',
    rule: megabytes,
    doc: 'Memory in MB that one picture may take while it is made; what would take more is refused with 413.',
    note: 'Not in iipsrv. 1 MB is 1,024,000 bytes.',
  },
  metadataCacheEntries: {
    names: ['MAX_IMAGE_METADATA_CACHE_SIZE', 'MAX_METADATA_CACHE_SIZE'],
    group: 'Caches',
    initial: '1000',
    rule: countOrUnlimited(1_000_000),
    doc: 'Images whose size, levels and metadata are remembered; -1 without limit, 0 none.',
    note: 'The second name is the one that iipsrv 1.3 really reads; the first wins when both are set.',
  },
  openFiles: {
    names: ['OPEN_FILES'],
    group: 'Caches',
    initial: '512',
    rule: integer({ min: 1, max: 1_000_000 }),
    doc: 'Picture files that are kept open, by all threads together.',
    note: 'Not in iipsrv, which opens a file for every request. A file that is not read for a minute is closed anyway.',
  },
  levelCacheBytes: {
    names: ['DECODED_CACHE_SIZE'],
    group: 'Caches',
    initial: '128',
    rule: megabytes,
    doc: 'Memory in MB for decoded levels of pictures without tiles, for all threads together.',
    note: 'Not in iipsrv. It is taken as it fills. 1 MB is 1,024,000 bytes.',
  },
  pyramidCacheDirectory: {
    names: ['PYRAMID_CACHE_DIR'],
    group: 'Caches',
    initial: '',
    initialWords: 'none',
    rule: text,
    doc: 'Directory in which tiled pyramids of large pictures without tiles are kept, made in the background when such a picture is first asked for.',
    note: 'Not in iipsrv. Several servers may share it. See docs/operations.md.',
  },
  pyramidCacheBytes: {
    names: ['PYRAMID_CACHE_SIZE'],
    group: 'Caches',
    initial: '10000',
    rule: megabytes,
    doc: 'Size in MB of that directory; those that were not used for the longest time are deleted.',
  },
  memcachedServers: {
    names: ['MEMCACHED_SERVERS'],
    group: 'Caches',
    initial: '',
    initialWords: 'none',
    rule: serverList,
    doc: 'memcached servers that keep whole answers; port 11211 when none is given.',
    note: 'Write `[IPv6 address]:port`. Entries that are no address are left out with a warning. iipsrv tries localhost when nothing is set.',
  },
  memcachedTimeoutSeconds: {
    names: ['MEMCACHED_TIMEOUT'],
    group: 'Caches',
    initial: '86400',
    rule: integer({ min: 0, max: 2_592_000 }),
    doc: 'Seconds that memcached keeps an answer; 0 for ever.',
    note: 'More than 30 days is clamped, as memcached takes larger numbers for a date in the past.',
  },
  cors: {
    names: ['CORS'],
    group: 'HTTP',
    initial: '',
    initialWords: 'off',
    rule: singleLine,
    doc: 'Value of Access-Control-Allow-Origin, as `*`.',
  },
  cacheControl: {
    names: ['CACHE_CONTROL'],
    group: 'HTTP',
    initial: 'max-age=86400',
    rule: singleLine,
    doc: 'Value of the Cache-Control header.',
  },
  baseUrl: {
    names: ['BASE_URL'],
    group: 'HTTP',
    initial: '',
    rule: singleLine,
    doc: 'Public URL that ids and redirects begin with, where a web server rewrites addresses.',
  },
  uriMap: {
    names: ['URI_MAP'],
    group: 'Protocols',
    initial: '',
    rule: uriMap,
    doc: 'Which protocol (IIP, IIIF, DeepZoom, Zoomify) answers the addresses under a prefix, as `iiif=>IIIF`.',
    note: 'An empty prefix maps everything; the longest prefix wins; slashes around it do not matter.',
  },
  iiifVersion: {
    names: ['IIIF_VERSION'],
    group: 'Protocols',
    initial: '3',
    rule: codes([1, 2, 3] as const, 1),
    doc: 'Version of the IIIF Image API for clients that do not ask for one.',
  },
  iiifDelimiter: {
    names: ['IIIF_DELIMITER'],
    group: 'Protocols',
    initial: '',
    initialWords: 'off',
    rule: text,
    doc: 'Between image and page in IIIF identifiers: with `;` the identifier `a.tif;3` is page 3.',
  },
  iiifExtraInfo: {
    names: ['IIIF_EXTRA_INFO'],
    group: 'Protocols',
    initial: '',
    rule: extraInfo,
    doc: 'JSON members that are added to every info.json, as `"preferredFormats": ["webp"]`.',
    note: 'The server does not start with what is not valid JSON.',
  },
  iiifExtensions: {
    names: ['IIIF_EXTENSIONS'],
    group: 'Protocols',
    initial: '0',
    rule: toggle,
    doc: 'IIIF qualities negative, stretch, equalization and log.',
  },
};

// The type of the table makes its keys those of Config; Object.keys does not know.
/** The keys of the table, in its order. */
export const SETTINGS = Object.keys(VARIABLES) as readonly (keyof Config)[];

/** The variable of one setting. */
export function variableOf<K extends keyof Config>(setting: K): Variable<Config[K]> {
  return VARIABLES[setting];
}
