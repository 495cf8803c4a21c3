import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig, readConfig } from '../../src/config/read-config.ts';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';

const FACTS = { cpus: 6, avifCodecs: ['aom'], memoryBytes: 2 ** 31 };

/** Half of it, in whole MB of 1,024,000 bytes. */
const HALF_BYTES = 1048 * 1_024_000;

type Bad<T> = readonly (readonly [text: string, value: T, why: RegExp])[];

/** Texts and the values they give without a warning; `bad` ones with the value that is used instead. */
interface Cases<T> {
  readonly initial: T;
  readonly good: readonly (readonly [text: string, value: T])[];
  readonly bad?: Bad<T>;
}

const NOT_WHOLE = /is not a whole number/;
const LOW = /is less than/;
const HIGH = /is more than/;

const TOGGLE_BAD = (initial: boolean): Bad<boolean> => [
  ['2', true, HIGH],
  ['-1', false, LOW],
  ['yes', initial, NOT_WHOLE],
];

const LINE_BAD: Bad<string> = [
  ['a\r\nSet-Cookie: b', 'aSet-Cookie: b', /line breaks or NUL/],
  ['a\0b', 'ab', /line breaks or NUL/],
  ['*\n', '*', /line breaks or NUL/],
];

const CASES: { readonly [K in keyof Config]: Cases<Config[K]> } = {
  verbosity: {
    initial: 1,
    good: [
      ['0', 0],
      ['5', 5],
      [' 2 ', 2],
      ['+3', 3],
      ['-0', 0],
    ],
    bad: [
      ['-1', 0, LOW],
      ['12abc', 1, NOT_WHOLE],
      ['1.5', 1, NOT_WHOLE],
      ['0x2', 1, NOT_WHOLE],
    ],
  },
  logTarget: {
    initial: { kind: 'stderr' },
    good: [
      ['syslog', { kind: 'syslog' }],
      ['/var/log/iipsrv.log', { kind: 'file', path: '/var/log/iipsrv.log' }],
    ],
  },
  filesystemPrefix: {
    initial: '',
    good: [
      ['/images/', '/images/'],
      ['/my images', '/my images'],
    ],
  },
  filesystemSuffix: { initial: '', good: [['.tif', '.tif']] },
  filenamePattern: { initial: '_pyr_', good: [['-', '-']] },
  jpegQuality: {
    initial: 75,
    good: [
      ['1', 1],
      ['100', 100],
    ],
    bad: [
      ['0', 1, LOW],
      ['101', 100, HIGH],
      ['99999999999999999999999', 100, HIGH],
      ['best', 75, NOT_WHOLE],
    ],
  },
  pngLevel: {
    initial: 1,
    good: [
      ['0', 0],
      ['9', 9],
    ],
    bad: [
      ['-1', 0, LOW],
      ['10', 9, HIGH],
      ['x', 1, NOT_WHOLE],
    ],
  },
  webpQuality: {
    initial: 50,
    good: [
      ['-1', 'lossless'],
      ['0', 0],
      ['100', 100],
    ],
    bad: [
      ['-2', 'lossless', LOW],
      ['101', 100, HIGH],
      ['lossless', 50, NOT_WHOLE],
    ],
  },
  avifQuality: {
    initial: 50,
    good: [
      ['-1', 'lossless'],
      ['0', 0],
      ['100', 100],
    ],
    bad: [
      ['-2', 'lossless', LOW],
      ['101', 100, HIGH],
      ['50.5', 50, NOT_WHOLE],
    ],
  },
  avifCodec: {
    initial: 'auto',
    good: [
      ['0', 'auto'],
      ['1', 'aom'],
    ],
    bad: [
      ['2', 'auto', /is rav1e, which/],
      ['3', 'auto', /is svt, which/],
      ['4', 'auto', /none of/],
      ['aom', 'auto', /none of/],
    ],
  },
  tiffCompression: {
    initial: 'deflate',
    good: [
      ['0', 'none'],
      ['1', 'lzw'],
      ['2', 'deflate'],
      ['3', 'jpeg'],
      ['4', 'webp'],
      ['5', 'zstd'],
    ],
    bad: [
      ['6', 'deflate', /none of/],
      ['-1', 'deflate', /none of/],
      ['lzw', 'deflate', /none of/],
      ['1.0', 'deflate', /none of/],
    ],
  },
  tiffQuality: {
    initial: 1,
    good: [
      ['1', 1],
      ['9', 9],
    ],
    bad: [
      ['0', 1, LOW],
      ['10', 9, HIGH],
      ['high', 1, NOT_WHOLE],
    ],
  },
  maxIccBytes: {
    initial: 65536,
    good: [
      ['0', 0],
      ['-1', Infinity],
      ['100', 100],
    ],
    bad: [
      ['-2', Infinity, LOW],
      ['64k', 65536, NOT_WHOLE],
    ],
  },
  codecPassthrough: {
    initial: true,
    good: [
      ['0', false],
      ['1', true],
    ],
    bad: TOGGLE_BAD(true),
  },
  copyright: { initial: '', good: [['© Museum', '© Museum']], bad: LINE_BAD },
  maxOutputSide: {
    initial: 5000,
    good: [
      ['300', 300],
      ['0', 5000],
      ['-1', Infinity],
    ],
    bad: [
      ['-7', Infinity, LOW],
      ['20000px', 5000, NOT_WHOLE],
    ],
  },
  allowUpscaling: {
    initial: true,
    good: [
      ['0', false],
      ['1', true],
    ],
    bad: TOGGLE_BAD(true),
  },
  interpolation: {
    initial: 'bilinear',
    good: [
      ['0', 'nearest'],
      ['1', 'bilinear'],
      ['2', 'cubic'],
      ['3', 'lanczos'],
    ],
    bad: [
      ['4', 'bilinear', /none of/],
      ['cubic', 'bilinear', /none of/],
    ],
  },
  maxLayers: {
    initial: { kind: 'half' },
    good: [
      ['0', { kind: 'half' }],
      ['-1', { kind: 'all' }],
      ['4', { kind: 'at-most', layers: 4 }],
    ],
    bad: [
      ['-2', { kind: 'all' }, LOW],
      ['half', { kind: 'half' }, NOT_WHOLE],
    ],
  },
  jp2Decoder: {
    initial: 'auto',
    good: [
      ['builtin', 'builtin'],
      ['Native', 'native'],
    ],
    bad: [['kakadu', 'auto', /none of/]],
  },
  jp2ReadMode: {
    initial: 'fast',
    good: [
      ['0', 'fast'],
      ['1', 'fussy'],
      ['2', 'resilient'],
    ],
    bad: [
      ['3', 'fast', /none of/],
      ['fussy', 'fast', /none of/],
    ],
  },
  appliesOrientation: {
    initial: true,
    good: [
      ['0', false],
      ['1', true],
    ],
  },
  openFiles: {
    initial: 512,
    good: [
      ['1', 1],
      ['20000', 20_000],
    ],
    bad: [
      ['0', 1, LOW],
      ['1.5', 512, NOT_WHOLE],
    ],
  },
  threads: {
    initial: 6,
    good: [
      ['1', 1],
      ['64', 64],
      ['1024', 1024],
    ],
    bad: [
      ['0', 1, LOW],
      ['1025', 1024, HIGH],
      ['4,2', 6, NOT_WHOLE],
    ],
  },
  watermark: { initial: '', good: [['/images/mark.png', '/images/mark.png']] },
  watermarkProbability: {
    initial: 1,
    good: [
      ['0', 0],
      ['0.25', 0.25],
      ['.5', 0.5],
      ['1e-2', 0.01],
    ],
    bad: [
      ['-0.1', 0, LOW],
      ['1.5', 1, HIGH],
      ['1e999', 1, HIGH],
      ['50%', 1, /is not a number/],
      ['NaN', 1, /is not a number/],
    ],
  },
  watermarkOpacity: {
    initial: 1,
    good: [
      ['0', 0],
      ['0.25', 0.25],
    ],
    bad: [
      ['-1', 0, LOW],
      ['2', 1, HIGH],
      ['half', 1, /is not a number/],
    ],
  },
  sourceMap: {
    initial: [],
    good: [
      [
        's=>s3://bucket/p,w=>http://host',
        [
          { prefix: 's', base: { kind: 's3', bucket: 'bucket', path: '/p/' } },
          { prefix: 'w', base: { kind: 'http', origin: 'http://host', path: '/' } },
        ],
      ],
    ],
    bad: [['w', [], /no =>/]],
  },
  sourceCacheBytes: { initial: 32_768_000, good: [['0', 0]] },
  sourceRevalidateSeconds: { initial: 60, good: [['0', 0]], bad: [['-1', 0, LOW]] },
  sourceTimeoutSeconds: { initial: 10, good: [['0.5', 0.5]], bad: [['0', 0.05, LOW]] },
  s3EndpointUrl: { initial: '', good: [['http://minio:9000', 'http://minio:9000']] },
  s3Addressing: {
    initial: 'auto',
    good: [
      ['path', 'path'],
      ['Virtual', 'virtual'],
    ],
    bad: [['x', 'auto', /none of/]],
  },
  awsRegion: { initial: 'us-east-1', good: [['eu-central-1', 'eu-central-1']] },
  awsAccessKeyId: { initial: '', good: [['AKID', 'AKID']] },
  // What they show is not what they are; see source-map.test.ts.
  awsSecretAccessKey: { initial: '', good: [] },
  awsSessionToken: { initial: '', good: [] },
  s3Credentials: {
    initial: 'environment',
    good: [
      ['instance', 'instance'],
      ['Container', 'container'],
    ],
    bad: [['x', 'environment', /none of/]],
  },
  awsContainerUri: {
    initial: '',
    good: [['http://169.254.170.23/v1/credentials', 'http://169.254.170.23/v1/credentials']],
    bad: [['ftp://host/', '', /is no address of http or https/]],
  },
  awsContainerRelativeUri: { initial: '', good: [['/v2/credentials/1', '/v2/credentials/1']] },
  awsContainerToken: { initial: '', good: [] },
  awsContainerTokenFile: { initial: '', good: [['/run/token', '/run/token']] },
  awsMetadataUrl: {
    initial: '',
    good: [['http://[fd00:ec2::254]', 'http://[fd00:ec2::254]']],
    bad: [['here', '', /is no address of http or https/]],
  },
  memcachedUsername: { initial: '', good: [['me', 'me']] },
  cacheTags: { initial: false, good: [['1', true]], bad: TOGGLE_BAD(false) },
  serverTiming: { initial: false, good: [['1', true]], bad: TOGGLE_BAD(false) },
  memcachedPassword: { initial: '', good: [] },
  watermarkBlend: {
    initial: 'add',
    good: [
      ['add', 'add'],
      ['over', 'over'],
      [' Over', 'over'],
    ],
    bad: [['multiply', 'add', /none of/]],
  },
  levelCacheBytes: {
    initial: 131_072_000,
    good: [
      ['64', 65_536_000],
      ['0', 0],
    ],
    bad: [
      ['-1', 0, /less than 0/],
      ['much', 131_072_000, /not a number/],
    ],
  },
  pyramidCacheDirectory: { initial: '', good: [['/var/cache/iipsrv', '/var/cache/iipsrv']], bad: [] },
  pyramidCacheBytes: {
    initial: 10_240_000_000,
    good: [['1', 1_024_000]],
    bad: [['-1', 0, /less than 0/]],
  },
  colorManagement: {
    initial: 'embed',
    good: [
      ['srgb', 'srgb'],
      ['Embed', 'embed'],
    ],
    bad: [['p3', 'embed', /none of embed, srgb/]],
  },
  maxRequestBytes: {
    initial: 524_288_000,
    good: [
      ['1', 1_024_000],
      ['0.5', 512_000],
    ],
    bad: [
      ['-1', 0, LOW],
      ['lots', 524_288_000, /is not a number/],
    ],
  },
  sparesMemory: {
    initial: false,
    good: [
      ['0', false],
      ['1', true],
    ],
    bad: [
      ['2', true, /more than 1/],
      ['yes', false, /whole number/],
    ],
  },
  maxMemoryBytes: {
    initial: HALF_BYTES,
    good: [
      ['1', 1_024_000],
      ['300', 307_200_000],
    ],
    bad: [
      ['-1', 0, LOW],
      ['all', HALF_BYTES, /is not a number/],
    ],
  },
  requestTimeoutSeconds: {
    initial: 50,
    good: [
      ['0', Infinity],
      ['0.5', 0.5],
      ['120', 120],
    ],
    bad: [
      ['-1', Infinity, LOW],
      ['1m', 50, /is not a number/],
    ],
  },
  maxConcurrent: {
    initial: 1000,
    good: [['1', 1]],
    bad: [
      ['0', 1, LOW],
      ['many', 1000, /whole number/],
    ],
  },
  maxQueue: {
    initial: 500,
    good: [['0', 0]],
    bad: [['-1', 0, LOW]],
  },
  imageCacheBytes: {
    initial: 10_240_000,
    good: [
      ['0', 0],
      ['1', 1_024_000],
      ['0.5', 512_000],
      ['0.1', 102_400],
    ],
    bad: [
      ['-1', 0, LOW],
      ['1e10', 1_024_000_000_000_000, HIGH],
      ['10MB', 10_240_000, /is not a number/],
    ],
  },
  metadataCacheEntries: {
    initial: 1000,
    good: [
      ['0', 0],
      ['-1', Infinity],
      ['5', 5],
    ],
    bad: [
      ['-2', Infinity, LOW],
      ['1000001', 1_000_000, HIGH],
      ['all', 1000, NOT_WHOLE],
    ],
  },
  memcachedServers: {
    initial: [],
    good: [
      ['localhost', [{ host: 'localhost', port: 11211 }]],
      [
        'localhost, 192.168.0.1:8888,,[::1]:9,[fe80::2],::3',
        [
          { host: 'localhost', port: 11211 },
          { host: '192.168.0.1', port: 8888 },
          { host: '::1', port: 9 },
          { host: 'fe80::2', port: 11211 },
          { host: '::3', port: 11211 },
        ],
      ],
    ],
    bad: [
      ['a:99999,b', [{ host: 'b', port: 11211 }], /no host\[:port\] in a:99999$/],
      ['a:0,:5,[x]:1,a b,/tmp/socket', [], /in a:0, :5, \[x\]:1, a b, \/tmp\/socket$/],
    ],
  },
  memcachedTimeoutSeconds: {
    initial: 86400,
    good: [
      ['0', 0],
      ['60', 60],
    ],
    bad: [
      ['-1', 0, LOW],
      ['31536000', 2_592_000, HIGH],
      ['1d', 86400, NOT_WHOLE],
    ],
  },
  cors: {
    initial: '',
    good: [
      ['*', '*'],
      [' https://example.org ', 'https://example.org'],
    ],
    bad: LINE_BAD,
  },
  baseUrl: {
    initial: '',
    good: [['https://img.example.org/iiif/', 'https://img.example.org/iiif/']],
    bad: LINE_BAD,
  },
  cacheControl: { initial: 'max-age=86400', good: [['no-cache', 'no-cache']], bad: LINE_BAD },
  uriMap: {
    initial: [],
    good: [['iiif=>IIIF', [{ prefix: 'iiif', protocol: 'IIIF' }]]],
    bad: [['iiif=>JSON', [], /names no protocol/]],
  },
  iiifVersion: {
    initial: 3,
    good: [
      ['1', 1],
      ['2', 2],
      ['3', 3],
    ],
    bad: [
      ['0', 3, /none of 1, 2, 3/],
      ['4', 3, /none of/],
      ['2.1', 3, /none of/],
    ],
  },
  iiifDelimiter: {
    initial: '',
    good: [
      [';', ';'],
      ['--page--', '--page--'],
    ],
  },
  iiifExtraInfo: {
    initial: {},
    good: [
      ['"preferredFormats": ["webp"]', { preferredFormats: ['webp'] }],
      ['"a": {"b": null}, "c": 1', { a: { b: null }, c: 1 }],
    ],
  },
  iiifExtensions: {
    initial: false,
    good: [
      ['0', false],
      ['1', true],
    ],
    bad: TOGGLE_BAD(false),
  },
};

function checkSetting<K extends keyof Config>(setting: K): void {
  const [name] = variableOf(setting).names;
  const { initial, good, bad } = CASES[setting];
  describe(name, () => {
    for (const [what, env] of [
      ['unset', {}],
      ['empty', { [name]: '' }],
      ['blank', { [name]: ' \t' }],
    ] as const) {
      it(`${what} gives the default`, () => {
        const { config, warnings, errors } = readConfig(env, FACTS);
        assert.deepEqual(config[setting], initial);
        assert.deepEqual([warnings, errors], [[], []]);
      });
    }
    for (const [text, value] of good) {
      it(`takes ${JSON.stringify(text)}`, () => {
        const { config, warnings, errors } = readConfig({ [name]: text }, FACTS);
        assert.deepEqual(config[setting], value);
        assert.deepEqual([warnings, errors], [[], []]);
        assert.deepEqual(config, { ...defaultConfig(FACTS), [setting]: value });
      });
      it(`shows the value of ${JSON.stringify(text)} as a text that gives it again`, () => {
        const { rule } = variableOf(setting);
        assert.deepEqual(readConfig({ [name]: rule.show(value) }, FACTS).config[setting], value);
      });
    }
    for (const [text, value, why] of bad ?? []) {
      it(`warns of ${JSON.stringify(text)} and uses another value`, () => {
        const { config, warnings, errors } = readConfig({ [name]: text }, FACTS);
        assert.deepEqual(config[setting], value);
        assert.equal(warnings.length, 1);
        assert.deepEqual(errors, []);
        const [warning] = warnings;
        const used = variableOf(setting).rule.show(value);
        assert.deepEqual([warning?.variable, warning?.value, warning?.used], [name, text, used]);
        const [complaint = '', after] = (warning?.message ?? '').split('; using ');
        assert.ok(complaint.startsWith(`${name}=${JSON.stringify(text)} `), complaint);
        assert.match(complaint, why);
        assert.equal(after, used === '' ? 'nothing' : used);
      });
    }
  });
}

for (const setting of SETTINGS) checkSetting(setting);

describe('readConfig', () => {
  it('gives a warning for each wrong variable', () => {
    const { warnings } = readConfig({ JPEG_QUALITY: '0', CORS: 'a\nb', URI_MAP: 'x', MAX_CVT: '5' }, FACTS);
    assert.deepEqual(warnings.map(({ variable }) => variable).toSorted(), [
      'CORS',
      'JPEG_QUALITY',
      'URI_MAP',
    ]);
  });

  it('gives frozen settings', () => {
    const { config } = readConfig(
      { URI_MAP: 'a=>IIP', MEMCACHED_SERVERS: 'a', IIIF_EXTRA_INFO: '"a":1' },
      FACTS,
    );
    for (const value of [
      config,
      config.uriMap,
      config.uriMap[0],
      config.memcachedServers,
      config.iiifExtraInfo,
    ]) {
      assert.ok(Object.isFrozen(value));
    }
  });

  it('cuts long values in its messages', () => {
    const [warning] = readConfig({ JPEG_QUALITY: 'x'.repeat(10_000) }, FACTS).warnings;
    assert.equal(warning?.value.length, 201);
    assert.ok(warning.message.length < 300);
  });

  for (const text of ['{"a": 1}', '"a"', '"a": 1,', 'a: 1', '"a": 1}, {"b": 2', 'true']) {
    it(`refuses IIIF_EXTRA_INFO=${text}`, () => {
      const { config, warnings, errors } = readConfig({ IIIF_EXTRA_INFO: text }, FACTS);
      assert.equal(errors.length, 1);
      assert.deepEqual([errors[0]?.variable, errors[0]?.value], ['IIIF_EXTRA_INFO', text]);
      assert.match(
        errors[0]?.message ?? '',
        /^IIIF_EXTRA_INFO=".*" is not JSON members like "key": value without braces/,
      );
      assert.deepEqual([warnings, config.iiifExtraInfo], [[], {}]);
    });
  }

  it('keeps a member of IIIF_EXTRA_INFO whatever its name', () => {
    const { config } = readConfig({ IIIF_EXTRA_INFO: '"__proto__": 1' }, FACTS);
    assert.equal(JSON.stringify(config.iiifExtraInfo), '{"__proto__":1}');
  });

  it('refuses no AVIF codec when it is not known which there are', () => {
    assert.equal(readConfig({ AVIF_CODEC: '3' }, { cpus: 1 }).config.avifCodec, 'svt');
  });

  for (const [compression, text, quality] of [
    ['0', '101', 100],
    ['1', '50', 50],
    ['2', '10', 9],
    ['3', '0', 0],
    ['3', '101', 100],
    ['4', '75', 75],
    ['5', '0', 1],
    ['5', '20', 19],
    ['9', '19', 9],
  ] as const) {
    it(`TIFF_QUALITY=${text} with TIFF_COMPRESSION=${compression} is ${quality}`, () => {
      const env = { TIFF_QUALITY: text, TIFF_COMPRESSION: compression };
      const { config, warnings } = readConfig(env, FACTS);
      assert.equal(config.tiffQuality, quality);
      assert.equal(
        warnings.some(({ variable }) => variable === 'TIFF_QUALITY'),
        String(quality) !== text,
      );
    });
  }

  it('reads the second name of the metadata cache', () => {
    const { config, warnings } = readConfig({ MAX_METADATA_CACHE_SIZE: '7' }, FACTS);
    assert.deepEqual([config.metadataCacheEntries, warnings], [7, []]);
  });

  it('names the variable that was set, not the documented one', () => {
    const { warnings } = readConfig({ MAX_METADATA_CACHE_SIZE: 'x' }, FACTS);
    assert.deepEqual(
      warnings.map(({ variable, used }) => [variable, used]),
      [['MAX_METADATA_CACHE_SIZE', '1000']],
    );
  });

  it('prefers the first name, and says so when the second differs', () => {
    const both = { MAX_IMAGE_METADATA_CACHE_SIZE: '5', MAX_METADATA_CACHE_SIZE: '7' };
    const { config, warnings } = readConfig(both, FACTS);
    assert.equal(config.metadataCacheEntries, 5);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['MAX_METADATA_CACHE_SIZE="7" is not read, as MAX_IMAGE_METADATA_CACHE_SIZE is set; using 5'],
    );
    assert.deepEqual(readConfig({ ...both, MAX_METADATA_CACHE_SIZE: '5' }, FACTS).warnings, []);
  });

  for (const [cpus, threads] of [
    [0, 1],
    [4096, 1024],
  ] as const) {
    it(`on ${cpus} cores uses ${threads} threads without a warning`, () => {
      const { config, warnings } = readConfig({}, { cpus });
      assert.deepEqual([config.threads, warnings], [threads, []]);
    });
  }
});

/** Those of iipsrv 1.3, both names of the metadata cache, and our own. */
const NAMES: readonly string[] = [
  'ALLOW_UPSCALING',
  'AVIF_CODEC',
  'AVIF_QUALITY',
  'AWS_ACCESS_KEY_ID',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_DEFAULT_REGION',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'BASE_URL',
  'CACHE_CONTROL',
  'CACHE_TAGS',
  'CODEC_PASSTHROUGH',
  'COLOR_MANAGEMENT',
  'COPYRIGHT',
  'CORS',
  'DECODED_CACHE_SIZE',
  'FILENAME_PATTERN',
  'FILESYSTEM_PREFIX',
  'FILESYSTEM_SUFFIX',
  'IIIF_DELIMITER',
  'IIIF_EXTENSIONS',
  'IIIF_EXTRA_INFO',
  'IIIF_VERSION',
  'INTERPOLATION',
  'JP2_DECODER',
  'JPEG_QUALITY',
  'KAKADU_READMODE',
  'LOGFILE',
  'MAX_CONCURRENT',
  'MAX_CVT',
  'MAX_ICC',
  'MAX_IMAGE_CACHE_SIZE',
  'MAX_IMAGE_METADATA_CACHE_SIZE',
  'MAX_LAYERS',
  'MAX_MEMORY',
  'MAX_METADATA_CACHE_SIZE',
  'MAX_QUEUE',
  'MAX_REQUEST_MEMORY',
  'MEMCACHED_PASSWORD',
  'MEMCACHED_SERVERS',
  'MEMCACHED_TIMEOUT',
  'MEMCACHED_USERNAME',
  'OMP_NUM_THREADS',
  'OPEN_FILES',
  'ORIENTATION',
  'PNG_QUALITY',
  'PYRAMID_CACHE_DIR',
  'PYRAMID_CACHE_SIZE',
  'REQUEST_TIMEOUT',
  'S3_ADDRESSING',
  'S3_CREDENTIALS',
  'SERVER_TIMING',
  'SOURCE_CACHE_SIZE',
  'SOURCE_MAP',
  'SOURCE_REVALIDATE',
  'SOURCE_TIMEOUT',
  'SPARE_MEMORY',
  'TIFF_COMPRESSION',
  'TIFF_QUALITY',
  'URI_MAP',
  'VERBOSITY',
  'WATERMARK',
  'WATERMARK_BLEND',
  'WATERMARK_OPACITY',
  'WATERMARK_PROBABILITY',
  'WEBP_QUALITY',
];

describe('the table of variables', () => {
  it('has every variable once', () => {
    const names = SETTINGS.flatMap((setting) => variableOf(setting).names);
    assert.deepEqual(names.toSorted(), NAMES);
  });

  it('has defaults that its rules take without a change', () => {
    for (const setting of SETTINGS) {
      const { initial, rule, names } = variableOf(setting);
      assert.equal(
        rule.parse(initial, { ...FACTS, chosen: {} }).kind === 'good' || initial === '',
        true,
        names[0],
      );
    }
  });

  it('documents each variable in one line', () => {
    for (const setting of SETTINGS) {
      const { doc, note = 'x' } = variableOf(setting);
      for (const text of [doc, note]) assert.doesNotMatch(text, /\n|^$/);
    }
  });
});
