import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { parseCommandLine } from '../../src/config/command-line.ts';
import type { Diagnosis } from '../../src/doctor/diagnose.ts';
import { examine } from '../../src/doctor/report.ts';
import { skipUnless } from '../support/real-programs.ts';
import { fixture } from '../image/support/sources.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iipsrv-doctor-'));
after(() => fs.rmSync(folder, { recursive: true }));

async function diagnosisOf(file: string): Promise<Diagnosis> {
  const { text } = await examine([file], true);
  return (JSON.parse(text) as Diagnosis[])[0]!;
}

/** Does what the doctor says, and asks it again. */
async function followed(file: string, ending: string): Promise<void> {
  const { advice } = await diagnosisOf(file);
  execFileSync('sh', ['-c', advice[0]!.remedy!], { stdio: 'ignore', timeout: 120_000 });
  const made = file.replace(/\.[^./]+$/, ending);
  const { verdict, advice: rest } = await diagnosisOf(made);
  assert.equal(verdict, 'fine', JSON.stringify(rest));
}

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } });

describe('iipsrv doctor', () => {
  it('finds a pyramid fine, and says how it is served', async () => {
    const { verdict, facts } = await diagnosisOf(fixture('rgb-jpeg.tif'));
    assert.equal(verdict, 'fine');
    assert.equal(facts['format'], 'tiff');
    assert.match(String(facts['compression']), /jpeg, sent as stored/);
    assert.match(String(facts['samples']), /3 × 8 bit uint/);
  });

  it('advises a pyramid for a large flat picture; the command names both files, quoted', async () => {
    const file = path.join(folder, "it's flat.jpg");
    await blank(3_000, 2_000).jpeg().toFile(file);
    const { verdict, advice, facts } = await diagnosisOf(file);
    assert.equal(verdict, 'advice');
    assert.match(String(facts['levels']), /1 stored, 5 served/);
    assert.equal(
      advice[0]?.remedy,
      `vips tiffsave '${folder}/it'\\''s flat.jpg' '${folder}/it'\\''s flat.pyramid.tif' --tile --tile-width 256 --tile-height 256 --pyramid --bigtiff --compression jpeg --Q 90`,
    );
  });

  it('keeps what is stored without loss without loss', async () => {
    const file = path.join(folder, 'flat.png');
    await blank(3_000, 2_000).png().toFile(file);
    assert.match((await diagnosisOf(file)).advice[0]?.remedy ?? '', /deflate --predictor horizontal/);
  });

  it('misses levels that a pyramid does not have', { skip: skipUnless('vips') }, async () => {
    const [flat, pyramid] = ['levels.v', 'levels.tif'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    execFileSync('vips', ['black', flat, '6000', '4000', '--bands', '3'], { stdio: 'ignore' });
    const tiled = ['--tile', '--tile-width', '256', '--tile-height', '256', '--compression', 'deflate'];
    execFileSync('vips', ['tiffsave', flat, pyramid, ...tiled], { stdio: 'ignore' });
    assert.match((await diagnosisOf(pyramid)).advice[0]?.problem ?? '', /^It has no smaller levels/);
    // Down to a pixel would be too many, down to 1500 are too few.
    execFileSync('vips', ['tiffsave', flat, pyramid, ...tiled, '--pyramid', '--depth', 'onetile'], {
      stdio: 'ignore',
    });
    const bytes = fs.readFileSync(pyramid);
    // The third directory becomes the last.
    let at = bytes.readUInt32LE(4);
    for (let i = 0; i < 2; i++) at = bytes.readUInt32LE(at + 2 + 12 * bytes.readUInt16LE(at));
    bytes.writeUInt32LE(0, at + 2 + 12 * bytes.readUInt16LE(at));
    fs.writeFileSync(pyramid, bytes);
    const { advice } = await diagnosisOf(pyramid);
    assert.match(advice[0]?.problem ?? '', /^\d of its \d smaller levels are missing/);
    await followed(pyramid, '.pyramid.tif');
  });

  it(
    'says that viewers see 8 of 16 bits, and how to make a file of 8',
    { skip: skipUnless('vips') },
    async () => {
      for (const [name, space] of [
        ['gray16', 'grey16'],
        ['rgb16', 'rgb16'],
      ] as const) {
        const file = path.join(folder, `${name}.tif`);
        const wide = await blank(3_000, 2_000)
          .toColourspace(space)
          .raw({ depth: 'ushort' })
          .toBuffer({ resolveWithObject: true });
        const { width, height, channels } = wide.info;
        const { buffer, byteOffset, length } = wide.data;
        const samples = new Uint16Array(buffer.slice(byteOffset, byteOffset + length));
        const tiff = { tile: true, pyramid: true, compression: 'deflate' } as const;
        await sharp(samples, { raw: { width, height, channels } })
          .toColourspace(space)
          .tiff(tiff)
          .toFile(file);
        const { advice } = await diagnosisOf(file);
        assert.equal(advice.length, 1);
        assert.match(advice[0]!.problem, /16 bits: viewers see 8/);
        const command = advice[0]!.remedy!.replace(/^.*?: /, '');
        execFileSync('sh', ['-c', command], { stdio: 'ignore', timeout: 120_000 });
        const { verdict, facts } = await diagnosisOf(path.join(folder, `${name}.8-bit.tif`));
        assert.deepEqual([verdict, facts['samples']], ['fine', `${channels} × 8 bit uint`]);
      }
    },
  );

  it('says what is wrong with a file that is cut off, and what a file is that is refused', async () => {
    const file = path.join(folder, 'cut.jpg');
    const whole = fs.readFileSync(fixture('photo.jpg'));
    fs.writeFileSync(file, whole.subarray(0, whole.length - 5_000));
    assert.match((await diagnosisOf(file)).advice[0]?.problem ?? '', /cut off/);
    assert.match(
      (await diagnosisOf(fixture('text.txt'))).refusal ?? '',
      /no picture \(not-a-picture, status 404\)/,
    );
    assert.match((await diagnosisOf(path.join(folder, 'missing.tif'))).refusal ?? '', /ENOENT/);
  });

  it('tells scripts the worst by its exit status', async () => {
    const files = [fixture('rgb-jpeg.tif'), path.join(folder, 'flat.png'), fixture('text.txt')];
    const statuses = [];
    for (const count of [1, 2, 3]) statuses.push((await examine(files.slice(0, count), false)).exitStatus);
    assert.deepEqual(statuses, [0, 1, 2]);
  });

  it('prints commands that make files it finds fine: vips', { skip: skipUnless('vips') }, async () => {
    for (const name of ["it's flat.jpg", 'flat.png']) await followed(path.join(folder, name), '.pyramid.tif');
  });

  const openjpeg = skipUnless('vips', 'opj_compress', 'opj_decompress');
  it('finds out why a JPEG 2000 is slow, and prints commands that mend it', { skip: openjpeg }, async () => {
    const picture = path.join(folder, 'picture.tif');
    await sharp(fixture('photo-large.jpg'))
      .resize(2_600, 2_000, { fit: 'fill' })
      .tiff({ compression: 'none' })
      .toFile(picture);
    for (const [name, options, problems] of [
      [
        'whole.jp2',
        ['-n', '1'],
        [/large \(2600 × 2000\) and have no small precincts/, /PLT/, /smallest level has 2600/],
      ],
      ['lossy.jp2', ['-I', '-r', '20', '-t', '128,128', '-n', '3'], [/336 tiles are \(TLM\)/]],
    ] as const) {
      const file = path.join(folder, name);
      execFileSync('opj_compress', ['-i', picture, '-o', file, ...options], { stdio: 'ignore' });
      const { advice, facts } = await diagnosisOf(file);
      assert.equal(facts['lists'], 'none');
      assert.equal(advice.length, problems.length);
      problems.forEach((problem, i) => assert.match(advice[i]!.problem, problem));
      await followed(file, '.pyramid.jp2');
      const { facts: mended } = await diagnosisOf(file.replace('.jp2', '.pyramid.jp2'));
      assert.equal(mended['lists'], 'PLT, TLM');
      assert.equal(mended['wavelet'], facts['wavelet']);
      assert.equal(mended['size'], facts['size']);
    }
  });

  it('writes JSON as docs/operations.md shows it', async () => {
    const document = fs.readFileSync('docs/operations.md', 'utf8');
    const example = /```json\n([^]*?)```/.exec(document)?.[1] ?? '';
    const { text } = await examine(['fixtures/images/rgb-jpeg.tif', 'fixtures/images/text.txt'], true);
    assert.deepEqual(JSON.parse(example), JSON.parse(text));
  });

  it('is asked for on the command line', () => {
    const parse = (...args: string[]) => parseCommandLine(args, { version: '1' });
    assert.deepEqual(parse('doctor', 'a.tif', '--json', '--', '-b.tif'), { kind: 'subcommand', subcommand: { kind: 'doctor', files: ['a.tif', '-b.tif'], isJson: true } });
    assert.equal(parse('doctor').kind, 'usage-error');
    assert.equal(parse('doctor', '--yaml', 'a.tif').kind, 'usage-error');
  }); // prettier-ignore
});
