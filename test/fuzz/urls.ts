/** Requests out of the grammars of IIP, IIIF, DeepZoom and Zoomify: mostly right, with parts that are not. */
import type { Dice } from './dice.ts';

/** What a case says; it is written as JSON, so that it can be read and replayed. */
export interface FuzzedRequest {
  readonly method: string;
  readonly uri: string;
  readonly host?: string;
  readonly iiifId?: string;
  readonly accept?: string;
  readonly body?: string;
}

const IMAGES = [
  ...[
    'tiny.tif',
    'one-pixel.tif',
    'rgb-flat.tif',
    'palette.tif',
    'bilevel-g4.tif',
    'turn',
    'stack.tif',
    'grey.jp2',
  ],
  ...[
    'photo-grey.jpg',
    'photo-progressive.jpg',
    'rgb-webp.tif',
    'uint32-grey.tif',
    'tiff/float32.tif',
    'greyalpha8.tif',
  ],
  ...[
    'jp2/two-bands.jp2',
    'jp2/one-band-12.j2k',
    'tiff/int16.tif',
    'tiff/rgb-lerc.tif',
    'sub/%C3%A9t%C3%A9.tif',
  ],
  ...['lab8.tif', 'cmyk.tif', 'grey12-packed.tif', 'bands5-8.tif', 'float-nan.tif'],
];
const NOT_IMAGES = [
  'text.txt',
  'empty.tif',
  'nowhere.tif',
  '..',
  '.',
  '%00',
  'a%0d%0aX-A:%20b',
  '"<>\\',
  '%',
  '%E0%80',
  '',
];

const NUMBERS = [
  ...[
    '-1',
    '-0',
    '1e3',
    '1e-9',
    '1e309',
    '-1e400',
    'NaN',
    'Infinity',
    '0x10',
    '+5',
    ' 7',
    '٣',
    '1.5',
    '.5',
    '5.',
    '00012',
  ],
  ...[
    '2147483647',
    '2147483648',
    '4294967296',
    '9007199254740993',
    '99999999999999999999',
    '9'.repeat(400),
    '',
  ],
];

/** A number that fits, or one that does not. */
function number(dice: Dice, top = 300): string {
  if (dice.chance(0.12)) return dice.pick(NUMBERS);
  return String(dice.below(dice.chance(0.3) ? 4 : top));
}

const decimal = (dice: Dice, top: number): string =>
  dice.chance(0.15) ? dice.pick(NUMBERS) : ((dice.below(1000) / 1000) * top).toFixed(dice.below(5));

const numbers = (dice: Dice, count: number, one: (dice: Dice) => string): string =>
  Array.from({ length: dice.chance(0.05) ? dice.below(8) : count }, () => one(dice)).join(
    dice.chance(0.02) ? ';' : ',',
  );

const image = (dice: Dice): string => (dice.chance(0.06) ? dice.pick(NOT_IMAGES) : dice.pick(IMAGES));

type Make = (dice: Dice) => string;

const small: Make = (dice) => number(dice, 5);
const tile: Make = (dice) => numbers(dice, 2, small);

/** What ends an IIP request. */
const OUTPUTS: readonly Make[] = [
  ...['JTL', 'PTL', 'WTL', 'TTL'].map(
    (name): Make =>
      (dice) =>
        `${name}=${tile(dice)}`,
  ),
  (dice) => `CVT=${dice.pick(['jpeg', 'png', 'webp', 'tiff', 'jpg', 'gif', 'bmp', ''])}`,
  (dice) => `JTLS=${numbers(dice, 4, small)}`,
  (dice) => `TIL=${small(dice)},${small(dice)}-${small(dice)}`,
  (dice) => `SPECTRA=${numbers(dice, 4, small)}`,
  (dice) => `PFL=${small(dice)}:${numbers(dice, 2, number)}-${numbers(dice, 2, number)}`,
  (dice) => `OBJ=${dice.pick(OBJECTS)}`,
];
const OBJECTS = [
  ...[
    'IIP,1.0',
    'Basic-info',
    'Max-size',
    'Tile-size',
    'Resolution-number',
    'Resolutions',
    'Bits-per-channel',
  ],
  ...[
    'Vertical-views',
    'Horizontal-views',
    'Min-max-sample-values',
    'Colorspace,0,0',
    'Metadata',
    'Summary-info',
  ],
  ...[
    'IIP-server',
    'IIP-opt-comm',
    'IIP-opt-obj',
    'histogram',
    'Resolution',
    'Stack',
    'Date',
    'Description',
    'xmp',
    '\u0001',
  ],
];

const PROCESSING: readonly Make[] = [
  (dice) => `RGN=${numbers(dice, 4, (inner) => decimal(inner, 1))}`,
  (dice) => `WID=${number(dice)}`,
  (dice) => `HEI=${number(dice)}`,
  (dice) =>
    `QLT=${dice.pick(['', 'none:', 'lzw:', 'deflate:', 'jpeg:', 'webp:', 'zstd:', 'x:'])}${number(dice, 100)}`,
  (dice) => `CNT=${dice.pick(['stretch', 'equalization', 'eq', decimal(dice, 4)])}`,
  (dice) => `GAM=${dice.pick(['log', decimal(dice, 3)])}`,
  (dice) =>
    `MINMAX=${dice.pick(['-', '1', '2', number(dice, 6)])}:${numbers(dice, 2, (inner) => decimal(inner, 300))}`,
  () => 'INV',
  (dice) =>
    `CMP=${dice.pick(['hot', 'cold', 'jet', 'red', 'green', 'blue', 'viridis', 'turbo', 'gray', 'x'])}`,
  (dice) => `SHD=${numbers(dice, 2, (inner) => decimal(inner, 360))}`,
  (dice) =>
    `CTW=[${Array.from({ length: 1 + dice.below(5) }, () => numbers(dice, 3, (inner) => decimal(inner, 2))).join(';')}]`,
  (dice) => `COL=${dice.pick(['gray', 'grey', 'binary', 'x'])}`,
  (dice) =>
    `CNV=${dice.pick(['sobel', 'sharpen', 'emboss', 'x', `[${numbers(dice, dice.pick([1, 9, 25, 4]), (inner) => decimal(inner, 3))}]`])}`,
  (dice) => `ROT=${dice.pick(['', '!'])}${dice.pick(['90', '180', '270', '0', number(dice, 360)])}`,
  (dice) => `LYR=${small(dice)}`,
  (dice) => `SDS=${numbers(dice, 2, (inner) => dice.pick(['0', '90', '180', '60', small(inner)]))}`,
  (dice) => `BIT=${dice.pick(['8', '16', '32'])}`,
];

const some = (dice: Dice, makes: readonly Make[], most: number): string[] =>
  Array.from({ length: dice.below(most + 1) }, () => dice.pick(makes)(dice));

/** Small: what is large takes time and shows nothing else. */
const iip: Make = (dice) => {
  const size = dice.chance(0.9) ? [`WID=${1 + dice.below(200)}`] : [];
  const output = dice.pick(OUTPUTS)(dice);
  return `/fcgi-bin/iipsrv.fcgi?FIF=${image(dice)}&${[...some(dice, PROCESSING, 4), ...size, output].join('&')}`;
};

const iiifRegion: Make = (dice) =>
  dice.pick([
    'full',
    'square',
    `${numbers(dice, 4, number)}`,
    `pct:${numbers(dice, 4, (inner) => decimal(inner, 100))}`,
  ]);
const iiifSize: Make = (dice) =>
  `${dice.pick(['', '', '^'])}${dice.pick(['max', `${number(dice)},`, `,${number(dice)}`, `pct:${decimal(dice, 20)}`, `!${number(dice)},${number(dice)}`, `${number(dice)},${number(dice)}`])}`; // prettier-ignore
const iiifEnd: Make = (dice) =>
  `${dice.pick(['', '!'])}${dice.pick(['0', '90', '180', '270', decimal(dice, 360)])}/${dice.pick(['default', 'gray', 'color', 'bitonal', 'native', 'x'])}.${dice.pick(['jpg', 'jpg', 'png', 'webp', 'tif', 'gif', 'pdf', ''])}`; // prettier-ignore
const iiif: Make = (dice) => {
  const start = dice.pick(['/iiif/', '/fcgi-bin/iipsrv.fcgi?IIIF=']);
  const name = `${dice.chance(0.8) ? image(dice).replaceAll('/', '%2F') : image(dice)}${dice.chance(0.05) ? `;${small(dice)}` : ''}`;
  if (dice.chance(0.25)) return `${start}${name}${dice.pick(['/info.json', '/info.json', '', '/'])}`;
  return `${start}${name}/${iiifRegion(dice)}/${iiifSize(dice)}/${iiifEnd(dice)}`;
};

const deepzoom: Make = (dice) => {
  const start = `${dice.pick(['/deepzoom/', '/fcgi-bin/iipsrv.fcgi?DeepZoom='])}${image(dice)}`;
  if (dice.chance(0.2)) return `${start}.dzi`;
  return `${start}_files/${number(dice, 12)}/${small(dice)}_${small(dice)}.${dice.pick(['jpg', 'png', 'webp', 'x'])}`;
};

const zoomify: Make = (dice) => {
  const start = `${dice.pick(['/zoomify/', '/fcgi-bin/iipsrv.fcgi?Zoomify='])}${image(dice)}`;
  if (dice.chance(0.2)) return `${start}/ImageProperties.xml`;
  return `${start}/TileGroup${small(dice)}/${small(dice)}-${small(dice)}-${small(dice)}.jpg`;
};

/** Signs that have broken servers, put anywhere into a URL. */
const INSERTS = ['%', '%0', '%00', '%0d%0a', '\r\n', '"', '<', '\\', '/', '//', '../', '&', '=', '?', '#', '+', '\0', '\u{1F4A9}', '\ud800', ' ', 'é']; // prettier-ignore

const HOSTS = [
  'example.org',
  'a:8080',
  'a"b',
  'a\r\nX-Evil: 1',
  '<script>',
  "a'b",
  '\\',
  '',
  'é',
  '\u2028',
  '%0d%0a',
];

export function makeRequestCase(dice: Dice): FuzzedRequest {
  let uri = dice.pick([iip, iip, iip, iiif, iiif, deepzoom, zoomify])(dice);
  if (dice.chance(0.15)) {
    const at = dice.below(uri.length);
    uri = uri.slice(0, at) + dice.pick(INSERTS) + uri.slice(at + dice.below(3));
  }
  const method = dice.chance(0.94) ? 'GET' : dice.pick(['HEAD', 'POST', 'OPTIONS', 'PUT', '', 'get']);
  const mark = uri.indexOf('?');
  return {
    method,
    uri,
    ...(dice.chance(0.2) ? { host: dice.pick(HOSTS) } : { host: 'example.org' }),
    ...(dice.chance(0.08)
      ? { iiifId: dice.pick([...HOSTS, 'https://a.org/x', 'javascript:alert(1)', 'x"y']) }
      : {}),
    ...(dice.chance(0.1)
      ? { accept: dice.pick(['*/*', 'application/ld+json', 'a;q=NaN', ',,;;', 'x'.repeat(5000)]) }
      : {}),
    ...(method === 'POST' && mark >= 0 ? { body: uri.slice(mark + 1) } : {}),
  };
}
