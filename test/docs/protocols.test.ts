import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../src/config/read-config.ts';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';
import { FORMAT_NAMES } from '../../src/encode/formats.ts';
import { createImageServer, type ImageServer } from '../../src/image-server.ts';
import { COLORMAP_NAMES } from '../../src/processing/colormap-tables.ts';
import { namedKernel } from '../../src/processing/convolve.ts';
import { EXTRA_QUALITIES, FORMATS, QUALITIES } from '../../src/protocols/iiif/image-request.ts';
import { COMMANDS } from '../../src/protocols/iip/commands.ts';
import { OBJECTS } from '../../src/protocols/iip/objects.ts';
import { planRegion, type PictureWish } from '../../src/render/plan-picture.ts';
import { bandsKept, type Processing } from '../../src/render/steps.ts';
import { makeRequest, type Request } from '../../src/server/request.ts';
import { headerValue, type Response } from '../../src/server/response.ts';
import { imageInfo } from '../support/image-info.ts';
import { memoryLog } from '../support/log.ts';

const text = readFileSync(path.resolve('docs/protocols.md'), 'utf8');
const SCRIPT = path.resolve('scripts/generate-pictures.mjs');

interface Picture {
  readonly name: string;
  readonly url: string;
  readonly settings: Readonly<Record<string, string>>;
}

// The script is no TypeScript; this is what its list holds.
const { PICTURES } = (await import(pathToFileURL(SCRIPT).href)) as { PICTURES: readonly Picture[] };

/** What `npm start` sets. */
const STANDING = {
  FILESYSTEM_PREFIX: path.resolve('fixtures/images') + path.sep,
  URI_MAP: 'iiif=>IIIF,deepzoom=>DeepZoom,zoomify=>Zoomify',
  CORS: '*',
};
const HOST = '127.0.0.1:8080';

// -- Reading the document

type Settings = Readonly<Record<string, string>>;

interface Example {
  readonly url: string;
  readonly status: number;
  readonly settings: Settings;
  /** Lines of the answer; `< ` before a header. Empty: nothing is said of it. */
  readonly answer: readonly string[];
}

const SETTING_NAMES: ReadonlySet<string> = new Set(SETTINGS.flatMap((name) => variableOf(name).names));

/** A code span with what follows it up to the next one. */
const SPAN = /`([^`\n]+)`([^`]*)/g;
const STATUS = /^ → (\d{3})/;

/** Paragraphs, lists and fences; rows of tables and items of lists by themselves. */
function blocksOf(markdown: string): readonly string[] {
  const fences = markdown.split(/^(```[^]*?^```)$/m);
  return fences.flatMap((part) =>
    part.startsWith('```') ? [part] : part.split(/\n\n+|\n(?=\||- |\d+\. )/).filter((block) => block.trim() !== ''),
  );
}

function examplesOf(markdown: string): readonly Example[] {
  let last: Settings = {};
  return blocksOf(markdown).flatMap((block) => {
    const found = block.startsWith('```') ? fenceExamples(block, last) : spanExamples(block);
    last = settingsOf([...block.matchAll(SPAN)].map(([, span = '']) => span));
    return found;
  });
}

function settingsOf(spans: readonly string[]): Settings {
  const pairs = spans.map((span) => [span.slice(0, span.indexOf('=')), span.slice(span.indexOf('=') + 1)] as const);
  return Object.fromEntries(pairs.filter(([name]) => SETTING_NAMES.has(name)));
}

/** In text settings hold for the examples that follow them. */
function spanExamples(block: string): readonly Example[] {
  const spans = [...block.matchAll(SPAN)];
  return spans.flatMap(([, url = '', rest = ''], at) => {
    if (!/^[?/]./.test(url)) return [];
    const settings = settingsOf(spans.slice(0, at).map(([, span = '']) => span));
    return [{ url, status: Number(STATUS.exec(rest)?.[1] ?? 200), settings, answer: [] }];
  });
}

/** A fence has a list of examples, or one example and its answer. */
function fenceExamples(fence: string, settings: Settings): readonly Example[] {
  const lines = fence.split('\n').slice(1, -1);
  const isExample = (line: string): boolean => /^[?/]./.test(line);
  const answer = lines.filter((line) => !isExample(line));
  const examples = lines.filter(isExample);
  assert.ok(answer.length === 0 || examples.length < 2, `whose answer is it?\n${fence}`);
  return examples.map((line) => {
    const [url = '', status] = line.split(' → ');
    return { url, status: Number(status ?? 200), settings, answer };
  });
}

/** Cells of the rows of all tables. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(1, -1).split('|').map((cell) => cell.trim())); // prettier-ignore

const spansIn = (markdown: string): readonly string[] => [...markdown.matchAll(SPAN)].map(([, span = '']) => span);
const firstCells = rows.map(([cell = '']) => cell);
const shownPictures = [...text.matchAll(/\]\(pictures\/([^)]+)\)/g)].map(([, name = '']) => name);
const examples = examplesOf(text);

// -- Asking the server

const servers = new Map<string, Promise<ImageServer>>();
let alive: NodeJS.Timeout | undefined;

function serverWith(settings: Settings): Promise<ImageServer> {
  const key = JSON.stringify(settings);
  const made = servers.get(key) ?? startServer(settings);
  servers.set(key, made);
  return made;
}

function startServer(settings: Settings): Promise<ImageServer> {
  const { config, warnings, errors } = readConfig({ ...STANDING, ...settings }, { cpus: 1, avifCodecs: [] });
  assert.deepEqual([warnings, errors], [[], []]);
  return createImageServer(config, memoryLog(), '1.2.3');
}

async function ask(url: string, settings: Settings = {}, parts: Partial<Request> = {}): Promise<Response> {
  const uri = url.startsWith('?') ? `/fcgi-bin/iipsrv.fcgi${url}` : url;
  const server = await serverWith(settings);
  return server.respond(makeRequest({ uri, host: HOST, ...parts }), new AbortController().signal);
}

const bodyOf = ({ body }: Response): string => Buffer.from(body).toString();
const squeezed = (words: string): string => words.replace(/\s+/g, ' ').trim();

/** Whether `words` are `pattern`, in which `…` stands for anything; white space is all alike. */
function matches(words: string, pattern: string): boolean {
  const pieces = squeezed(pattern).split('…').map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')); // prettier-ignore
  return new RegExp(`^${pieces.join('[^]*')}$`).test(squeezed(words));
}

/** What is wrong with the answer to an example; empty when it is as the document has it. */
async function complaintOf({ url, status, settings, answer }: Example): Promise<string> {
  const response = await ask(url, settings);
  if (response.status !== status) return `${url} is answered ${response.status}, not ${status}`;
  const headers = answer.filter((line) => line.startsWith('< ')).map((line) => line.slice(2));
  const wrong = headers.find((line) => {
    const [name = '', ...value] = line.split(': ');
    return headerValue(response, name) !== value.join(': ');
  });
  if (wrong !== undefined) return `${url} has no header ${wrong}`;
  const body = answer.filter((line) => !line.startsWith('< ')).join('\n');
  return body === '' || matches(bodyOf(response), body) ? '' : `${url} is answered\n${bodyOf(response)}\nnot\n${body}`;
}

describe('docs/protocols.md', () => {
  before(() => {
    // The threads of a server that listens nowhere keep nothing alive.
    alive = setInterval(() => undefined, 60_000);
  });
  after(async () => {
    clearInterval(alive);
    for (const server of servers.values()) await (await server).stop();
  });

  it('has examples that are answered as it says', async () => {
    assert.ok(examples.length >= 150, `${examples.length} examples`);
    assert.ok(examples.some(({ status }) => status === 404));
    assert.ok(examples.some(({ answer }) => answer.length > 0));
    const complaints: string[] = [];
    for (const example of examples) complaints.push(await complaintOf(example));
    assert.deepEqual(complaints.filter((complaint) => complaint !== ''), []); // prettier-ignore
  });

  it('tells what objects answer', async () => {
    const objectRows = rows.filter(([, file = '', ...rest]) => /^`([^`]+\.tif|turn)`$/.test(file) && rest.length === 1);
    assert.ok(objectRows.length >= 25, `${objectRows.length} rows`);
    for (const [object = '', file = '', answer = ''] of objectRows) {
      const response = await ask(`?FIF=${spansIn(file)[0]}&OBJ=${spansIn(object)[0]}`);
      const told = answer.startsWith('nothing;') ? '' : spansIn(answer).join('\n');
      assert.ok(matches(bodyOf(response), told), `${object} of ${file}: ${bodyOf(response)}`);
    }
    assert.equal(headerValue(await ask('?FIF=tiny.tif&OBJ=IIP,1.0'), 'IIP'), '1.2.3');
  });

  it('tells which info.json a client gets', async () => {
    const accepting = rows.filter(([header = '']) => header.startsWith('`Accept: '));
    assert.equal(accepting.length, 5);
    for (const [header = '', contentType = ''] of accepting) {
      const accept = header.slice('`Accept: '.length, -1);
      const response = await ask('/iiif/tiny.tif/info.json', {}, { accept });
      assert.equal(headerValue(response, 'Content-Type'), spansIn(contentType)[0], accept);
    }
  });

  it('shows every picture of the list, beside its URL and its settings', () => {
    const urls = new Set(examples.map(({ url }) => url));
    const spans = new Set(spansIn(text));
    for (const { name, url, settings } of PICTURES) {
      assert.ok(shownPictures.includes(name), `${name} is not shown`);
      assert.ok(urls.has(url), `${url} is no example`);
      for (const [key, value] of Object.entries(settings)) assert.ok(spans.has(`${key}=${value}`), `${key}=${value}`);
    }
  });

  it('shows no picture that is missing or not made by the list', () => {
    const made = new Set([...PICTURES.map(({ name }) => name), 'mark.svg']);
    for (const name of shownPictures) {
      assert.ok(made.has(name), `${name} is not made`);
      assert.ok(existsSync(path.resolve('docs/pictures', name)), `${name} is missing`);
    }
  });

  it('has pictures as the server makes them; run node scripts/generate-pictures.mjs', () => {
    const built = path.resolve(import.meta.dirname, '../../src');
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--check', '--built', built], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  it('has a row for every command, and names none that is not there', () => {
    for (const name of Object.keys(COMMANDS)) {
      assert.ok(firstCells.some((cell) => cell.startsWith(`\`${name}=`)), name); // prettier-ignore
    }
    const others = ['IIIF', 'DeepZoom', 'Zoomify', 'NAME'];
    for (const [, name = ''] of text.matchAll(/`([A-Za-z_]+)=[^`]*`/g)) {
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
      assert.ok(rows.some(([cell, , row = '']) => cell === `\`${quality}\`` && row.includes(`/0/${quality}.`)), quality); // prettier-ignore
    }
    for (const [extension, format] of Object.entries(FORMATS)) {
      const row = rows.find(([cell, , example = '']) => cell === `\`${extension}\`` && example.includes('/iiif/'));
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
    for (const plan of PLANS) assert.deepEqual(stepsOf(plan), order.filter((kind) => stepsOf(plan).includes(kind))); // prettier-ignore
  });

  it('has the bands that formats keep', () => {
    const kept = rows.filter(([bands = '']) => /^(\d|more)$/.test(bands));
    assert.equal(kept.length, 5);
    for (const [bands, jpeg, png, tiff] of kept) {
      const count = bands === 'more' ? 5 : Number(bands);
      const all = bands === 'more' ? 'all' : String(bandsKept('tiff', count));
      assert.deepEqual([jpeg, png, tiff], [String(bandsKept('jpeg', count)), String(bandsKept('png', count)), all]);
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

/** The names that headings get on GitHub. */
function anchorsOf(markdown: string): readonly string[] {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'));
}

// -- Plans that have every step between them

const ALL: Processing = {
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
const EQUALIZED: Processing = { ranges: [], contrast: { kind: 'equalize' }, invert: false, mirror: true, rotation: 90 };

const PLANS: readonly Pick<PictureWish, 'info' | 'processing'>[] = [
  { info: imageInfo({ bands: 5, colorSpace: 'multiband', bitsPerSample: 16 }), processing: ALL },
  { info: imageInfo({ bands: 3, colorSpace: 'cielab' }), processing: ALL },
  { info: imageInfo({ bands: 5, colorSpace: 'cmyk', bitsPerSample: 16 }), processing: { ...EQUALIZED, color: 'binary' } },
];

function stepsOf({ info, processing }: Pick<PictureWish, 'info' | 'processing'>): readonly string[] {
  const { config } = readConfig({ WATERMARK: 'mark.png' }, { cpus: 1, avifCodecs: [] });
  const source = { path: 'a.tif', identity: { size: 1, mtimeMs: 1, inode: 1 }, page: 0 };
  const wish = { info, processing, source, encoding: { format: 'jpeg', quality: 75 }, isQualityAsked: false } as const;
  const plan = planRegion(wish, { x: 0, y: 0, width: 2000, height: 1333 }, { width: 300, height: 200 }, config);
  return (plan.kind === 'copy' ? plan.otherwise : plan).steps.map(({ kind }) => kind);
}
