// Makes the pictures of docs/protocols.md: asks the built server for each URL of the list below, without a socket, and
// writes the answers to docs/pictures. `--check` writes nothing and fails when a picture differs from what is there, or
// when a file is there that the list does not use; `--built DIR` says where the compiled src is (.build/src, which the
// tests make).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const root = path.resolve(import.meta.dirname, '..');

/** As large as the picture that it is drawn on, so that its place is no matter of chance. */
const MARK = { WATERMARK: 'docs/pictures/mark.svg' };
const HALF = { WATERMARK_OPACITY: '0.5' };
const OVER = { WATERMARK_BLEND: 'over' };

/**
 * File name, URL, settings. A URL that begins with `?` stands behind the address of the server; the document shows
 * every picture beside its URL.
 */
export const PICTURES = [
  ['scene.jpg', '?FIF=rgb-deflate.tif&WID=240&CVT=jpeg'],
  ['detail.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&WID=240&CVT=jpeg'],
  ['box.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&WID=240&HEI=100&CVT=jpeg'],
  ['elevation.jpg', '?FIF=float-dem.tif&WID=240&CVT=jpeg'],
  ['normals.jpg', '?FIF=normals.tif&WID=240&CVT=jpeg'],

  ['minmax-elevation.jpg', '?FIF=float-dem.tif&MINMAX=0:800,1600&WID=240&CVT=jpeg'],
  ['minmax-all.jpg', '?FIF=rgb-deflate.tif&MINMAX=-:64,192&WID=240&CVT=jpeg'],
  ['minmax-red.jpg', '?FIF=rgb-deflate.tif&MINMAX=0:255,0&WID=240&CVT=jpeg'],

  ['nan.jpg', '?FIF=float-nan.tif&WID=240&CVT=jpeg'],
  ['nan-range.jpg', '?FIF=float-nan.tif&MINMAX=0:-2480,2480&WID=240&CVT=jpeg'],
  ['nan-colormap.jpg', '?FIF=float-nan.tif&MINMAX=0:-2480,2480&CMP=viridis&WID=240&CVT=jpeg'],

  ['shade-45.jpg', '?FIF=normals.tif&SHD=45,30&WID=240&CVT=jpeg'],
  ['shade-225.jpg', '?FIF=normals.tif&SHD=225,30&WID=240&CVT=jpeg'],
  ['shade-bright.jpg', '?FIF=normals.tif&SHD=45,30&CNT=2&WID=240&CVT=jpeg'],

  ['twist-swap.jpg', '?FIF=rgb-deflate.tif&CTW=[0,0,1;0,1,0;1,0,0]&WID=240&CVT=jpeg'],
  [
    'twist-sepia.jpg',
    '?FIF=rgb-deflate.tif&CTW=[0.39,0.77,0.19;0.35,0.69,0.17;0.27,0.53,0.13]&WID=240&CVT=jpeg',
  ],
  ['bands.jpg', '?FIF=bands5-8.tif&WID=160&CVT=jpeg'],
  ['twist-bands.jpg', '?FIF=bands5-8.tif&CTW=[0,0,0,1,0;0,0,0,0,1;1,0,0,0,0]&WID=160&CVT=jpeg'],
  ['twist-mean.jpg', '?FIF=bands5-8.tif&CTW=[0.2,0.2,0.2,0.2,0.2]&WID=160&CVT=jpeg'],

  ['gamma-0.5.jpg', '?FIF=rgb-deflate.tif&GAM=0.5&WID=240&CVT=jpeg'],
  ['gamma-2.jpg', '?FIF=rgb-deflate.tif&GAM=2&WID=240&CVT=jpeg'],
  ['logarithm.jpg', '?FIF=rgb-deflate.tif&GAM=log&WID=240&CVT=jpeg'],
  ['invert.jpg', '?FIF=rgb-deflate.tif&INV=1&WID=240&CVT=jpeg'],

  ['colormap-hot.jpg', '?FIF=float-dem.tif&CMP=hot&WID=160&CVT=jpeg'],
  ['colormap-cold.jpg', '?FIF=float-dem.tif&CMP=cold&WID=160&CVT=jpeg'],
  ['colormap-jet.jpg', '?FIF=float-dem.tif&CMP=jet&WID=160&CVT=jpeg'],
  ['colormap-red.jpg', '?FIF=float-dem.tif&CMP=red&WID=160&CVT=jpeg'],
  ['colormap-green.jpg', '?FIF=float-dem.tif&CMP=green&WID=160&CVT=jpeg'],
  ['colormap-blue.jpg', '?FIF=float-dem.tif&CMP=blue&WID=160&CVT=jpeg'],
  ['colormap-gray.jpg', '?FIF=float-dem.tif&CMP=gray&WID=160&CVT=jpeg'],
  ['colormap-viridis.jpg', '?FIF=float-dem.tif&CMP=viridis&WID=160&CVT=jpeg'],
  ['colormap-magma.jpg', '?FIF=float-dem.tif&CMP=magma&WID=160&CVT=jpeg'],
  ['colormap-inferno.jpg', '?FIF=float-dem.tif&CMP=inferno&WID=160&CVT=jpeg'],
  ['colormap-plasma.jpg', '?FIF=float-dem.tif&CMP=plasma&WID=160&CVT=jpeg'],
  ['colormap-turbo.jpg', '?FIF=float-dem.tif&CMP=turbo&WID=160&CVT=jpeg'],

  ['convolve-sobel.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=sobel&WID=240&CVT=jpeg'],
  ['convolve-prewitt.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=prewitt&WID=240&CVT=jpeg'],
  ['convolve-scharr.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=scharr&WID=240&CVT=jpeg'],
  ['convolve-laplace.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=laplace&WID=240&CVT=jpeg'],
  ['convolve-gaussian.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=gaussian&WID=240&CVT=jpeg'],
  ['convolve-sharpen.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=sharpen&WID=240&CVT=jpeg'],
  ['convolve-emboss.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=emboss&WID=240&CVT=jpeg'],
  [
    'convolve-own.jpg',
    '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&CNV=[-1,-1,-1,0,0,0,1,1,1]&WID=240&CVT=jpeg',
  ],

  ['contrast-0.5.jpg', '?FIF=rgb-deflate.tif&CNT=0.5&WID=240&CVT=jpeg'],
  ['contrast-2.jpg', '?FIF=rgb-deflate.tif&CNT=2&WID=240&CVT=jpeg'],
  ['stretch.jpg', '?FIF=bands5-8.tif&CTW=[0.2,0.2,0.2,0.2,0.2]&CNT=stretch&WID=160&CVT=jpeg'],
  ['equalize.jpg', '?FIF=bands5-8.tif&CTW=[0.2,0.2,0.2,0.2,0.2]&CNT=eq&WID=160&CVT=jpeg'],

  ['gray.jpg', '?FIF=rgb-deflate.tif&COL=gray&WID=240&CVT=jpeg'],
  ['binary.png', '?FIF=rgb-deflate.tif&COL=binary&WID=240&CVT=png'],

  ['rotate-90.jpg', '?FIF=rgb-deflate.tif&ROT=90&WID=160&CVT=jpeg'],
  ['mirror.jpg', '?FIF=rgb-deflate.tif&ROT=!0&WID=160&CVT=jpeg'],
  ['flip.jpg', '?FIF=rgb-deflate.tif&ROT=!180&WID=160&CVT=jpeg'],
  ['rotate-30.png', '?FIF=rgb-deflate.tif&ROT=30&WID=120&CVT=png'],
  ['rotate-30.jpg', '?FIF=rgb-deflate.tif&ROT=30&WID=120&CVT=jpeg'],

  ...['nearest', 'bilinear', 'cubic', 'lanczos'].flatMap((name, number) => [
    [
      `enlarged-${name}.jpg`,
      '?FIF=rgb-deflate.tif&RGN=0.5,0.05,0.02,0.02&WID=160&CVT=jpeg',
      interpolated(number),
    ],
    [
      `reduced-${name}.jpg`,
      '?FIF=rgb-deflate.tif&RGN=0.45,0.05,0.2,0.13&WID=240&CVT=jpeg',
      interpolated(number),
    ],
  ]),

  ['quality-5.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&QLT=5&WID=240&CVT=jpeg'],
  ['quality-95.jpg', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&QLT=95&WID=240&CVT=jpeg'],
  ['quality-5.webp', '?FIF=rgb-deflate.tif&RGN=0.33,0.3,0.25,0.25&QLT=5&WID=240&CVT=webp'],

  ['mark-add.jpg', '?FIF=rgb-deflate.tif&WID=240&CVT=jpeg', MARK],
  ['mark-over.jpg', '?FIF=rgb-deflate.tif&WID=240&CVT=jpeg', { ...MARK, ...OVER }],
  ['mark-add-half.jpg', '?FIF=rgb-deflate.tif&WID=240&CVT=jpeg', { ...MARK, ...HALF }],
  ['mark-over-half.jpg', '?FIF=rgb-deflate.tif&WID=240&CVT=jpeg', { ...MARK, ...OVER, ...HALF }],

  ['lab8.jpg', '?FIF=lab8.tif&WID=160&CVT=jpeg'],
  ['lab16.jpg', '?FIF=lab16.tif&WID=160&CVT=jpeg'],
  ['lab-float.jpg', '?FIF=lab-float.tif&WID=160&CVT=jpeg'],
  ['cmyk.jpg', '?FIF=cmyk.tif&WID=160&CVT=jpeg'],
  ['bit-16.png', '?FIF=grey16.tif&BIT=16&WID=120&CVT=png'],

  ['stack-0.jpg', '?FIF=stack.tif&SDS=0&WID=160&CVT=jpeg'],
  ['stack-1.jpg', '?FIF=stack.tif&SDS=1&WID=160&CVT=jpeg'],
  ['stack-2.jpg', '?FIF=stack.tif&SDS=2&WID=160&CVT=jpeg'],
  ['turn-0-90.jpg', '?FIF=turn&SDS=0,90&WID=160&CVT=jpeg'],
  ['turn-90-90.jpg', '?FIF=turn&SDS=90,90&WID=160&CVT=jpeg'],
  ['turn-90-60.jpg', '?FIF=turn&SDS=90,60&WID=160&CVT=jpeg'],

  ['iiif-square.jpg', '/iiif/rgb-deflate.tif/square/160,/0/default.jpg'],
  ['iiif-region.jpg', '/iiif/rgb-deflate.tif/660,400,500,333/160,/0/default.jpg'],
  ['iiif-distorted.jpg', '/iiif/rgb-deflate.tif/full/160,60/0/default.jpg'],
  ['iiif-mirror.jpg', '/iiif/rgb-deflate.tif/full/160,/!90/default.jpg'],
  ['iiif-rotation.png', '/iiif/rgb-deflate.tif/full/120,/22.5/default.png'],
  ['iiif-gray.jpg', '/iiif/rgb-deflate.tif/full/160,/0/gray.jpg'],
  ['iiif-bitonal.png', '/iiif/rgb-deflate.tif/full/160,/0/bitonal.png'],
  ['iiif-negative.jpg', '/iiif/rgb-deflate.tif/full/160,/0/negative.jpg', { IIIF_EXTENSIONS: '1' }],
  ['iiif-stretch.jpg', '/iiif/bands5-8.tif/full/160,/0/stretch.jpg', { IIIF_EXTENSIONS: '1' }],
  ['iiif-equalization.jpg', '/iiif/rgb-deflate.tif/full/160,/0/equalization.jpg', { IIIF_EXTENSIONS: '1' }],
  ['iiif-log.jpg', '/iiif/rgb-deflate.tif/full/160,/0/log.jpg', { IIIF_EXTENSIONS: '1' }],
  ['iiif-page.jpg', '/iiif/stack.tif;2/full/160,/0/default.jpg', { IIIF_DELIMITER: ';' }],

  ['deepzoom.jpg', '/deepzoom/rgb-deflate.tif_files/8/0_0.jpg'],
].map(([name, url, settings = {}]) => ({ name, url, settings }));

function interpolated(number) {
  return { INTERPOLATION: String(number) };
}

/** Where the server of `npm start` answers; see scripts/start.mjs. */
const STANDING = {
  FILESYSTEM_PREFIX: path.join(root, 'fixtures/images') + path.sep,
  URI_MAP: 'iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify',
};
const ADDRESS = '/fcgi-bin/iipsrv.fcgi';

/** What goes wrong is told; requests are not. */
const quiet = () => {};
const told = (fields, message) => console.error(message, fields);
const LOG = { trace: quiet, debug: quiet, info: quiet, warn: told, error: told };

const MAX_BYTES = 30_000;
const MAX_TOTAL_BYTES = 1_500_000;

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

async function main() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      built: { type: 'string', default: path.join(root, '.build', 'src') },
      folder: { type: 'string', default: path.join(root, 'docs/pictures') },
    },
  });
  const built = path.resolve(values.built);
  const folder = path.resolve(values.folder);
  // Settings name files from here.
  process.chdir(root);
  const pictures = await askAll(built);
  const complaints = [...sizeComplaints(pictures), ...unusedFiles(folder)];
  if (values.check) {
    for (const picture of pictures) complaints.push(...(await differences(picture, folder)));
  } else {
    mkdirSync(folder, { recursive: true });
    for (const { name, bytes } of pictures) writeFileSync(path.join(folder, name), bytes);
  }
  if (complaints.length === 0) return;
  console.error(complaints.join('\n'));
  process.exitCode = 1;
}

/** Every picture of the list with its bytes, from one server for each group of settings. */
async function askAll(built) {
  const load = (name) => import(pathToFileURL(path.join(built, name)).href);
  const modules = [load('config/read-config.js'), load('image-server.js'), load('server/request.js')];
  const [{ readConfig }, { createImageServer }, { makeRequest }] = await Promise.all(modules);
  // The threads of a server that listens nowhere keep nothing alive.
  const alive = setInterval(() => {}, 60_000);
  const pictures = [];
  for (const [settings, group] of groupBySettings()) {
    const env = { ...STANDING, ...JSON.parse(settings) };
    const { config, warnings } = readConfig(env, { cpus: 1, avifCodecs: [] });
    if (warnings.length > 0) throw new Error(warnings.map(({ message }) => message).join('\n'));
    const server = await createImageServer(config, LOG, '0');
    for (const { name, url } of group) {
      const request = makeRequest({ uri: url.startsWith('?') ? ADDRESS + url : url });
      const { status, body } = await server.respond(request, new AbortController().signal);
      if (status !== 200) throw new Error(`${url} is answered ${status}: ${Buffer.from(body)}`);
      pictures.push({ name, bytes: body });
    }
    await server.stop();
  }
  clearInterval(alive);
  return pictures;
}

function groupBySettings() {
  const groups = new Map();
  for (const picture of PICTURES) {
    const key = JSON.stringify(picture.settings);
    groups.set(key, [...(groups.get(key) ?? []), picture]);
  }
  return groups;
}

function sizeComplaints(pictures) {
  const complaints = pictures
    .filter(({ bytes }) => bytes.length > MAX_BYTES)
    .map(({ name, bytes }) => `${name} has ${bytes.length} bytes, over ${MAX_BYTES}`);
  const total = pictures.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return total > MAX_TOTAL_BYTES
    ? [...complaints, `${total} bytes together, over ${MAX_TOTAL_BYTES}`]
    : complaints;
}

/** Files that no picture of the list is or is made with. */
function unusedFiles(folder) {
  if (!existsSync(folder)) return [];
  const settings = PICTURES.flatMap((picture) => Object.values(picture.settings));
  const used = new Set([
    ...PICTURES.map(({ name }) => name),
    ...settings.map((value) => path.basename(value)),
  ]);
  return readdirSync(folder)
    .filter((name) => !used.has(name))
    .map((name) => `${name} is not used`);
}

/** What is wrong with the file of a picture; nothing is when both show the same as nearly as rounding allows. */
async function differences({ name, bytes }, folder) {
  const file = path.join(folder, name);
  if (!existsSync(file)) return [`${name} is missing`];
  const [made, kept] = [await decode(bytes), await decode(readFileSync(file))];
  if (made.shape !== kept.shape) return [`${name}: ${made.shape} is made, ${kept.shape} is there`];
  const { largest, psnr } = compare(made.data, kept.data);
  const isLossless = name.endsWith('.png');
  const isAlike = isLossless ? largest <= 2 : psnr >= 40;
  return isAlike ? [] : [`${name} differs by ${largest}, PSNR ${psnr.toFixed(1)} dB`];
}

async function decode(bytes) {
  const { format, depth } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, shape: `${format} ${info.width}x${info.height}, ${info.channels} bands, ${depth}` };
}

function compare(one, other) {
  let [largest, squares] = [0, 0];
  for (let i = 0; i < one.length; i++) {
    const distance = Math.abs(one[i] - other[i]);
    largest = Math.max(largest, distance);
    squares += distance * distance;
  }
  return { largest, psnr: squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * one.length) / squares) };
}
