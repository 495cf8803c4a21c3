/** `npm run bench -- jp2`: windows out of JPEG 2000 files, both our decoders and opj_decompress, by processor time. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { digits, table } from '../report/format.ts';
import { seededRandom } from '../seeded.ts';
import { NativeDecoder } from '../../../src/image/jp2/native/decoder.ts';
import { measureOpenJpeg, measureReader, WARM_UP, type Measured } from './contenders.ts';
import { pictureFile, PICTURES } from './pictures.ts';

const HELP = `npm run bench -- jp2 [options]

  --side PIXELS   of the pictures (8192; made once, which takes minutes)
  --windows N     windows for each row (12)
  --rounds N      of all, in turn; the median counts (3)
  --only WORDS    pictures whose name contains all these words
  --seed N        of the places (1)`;

const SIZES = [256, 1024];
const REDUCTIONS = [0, 2, 3];
const FOLDER = '.build/bench/jp2';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    side: { type: 'string', default: '8192' },
    windows: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else if (spawnSync('opj_compress', ['-h']).error !== undefined)
  console.error('opj_compress (libopenjp2-tools) is not installed');
else await main();

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-jp2-'));
  const rows = [
    ['picture', 'window', 'r', 'builtin CPU', 'wall', 'native CPU', 'wall', 'OpenJPEG CPU', 'wall', 'CPU ratio', 'KB read'], // prettier-ignore
  ];
  try {
    for (const picture of PICTURES) {
      if (!values.only.split(' ').every((word) => picture.name.includes(word))) continue;
      const file = pictureFile(picture, Number(values.side), FOLDER, (line) => console.error(line));
      for (const size of SIZES)
        for (const reduction of REDUCTIONS) {
          const side = Number(values.side) * picture.scale;
          const [ours, native, theirs] = await compare({ file, side, size, reduction, folder });
          const measured = [ours, native, theirs].flatMap(({ cpuMs, wallMs }) => [cpuMs, wallMs]);
          const numbers = [...measured, ours.cpuMs / theirs.cpuMs];
          const bytes = digits((ours.bytes ?? 0) / 1024);
          rows.push([picture.name, String(size), String(reduction), ...numbers.map(digits), bytes]);
          console.error(rows.at(-1)!.join(' | '));
        }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(table(rows));
}

interface Row {
  readonly file: string;
  readonly side: number;
  readonly size: number;
  readonly reduction: number;
  readonly folder: string;
}

async function compare({
  file,
  side,
  size,
  reduction,
  folder,
}: Row): Promise<[Measured, Measured, Measured]> {
  const random = seededRandom(Number(values.seed));
  const reduced = Math.ceil(side / 2 ** reduction);
  const width = Math.min(size, reduced);
  const places = Math.max(1, Math.floor(reduced / width));
  const windows = Array.from({ length: Number(values.windows) + WARM_UP }, () => {
    const [x, y] = [Math.floor(random() * places) * width, Math.floor(random() * places) * width];
    return { x, y, width, height: width };
  });
  const ours: Measured[] = [];
  const natives: Measured[] = [];
  const theirs: Measured[] = [];
  const decoder = new NativeDecoder();
  for (let round = 0; round < Number(values.rounds); round++) {
    ours.push(await measureReader({ file, side, reduction, windows }));
    natives.push(await measureReader({ file, side, reduction, windows }, decoder));
    theirs.push(measureOpenJpeg({ file, side, reduction, windows: windows.slice(WARM_UP) }, folder));
  }
  decoder.stop();
  return [median(ours), median(natives), median(theirs)];
}

function median(all: readonly Measured[]): Measured {
  return all.toSorted((a, b) => a.cpuMs - b.cpuMs)[Math.floor(all.length / 2)]!;
}
