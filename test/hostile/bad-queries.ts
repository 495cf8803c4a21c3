/** Requests that nobody in their right mind sends: commands with values that do not fit them. */
import { pick, randomNumbers } from './random.ts';

const COMMANDS = [
  ...[
    'FIF',
    'OBJ',
    'WID',
    'HEI',
    'RGN',
    'CVT',
    'JTL',
    'PTL',
    'WTL',
    'ATL',
    'TTL',
    'JTLS',
    'TIL',
    'SDS',
    'QLT',
  ],
  ...[
    'CNT',
    'GAM',
    'MINMAX',
    'INV',
    'CMP',
    'SHD',
    'CTW',
    'COL',
    'CNV',
    'ROT',
    'LYR',
    'SPECTRA',
    'PFL',
    'ICC',
  ],
  ...['IIIF', 'DeepZoom', 'Zoomify', 'NONSENSE', ''],
];

const IMAGES = [
  'rgb-jpeg.tif',
  'grey16.tif',
  'turn',
  'stack.tif',
  'empty.tif',
  'truncated.tif',
  'text.txt',
  'nowhere.tif',
];

const VALUES = [
  ...[
    '0',
    '-1',
    '1,0',
    '0,-1',
    '99999999999999999999',
    '-99999999999',
    '1e309',
    'NaN',
    'Infinity',
    '0x10',
    '1,2,3,4,5,6',
  ],
  ...[
    '0,0,0,0',
    '0.1,0.1,0.1',
    '1,1,1,1',
    '-1,-1,2,2',
    '0,0,1e-9,1e-9',
    'jpeg',
    'png',
    'bmp',
    '!',
    '!90',
    '360.5',
    ',',
  ],
  ...[
    '%',
    '%%%',
    '%zz',
    '%00',
    '%ff%fe',
    '%F0%9F%92%A9',
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '\\',
    '"',
    "'",
    '<script>',
  ],
  ...[
    '[',
    ']',
    '[]',
    '[1,2;3]',
    '[1,0,0;0,1,0;0,0,1]',
    '[,,,]',
    'jpeg:',
    ':100',
    'zstd:-5',
    '-:1,2',
    '1:5,1',
    '9:9,9-1',
  ],
  ...[
    'rgb-jpeg.tif/info.json',
    'rgb-jpeg.tif/full/max/0/default.jpg',
    'rgb-jpeg.tif/0,0,0,0/1,/0/default.jpg',
    '/////',
  ],
  ...[
    'rgb-jpeg.tif.dzi',
    'rgb-jpeg.tif_files/99999/0_0.jpg',
    'rgb-jpeg.tif/TileGroup0/0-0-0.jpg',
    'a'.repeat(5000),
    'a/'.repeat(2500),
  ],
];

/** `count` requests, the same ones for the same seed. Some happen to be right. */
export function badQueries(count: number, seed: number): readonly string[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const pairs = Array.from({ length: 1 + Math.floor(random() * 4) }, () => `${pick(COMMANDS, random)}=${pick(VALUES, random)}`); // prettier-ignore
    const start = random() < 0.8 ? [`FIF=${pick(IMAGES, random)}`] : [];
    // Small, so that what happens to be right is quickly made.
    const small = random() < 0.9 ? ['WID=32'] : [];
    return `/fcgi-bin/iipsrv.fcgi?${[...start, ...small, ...pairs].join(pick(['&', '&', '&', '&&', ';'], random))}`;
  });
}
