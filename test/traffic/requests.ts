/** What viewers and people who download ask for: tiles in four protocols, information, exports. */

const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';

/** Pictures that stay as they are. */
export const LASTING = [
  'rgb-jpeg.tif',
  'rgb-deflate.tif',
  'rgb-lzw-512.tif',
  'grey16.tif',
  'rgba8.tif',
  'photo-large.jpg',
] as const;

/** One that is replaced while it is asked for, and what it is in turn. */
export const CHANGING = { name: 'changing.tif', versions: ['rgb-jpeg.tif', 'rgb-deflate.tif'] } as const;

const requestsFor = (name: string): readonly string[] => [
  `/iiif/${name}/info.json`,
  `/iiif/${name}/0,0,512,512/256,256/0/default.jpg`,
  `/deepzoom/${name}_files/8/0_0.jpg`,
  `/deepzoom/${name}_files/11/0_0.jpg`,
  `/zoomify/${name}/TileGroup0/1-0-0.jpg`,
  ...['0,0', '1,0'].map((tile) => `${IIP}${name}&JTL=${tile}`),
  `${IIP}${name}&RGN=0.2,0.2,0.4,0.4&WID=200&CVT=jpeg`,
  `${IIP}${name}&CNT=1.2&WID=150&CVT=png`,
];

export const REQUESTS: readonly string[] = [...LASTING, CHANGING.name].flatMap(requestsFor);

export const isOfChanging = (uri: string): boolean => uri.includes(CHANGING.name);
