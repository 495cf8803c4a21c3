import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../src/config/read-config.ts';
import { FORMAT_NAMES } from '../../src/encode/formats.ts';
import { COLORMAP_NAMES } from '../../src/processing/colormap-tables.ts';
import { namedKernel } from '../../src/processing/convolve.ts';
import { EXTRA_QUALITIES, FORMATS, QUALITIES } from '../../src/protocols/iiif/image-request.ts';
import { COMMANDS } from '../../src/protocols/iip/commands.ts';
import { OBJECTS } from '../../src/protocols/iip/objects.ts';
import { planRegion, type PictureWish } from '../../src/render/plan-picture.ts';
import { bandsKept } from '../../src/render/order-steps.ts';
import { type Processing } from '../../src/render/steps.ts';
import { headerValue } from '../../src/server/response.ts';
import { imageInfo } from '../support/image-info.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { bodyOf, DocumentServer, matches, VERSION } from './document-server.ts';
import { examplesOf, SETTING_NAMES, spansIn, type Settings } from './examples.ts';

const text = readFileSync(path.resolve('docs/protocols.md'), 'utf8');
const SCRIPT = path.resolve('scripts/generate-pictures.mjs');
const PICTURE_FOLDER = path.resolve('docs/pictures');

interface Picture {
  readonly name: string;
  readonly url: string;
  readonly settings: Settings;
}

// The script is no TypeScript; this is what its list holds.
const { PICTURES } = (await import(pathToFileURL(SCRIPT).href)) as { PICTURES: readonly Picture[] };

/** Cells of the rows of all tables. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

const firstCells = rows.map(([cell = '']) => cell);
const shownPictures = [...text.matchAll(/\]\(pictures\/([^)]+)\)/g)].map(([, name = '']) => name);
const examples = examplesOf(text);

describe('docs/protocols.md', () => {
  const server = new DocumentServer();
  after(() => server.stop());

  it('has examples that are answered as it says', async () => {
    assert.ok(examples.length >= 150, `${examples.length} examples`);
    assert.ok(examples.some(({ status }) => status === 404));
    assert.ok(examples.some(({ body }) => body !== ''));
    assert.ok(examples.some(({ headers }) => headers.length > 0));
    const complaints: string[] = [];
    for (const example of examples) complaints.push(await server.complaintOf(example));
    assert.deepEqual(
      complaints.filter((complaint) => complaint !== ''),
      [],
    );
  });

  it('tells what objects answer', async () => {
    const objectRows = rows.filter(
      ([, file = '', ...rest]) => /^`([^`]+\.tif|turn)`$/.test(file) && rest.length === 1,
    );
    assert.ok(objectRows.length >= 25, `${objectRows.length} rows`);
    for (const [object = '', file = '', answer = ''] of objectRows) {
      const response = await server.ask(`?FIF=${spansIn(file)[0]}&OBJ=${spansIn(object)[0]}`);
      const told = answer.startsWith('nothing;') ? '' : spansIn(answer).join('\n');
      assert.ok(matches(bodyOf(response), told), `${object} of ${file}: ${bodyOf(response)}`);
    }
    assert.equal(headerValue(await server.ask('?FIF=tiny.tif&OBJ=IIP,1.0'), 'IIP'), VERSION);
  });

  it('tells which info.json a client gets', async () => {
    const accepting = rows.filter(([header = '']) => header.startsWith('`Accept: '));
    assert.equal(accepting.length, 5);
    for (const [header = '', contentType = ''] of accepting) {
      const accept = header.slice('`Accept: '.length, -1);
      const response = await server.ask('/iiif/tiny.tif/info.json', {}, { accept });
      assert.equal(headerValue(response, 'Content-Type'), spansIn(contentType)[0], accept);
    }
  });

  it('shows every picture of the list, beside its URL and its settings', () => {
    const urls = new Set(examples.map(({ url }) => url));
    const spans = new Set(spansIn(text));
    for (const { name, url, settings } of PICTURES) {
      assert.ok(shownPictures.includes(name), `${name} is not shown`);
      assert.ok(urls.has(url), `${url} is no example`);
      for (const [key, value] of Object.entries(settings))
        assert.ok(spans.has(`${key}=${value}`), `${key}=${value}`);
    }
  });

  it('shows no picture that is missing or not made by the list', () => {
    const made = new Set([...PICTURES.map(({ name }) => name), 'mark.svg']);
    for (const name of shownPictures) {
      assert.ok(made.has(name), `${name} is not made`);
      assert.ok(existsSync(path.join(PICTURE_FOLDER, name)), `${name} is missing`);
    }
  });

  it('has pictures as the server makes them; run node scripts/generate-pictures.mjs', () => {
    const { status, stderr } = checkPictures();
    assert.equal(status, 0, stderr);
  });

  it('has a row for every command, and names none that is not there', () => {
    for (const name of Object.keys(COMMANDS)) {
      assert.ok(
        firstCells.some((cell) => cell.startsWith(`\`${name}=`)),
        name,
      );
    }
    const others = ['IIIF', 'NAME'];
    for (const [, name = ''] of text.matchAll(/`([A-Z_]+)=[^`]*`/g)) {
      const isKnown = Object.hasOwn(COMMANDS, name) || SETTING_NAMES.has(name) || others.includes(name);
      assert.ok(isKnown, name);
    }
  });

  it('names every object', () => {
    const named = new Set(spansIn(text).map((span) => (span.split(',', 1)[0] ?? '').toLowerCase()));
    for (const name of [...Object.keys(OBJECTS), 'histogram']) assert.ok(named.has(name), name);
  });

  it('shows every color map and every kernel with its weights', () => {
    for (const name of COLORMAP_NAMES) assert.ok(shownPictures.includes(`colormap-${name}.jpg`), name);
    const kernelRows = rows.filter(([, , picture = '']) => picture.includes('(pictures/convolve-'));
    assert.equal(kernelRows.length, 8);
    for (const [name = '', weights = '', picture = ''] of kernelRows.filter(([first]) => first !== 'own')) {
      const kernel = spansIn(name)[0] ?? '';
      assert.ok(picture.includes(`convolve-${kernel}.jpg`), kernel);
      assert.deepEqual(spansIn(weights)[0]?.split(/,? /).map(Number), namedKernel(kernel));
    }
  });

  it('has a row with an example for every quality and format of IIIF', () => {
    for (const quality of [...QUALITIES, ...EXTRA_QUALITIES]) {
      assert.ok(
        rows.some(([cell, , row = '']) => cell === `\`${quality}\`` && row.includes(`/0/${quality}.`)),
        quality,
      );
    }
    for (const [extension, format] of Object.entries(FORMATS)) {
      const row = rows.find(
        ([cell, , example = '']) => cell === `\`${extension}\`` && example.includes('/iiif/'),
      );
      assert.equal(row?.[1], `\`${FORMAT_NAMES[format].contentType}\``);
      assert.ok(row?.[2]?.includes(`default.${extension}`), extension);
    }
  });

  it('has the steps in the order in which they run', () => {
    const kinds = [...new Set(PLANS.flatMap(stepsOf))];
    const written = firstCells.map((cell) => spansIn(cell)[0] ?? '').filter((name) => kinds.includes(name));
    const steps = written.slice(written.indexOf('cielab-to-srgb'));
    const order = steps.slice(0, steps.indexOf('watermark') + 1);
    assert.deepEqual([...order].sort(), [...kinds].sort());
    for (const plan of PLANS)
      assert.deepEqual(
        stepsOf(plan),
        order.filter((kind) => stepsOf(plan).includes(kind)),
      );
  });

  it('has the bands that formats keep', () => {
    const kept = rows.filter(([bands = '']) => /^(\d|more)$/.test(bands));
    assert.equal(kept.length, 5);
    for (const [bands, jpeg, png, tiff] of kept) {
      const count = bands === 'more' ? 5 : Number(bands);
      const all = bands === 'more' ? 'all' : String(bandsKept('tiff', count));
      assert.deepEqual(
        [jpeg, png, tiff],
        [String(bandsKept('jpeg', count)), String(bandsKept('png', count)), all],
      );
      assert.equal(bandsKept('gif', count), bandsKept('jpeg', count));
      assert.deepEqual([bandsKept('webp', count), bandsKept('avif', count)], [Number(png), Number(png)]);
    }
  });

  it('links to what is there', () => {
    const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)];
    assert.ok(links.length > 100);
    for (const [link, file = '', anchor] of links) {
      const target = file === '' ? path.resolve('docs/protocols.md') : path.resolve('docs', file);
      assert.ok(existsSync(target), link);
      if (anchor !== undefined) assert.ok(anchorsOf(readFileSync(target, 'utf8')).includes(anchor), link);
    }
  });
});

describe('scripts/generate-pictures.mjs', () => {
  it('finds a picture that differs, one that is missing and a file that is not used', async (test) => {
    const folder = await tempFolder(scopeOf(test));
    cpSync(PICTURE_FOLDER, folder, { recursive: true });
    copyFileSync(path.join(PICTURE_FOLDER, 'gamma-2.jpg'), path.join(folder, 'gamma-0.5.jpg'));
    renameSync(path.join(folder, 'invert.jpg'), path.join(folder, 'stray.jpg'));
    const { status, stderr } = checkPictures('--folder', folder);
    assert.equal(status, 1);
    assert.match(stderr, /^stray\.jpg is not used\ngamma-0\.5\.jpg differs by .*\ninvert\.jpg is missing\n$/);
  });
});

function checkPictures(...options: readonly string[]): {
  readonly status: number | null;
  readonly stderr: string;
} {
  const built = path.resolve(import.meta.dirname, '../../src');
  const run = [SCRIPT, '--check', '--built', built, ...options];
  return spawnSync(process.execPath, run, { encoding: 'utf8' });
}

/** The names that headings get on GitHub. */
function anchorsOf(markdown: string): readonly string[] {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'));
}

/* Plans that have every step between them. */

const EVERYTHING: Processing = {
  ranges: [],
  contrast: { kind: 'factor', factor: 2 },
  curve: { kind: 'logarithm' },
  shade: { horizontal: 0, vertical: 0 },
  twist: [[1], [1], [1]],
  invert: true,
  colormap: 'jet',
  convolution: [1],
  color: 'binary',
  mirror: true,
  rotation: 30,
};
const EQUALIZED: Processing = {
  ranges: [],
  contrast: { kind: 'equalize' },
  invert: false,
  mirror: true,
  rotation: 90,
};

const PLANS: readonly Pick<PictureWish, 'info' | 'processing'>[] = [
  { info: imageInfo({ bands: 5, colorSpace: 'multiband', bitsPerSample: 16 }), processing: EVERYTHING },
  { info: imageInfo({ bands: 3, colorSpace: 'cielab' }), processing: EVERYTHING },
  {
    info: imageInfo({ bands: 5, colorSpace: 'cmyk', bitsPerSample: 16 }),
    processing: { ...EQUALIZED, color: 'binary' },
  },
];

function stepsOf({ info, processing }: Pick<PictureWish, 'info' | 'processing'>): readonly string[] {
  const { config } = readConfig({ WATERMARK: 'mark.png' }, { cpus: 1, avifCodecs: [] });
  const source = { path: 'a.tif', identity: { size: 1, mtimeMs: 1, inode: 1 }, page: 0 };
  const wish = {
    info,
    processing,
    source,
    encoding: { format: 'jpeg', quality: 75 },
    isQualityAsked: false,
  } as const;
  const plan = planRegion(
    wish,
    { x: 0, y: 0, width: 2000, height: 1333 },
    { width: 300, height: 200 },
    config,
  );
  return (plan.kind === 'copy' ? plan.otherwise : plan).steps.map(({ kind }) => kind);
}
