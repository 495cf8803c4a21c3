/** `npm run bench`: image servers compared, side by side, in one run. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir, type } from 'node:os';
import path from 'node:path';
import { linkSessionImages } from './images/link-sessions.ts';
import { makeImages } from './images/make-images.ts';
import type { ImageName } from './images/recipes.ts';
import { Generator } from './load/generator-process.ts';
import { measureHeadroom, type Headroom } from './measure/headroom.ts';
import { profile } from './measure/profile.ts';
import type { Row } from './measure/row.ts';
import { imagesOf, runSuite, type Bench } from './measure/run-suite.ts';
import { measureScale } from './measure/scale.ts';
import { measureOnce, ONCE_IMAGES, onceTables, type Once } from './once.ts';
import { measureStartUps, type StartUp } from './measure/start-up.ts';
import { HELP, parseOptions, type Options, type Part } from './options.ts';
import { withPart } from './report/document.ts';
import { digits } from './report/format.ts';
import { rowLine } from './report/row-line.ts';
import { headroomTable, pixelTables, requestTables, startUpTable } from './report/tables.ts';
import type { Contender } from './servers/contender.ts';
import { findDebianPeer } from './servers/debian-peer.ts';
import { PIXELS } from './workloads/pixels.ts';
import { quickly, selected, without } from './workloads/select.ts';
import { SCALED, TILES } from './workloads/tiles.ts';
import type { Suite } from './workloads/workload.ts';

const DOCUMENT = 'docs/performance.md';

/** Changes with the recipes, so that no old picture is taken for a new one. */
const IMAGES_FOLDER = '.build/bench/images-2';

/** Standard output belongs to `--json`. */
const tell = (line: string): void => console.error(line);

const SUITES: Readonly<Partial<Record<Part, Suite>>> = {
  pixels: PIXELS,
  tiles: TILES,
  scale: SCALED,
};

/** What one run found. */
interface Findings {
  readonly machine: string;
  headroom?: readonly Headroom[];
  start?: readonly StartUp[];
  once?: Once;
  readonly rows: Row[];
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const suites = options.parts
    .flatMap((part) => SUITES[part] ?? [])
    .map((suite) => selected(options.quick ? quickly(suite) : suite, options));
  switch (options.does) {
    case 'help':
      return console.log(HELP);
    case 'list':
      return list(suites);
    case 'profile':
      return withBench(options, suites, profileAll);
    case 'measure':
      return withBench(options, suites, async (bench, possible) =>
        publish(await measureAll(bench, options, possible), options),
      );
  }
}

function list(suites: readonly Suite[]): void {
  for (const { name, workloads } of suites) {
    for (const { group, name: row, pressures } of workloads) {
      const clients = pressures
        .map(
          ({ clients, keepAlive, cold }) =>
            `${clients}${keepAlive ? ' kept' : ''}${cold === true ? ' cold' : ''}`,
        )
        .join(', ');
      console.log(`${name}: ${group}: ${row}: ${clients}`);
    }
  }
}

async function withBench(
  options: Options,
  suites: readonly Suite[],
  use: (bench: Bench, possible: readonly Suite[]) => Promise<void>,
): Promise<void> {
  const imagesFolder = path.resolve(options.images ?? IMAGES_FOLDER);
  const names = new Set<ImageName>(suites.flatMap(imagesOf));
  for (const part of options.parts) for (const name of ONCE_IMAGES[part] ?? []) names.add(name);
  const lacking = await makeImages(names, imagesFolder, tell);
  if (options.parts.includes('sessions')) await linkSessionImages(imagesFolder);
  const { rounds, seconds, warmUpSeconds, seed, waitSeconds, quick, transport } = options;
  const generator = new Generator();
  const folder = await mkdtemp(path.join(tmpdir(), 'iipsrv-bench-'));
  try {
    const ours: Contender = {
      name: 'ours',
      command: options.server ?? `${process.execPath} dist/main.js`,
      environment: {},
    };
    const effort = { rounds, seconds, warmUpSeconds, seed, waitSeconds, quick };
    const peer = peerOf(options);
    await use(
      { ours, peer, transport, imagesFolder, folder, generator, effort },
      suites.map((suite) => without(suite, lacking)),
    );
  } finally {
    generator.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function peerOf({ peer }: Options): Contender | undefined {
  switch (peer.kind) {
    case 'none':
      return undefined;
    case 'debian':
      return findDebianPeer(tell);
    case 'command':
      return { name: 'peer', command: peer.command, environment: {} };
  }
}

async function measureAll(bench: Bench, options: Options, suites: readonly Suite[]): Promise<Findings> {
  const { parts, rounds, seconds, transport } = options;
  const peer = bench.peer === undefined ? 'no peer' : `peer ${bench.peer.name}`;
  const machine = `${availableParallelism()} cores, ${type()}, Node.js ${process.versions.node}, ${peer}, ${transport === 'unix' ? 'UNIX' : 'TCP'} sockets, ${rounds} rounds of ${seconds} s a row and server.`;
  const findings: Findings = { machine, rows: [] };
  tell(machine);
  if (parts.includes('headroom')) {
    const headroom = await measureHeadroom(bench, tell);
    if (headroom !== undefined) findings.headroom = headroom;
  }
  if (parts.includes('start')) findings.start = await measureStartUps(bench);
  if (findings.headroom !== undefined) tell(headroomTable(findings.headroom));
  if (findings.start !== undefined) tell(startUpTable(findings.start));
  await writeTables(findings, options);
  findings.once = await measureOnce(bench, options, tell);
  await writeTables(findings, options);
  for (const suite of suites) {
    const rows = suite.name === SCALED.name ? measureScale(suite, bench, tell) : runSuite(suite, bench);
    for await (const row of rows) {
      tell(rowLine(row));
      findings.rows.push(row);
    }
    await writeTables(findings, options);
  }
  return findings;
}

async function profileAll(bench: Bench, suites: readonly Suite[]): Promise<void> {
  for (const workload of suites.flatMap(({ workloads }) => workloads)) {
    for (const pressure of workload.pressures) {
      console.log(`\n${workload.group}: ${workload.name}, ${pressure.clients} clients`);
      const heat = await profile(bench, workload, pressure);
      for (const { where, share } of heat.slice(0, 10))
        console.log(`${digits(share * 100).padStart(6)} %  ${where}`);
    }
  }
}

function publish(findings: Findings, { json }: Options): void {
  if (json) console.log(JSON.stringify(findings, null, 1));
}

/** After each part, as some take an hour: the tables of what has been measured so far. */
async function writeTables(findings: Findings, { write, parts }: Options): Promise<void> {
  if (!write) return;
  const { machine, headroom, start, once = {}, rows } = findings;
  const rowsOf = (part: Part): Row[] => rows.filter(({ suite }) => suite === part);
  const contents: Readonly<Partial<Record<Part, string | undefined>>> = {
    headroom: headroom === undefined ? undefined : headroomTable(headroom),
    start: start === undefined ? undefined : startUpTable(start),
    pixels: rowsOf('pixels').length === 0 ? undefined : pixelTables(rowsOf('pixels')),
    tiles: rowsOf('tiles').length === 0 ? undefined : requestTables(rowsOf('tiles')),
    scale: rowsOf('scale').length === 0 ? undefined : requestTables(rowsOf('scale')),
    ...onceTables(once),
  };
  let document = await readFile(DOCUMENT, 'utf8');
  for (const part of parts) {
    const content = contents[part];
    if (content !== undefined) document = withPart(document, part, `${machine}\n\n${content}`);
  }
  await writeFile(DOCUMENT, document);
  tell(`wrote ${DOCUMENT}`);
}

await main();
