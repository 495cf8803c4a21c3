// Makes fixtures/images/jp2/ with opj_compress, and ojph_compress for Part 15: one small file for each way in which a
// codestream can be organized. Arguments: the folder, and words of the names that are made (all).
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const WIDTH = 150;
const HEIGHT = 117;

/** Gradients, disks and some noise, another one for each band; the same at every run. */
function scene(bands, bits, step = 1) {
  const [width, height] = [Math.ceil(WIDTH / step), Math.ceil(HEIGHT / step)];
  const max = 2 ** bits - 1;
  let seed = 12345 + bands;
  const noise = () => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31 - 0.5) * 0.04;
  return (band) =>
    Array.from({ length: width * height }, (_, i) => {
      const x = ((i % width) * step) / WIDTH;
      const y = (Math.floor(i / width) * step) / HEIGHT;
      const disk = Math.hypot(x - 0.3 - 0.1 * band, y - 0.5) < 0.2 ? 0.35 : 0;
      const value = 0.15 + 0.5 * (band % 2 === 0 ? x : 1 - y) * y + disk + noise();
      return Math.round(Math.min(Math.max(value, 0), 1) * max);
    });
}

/** Samples band after band, two bytes above 8 bits, highest first. */
function rawBytes(bands, bits, steps) {
  const parts = steps.map((step, band) => {
    const samples = scene(bands, bits, step)(band);
    if (bits <= 8) return Buffer.from(samples);
    const bytes = Buffer.alloc(samples.length * 2);
    samples.forEach((sample, i) => bytes.writeUInt16BE(sample, i * 2));
    return bytes;
  });
  return Buffer.concat(parts);
}

/** Name, bands, bits, options; `steps` are the sampling of the bands. */
const FIXTURES = [
  ['tiled.jp2', 3, 8, '-t 64,64 -n 4 -r 8,2 -I -TLM'],
  ['tiled-lossless.j2k', 3, 8, '-t 50,40 -n 3 -PLT'],
  ['lrcp.j2k', 3, 8, '-p LRCP -c [32,32],[16,16] -b 16,16 -n 4 -r 20,6,1'],
  ['rlcp-plt.j2k', 3, 8, '-p RLCP -c [32,32],[16,16] -b 16,16 -n 4 -r 20,6,1 -PLT'],
  ['rpcl-plt.jp2', 3, 8, '-p RPCL -c [64,64],[32,32] -b 16,16 -n 4 -r 20,6,1 -PLT -TLM'],
  ['pcrl-sop-eph.j2k', 3, 8, '-p PCRL -c [32,64],[16,32] -b 16,8 -n 4 -r 20,6 -I -SOP -EPH'],
  ['cprl-sop-eph-plt.j2k', 3, 8, '-p CPRL -c [64,32],[32,16] -b 8,16 -n 4 -r 20,6,1 -SOP -EPH -PLT'],
  ['tile-parts.j2k', 3, 8, '-p RLCP -t 80,64 -n 4 -r 20,6,1 -TP R'],
  ['poc.j2k', 3, 8, '-n 4 -POC T1=0,0,1,2,3,RLCP/T1=2,0,1,4,3,CPRL'],
  ['offsets.j2k', 3, 8, '-d 37,21 -T 5,3 -t 61,43 -n 4 -I -r 6,2'],
  ['subsampled.j2k', 3, 8, '-n 4', [1, 2, 2]],
  ['subsampled-four.j2k', 4, 8, '-n 4 -t 64,64', [1, 2, 2, 1]],
  ['one-band-12.j2k', 1, 12, '-n 5 -t 64,64'],
  ['two-bands.jp2', 2, 8, '-n 3 -I -r 3'],
  ['rgb16.j2k', 3, 16, '-n 4 -p RPCL -PLT -t 96,96'],
  ['rgb16-lossy.j2k', 3, 16, '-n 4 -I -r 8'],
  ['four-bands.jp2', 4, 8, '-n 4 -p RPCL -c [64,64]'],
  ['five-bands.j2k', 5, 8, '-n 4 -t 64,64 -p PCRL -r 3,1'],
  ['bypass.j2k', 1, 8, '-n 3 -M 1 -r 4,1'],
  ['terminated.j2k', 1, 8, '-n 3 -M 4 -r 4,1'],
  ['all-styles.j2k', 1, 8, '-n 3 -M 63 -r 4,1'],
  ['causal-reset-segmentation.j2k', 1, 8, '-n 3 -M 42 -I -r 3'],
  ['roi.j2k', 1, 8, '-n 3 -ROI c=0,U=4'],
  ['no-levels.j2k', 1, 8, '-n 1'],
];

/** High throughput (ISO/IEC 15444-15): name, bands, bits, options. */
const HIGH_THROUGHPUT = [
  ['ht-lossless.j2k', 3, 8, '-reversible true -num_decomps 3 -block_size {32,32} -precincts {32,32},{64,64}'],
  [
    'ht-lossy-tiled.j2k',
    3,
    8,
    '-qstep 0.01 -num_decomps 3 -tile_size {64,50} -image_offset {5,3} -prog_order CPRL',
  ],
  ['ht-16.j2k', 1, 16, '-reversible true -num_decomps 4 -block_size {16,64} -prog_order LRCP'],
];

const [target = 'fixtures/images/jp2', ...words] = process.argv.slice(2);
const out = path.resolve(target);
const folder = mkdtempSync(path.join(tmpdir(), 'iipsrv-jp2-'));
const isWanted = ([name]) => words.length === 0 || words.some((word) => name.includes(word));
mkdirSync(out, { recursive: true });

function make(name, command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) console.error(name, error?.message ?? `${stdout}${stderr}`);
}

for (const [name, bands, bits, options, steps = Array(bands).fill(1)] of FIXTURES.filter(isWanted)) {
  const raw = path.join(folder, 'scene.raw');
  writeFileSync(raw, rawBytes(bands, bits, steps));
  const sampling = steps.map((step) => `${step}x${step}`).join(':');
  const format = `${WIDTH},${HEIGHT},${bands},${bits},u@${sampling}`;
  make(name, 'opj_compress', ['-i', raw, '-o', path.join(out, name), '-F', format, ...options.split(' ')]);
}
for (const [name, bands, bits, options] of HIGH_THROUGHPUT.filter(isWanted)) {
  const netpbm = path.join(folder, bands === 1 ? 'scene.pgm' : 'scene.ppm');
  const header = Buffer.from(`${bands === 1 ? 'P5' : 'P6'}\n${WIDTH} ${HEIGHT}\n${2 ** bits - 1}\n`);
  writeFileSync(
    netpbm,
    Buffer.concat([header, interleaved(rawBytes(bands, bits, Array(bands).fill(1)), bands)]),
  );
  make(name, 'ojph_compress', ['-i', netpbm, '-o', path.join(out, name), ...options.split(' ')]);
}
rmSync(folder, { recursive: true });

/** Bytes of bands one after the other to pixels; one band stays as it is. */
function interleaved(bytes, bands) {
  const count = bytes.length / bands;
  return bands === 1
    ? bytes
    : Buffer.from(bytes.map((_, i) => bytes[(i % bands) * count + Math.floor(i / bands)]));
}
