import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import { ServerError } from '../../src/errors.ts';
import { cleanName, createLocator } from '../../src/image/locate.ts';
import type { LocatedImage, LocatorOptions } from '../../src/image/locate.ts';
import type { View } from '../../src/image/sequence.ts';

const IMAGES = `${path.resolve('fixtures/images')}/`;
const DEFAULTS: LocatorOptions = { filesystemPrefix: IMAGES, filesystemSuffix: '', filenamePattern: '_pyr_' };
const NOT_FOUND = { kind: 'not-found', status: 404, message: 'image not found' };

async function locate(
  name: string,
  options: Partial<LocatorOptions> = {},
  view?: View,
): Promise<LocatedImage> {
  return createLocator({ ...DEFAULTS, ...options }).locate(name, view);
}

describe('cleanName', () => {
  const names = [
    ['a/b.tif', 'a/b.tif'],
    ['../../etc/passwd', 'etc/passwd'],
    ['....//etc', 'etc'],
    ['..././a', 'a'],
    ['a/../b', 'a/b'],
    ['.../...//a', 'a'],
    ['a..b', 'a..b'],
    ['..', '..'],
    ['a\0b', 'ab'],
    ['.\0./a', 'a'],
    ['..\\a', '..\\a'],
  ] as const;
  for (const [name, clean] of names) {
    it(`makes ${JSON.stringify(clean)} of ${JSON.stringify(name)}`, () =>
      assert.equal(cleanName(name), clean));
  }

  it('leaves no way upwards in any name', () => {
    const parts = ['.', '..', '/', '../', 'a', '\0'];
    let names = [''];
    for (let i = 0; i < 6; i++) names = names.flatMap((name) => parts.map((part) => name + part));
    assert.ok(names.every((name) => !cleanName(name).includes('../')));
  });
});

describe('locate: files', () => {
  it('finds a file with its version', async () => {
    const found = await locate('rgb-jpeg.tif');
    const stats = statSync(`${IMAGES}rgb-jpeg.tif`);
    assert.deepEqual(found, {
      path: realpathSync(`${IMAGES}rgb-jpeg.tif`),
      identity: { size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino },
      mtimeMs: stats.mtimeMs,
      stem: 'rgb-jpeg',
    });
  });

  it('finds names with blanks, accents and directories', async () => {
    assert.equal((await locate('sub/with space.tif')).stem, 'with space');
    assert.equal((await locate('sub/été.tif')).stem, 'été');
    assert.equal((await locate('/sub//with space.tif')).stem, 'with space');
  });

  it('puts prefix and suffix round the name', async () => {
    assert.equal((await locate('rgb-jpeg', { filesystemSuffix: '.tif' })).stem, 'rgb-jpeg');
    assert.equal(
      (await locate('jpeg.tif', { filesystemPrefix: `${IMAGES}rgb-` })).path,
      `${IMAGES}rgb-jpeg.tif`,
    );
    assert.equal((await locate('/photo.jpg', { filesystemPrefix: IMAGES.slice(0, -1) })).stem, 'photo');
    assert.equal((await locate(`${IMAGES}photo.jpg`, { filesystemPrefix: '' })).path, `${IMAGES}photo.jpg`);
  });

  const absent = [
    'nope.tif',
    'sub',
    'sub/',
    '',
    '/',
    '.',
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    'rgb-jpeg.tif/x',
    'rgb-jpeg.tif.jpg',
    'rgb-jpeg.tif\0.jpg',
    'sub\\été.tif',
    'a'.repeat(255),
    'a'.repeat(256),
    'a'.repeat(4_096),
    'a/'.repeat(2_048),
    '../'.repeat(2_000),
    'x'.repeat(100_000),
    '%2e%2e/',
    '\ud800',
    '.*',
    'turn_pyr_',
    '[',
    '~root',
    '-',
    'turn\n',
  ];
  for (const name of absent) {
    it(`does not find ${JSON.stringify(name.slice(0, 30))} of ${name.length} characters`, () =>
      assert.rejects(locate(name), NOT_FOUND));
  }
});

describe('locate: the prefix', () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'locate-')));
    for (const directory of ['images', 'images-private', 'images/sub'])
      mkdirSync(path.join(folder, directory));
    for (const file of [
      'images/a.tif',
      'images/sub/b.tif',
      'images-private/c.tif',
      'secret.tif',
      'images/img_1.tif',
    ]) {
      writeFileSync(path.join(folder, file), 'picture');
    }
    symlinkSync('sub/b.tif', path.join(folder, 'images/inside.tif'));
    symlinkSync('../secret.tif', path.join(folder, 'images/outside.tif'));
    symlinkSync('../images-private', path.join(folder, 'images/beside'));
    symlinkSync('loop', path.join(folder, 'images/loop'));
    symlinkSync('a.tif', path.join(folder, 'images/img_other.tif'));
    symlinkSync('images', path.join(folder, 'link'));
    execFileSync('mkfifo', [path.join(folder, 'images/fifo')]);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const end of ['', '/']) {
    it(`holds as a directory${end === '' ? ' without its slash' : ''}`, async () => {
      const filesystemPrefix = path.join(folder, 'images') + end;
      assert.equal(
        (await locate('/inside.tif', { filesystemPrefix })).path,
        path.join(folder, 'images/sub/b.tif'),
      );
      assert.equal((await locate('/inside.tif', { filesystemPrefix })).stem, 'inside');
      for (const name of [
        '/outside.tif',
        '/beside/c.tif',
        '-private/c.tif',
        '/..',
        '/loop',
        '/fifo',
        '/sub',
      ]) {
        await assert.rejects(locate(name, { filesystemPrefix }), NOT_FOUND, name);
      }
    });
  }

  it('may be a symbolic link itself', async () => {
    const found = await locate('a.tif', { filesystemPrefix: `${path.join(folder, 'link')}/` });
    assert.equal(found.path, path.join(folder, 'images/a.tif'));
  });

  it('holds as the beginning of names', async () => {
    const filesystemPrefix = path.join(folder, 'images/img_');
    assert.equal((await locate('1.tif', { filesystemPrefix })).stem, '1');
    await assert.rejects(locate('other.tif', { filesystemPrefix }), NOT_FOUND);
  });

  it('finds nothing when it does not exist', () =>
    assert.rejects(locate('a.tif', { filesystemPrefix: path.join(folder, 'nowhere/') }), NOT_FOUND));
});

describe('locate: sequences', () => {
  const turn = (view?: View): Promise<LocatedImage> => locate('turn', {}, view);

  it('finds the default view and lists all', async () => {
    const found = await turn();
    assert.equal(found.path, `${IMAGES}turn_pyr_000_090.tif`);
    assert.equal(found.stem, 'turn');
    assert.deepEqual(found.views, { horizontal: [0, 90, 180], vertical: [60, 90] });
  });

  it('finds any view', async () => {
    assert.equal((await turn({ horizontal: 180, vertical: 60 })).path, `${IMAGES}turn_pyr_180_060.tif`);
    assert.deepEqual((await turn({ horizontal: 90, vertical: 90 })).views, (await turn()).views);
  });

  for (const view of [
    { horizontal: 45, vertical: 60 },
    { horizontal: -1, vertical: 90 },
    { horizontal: NaN, vertical: 90 },
    { horizontal: 0.5, vertical: 90 },
  ]) {
    it(`has no view ${view.horizontal}, ${view.vertical}`, () => assert.rejects(turn(view), NOT_FOUND));
  }

  it('is found under its pattern only', async () => {
    await assert.rejects(locate('turn', { filenamePattern: '' }), NOT_FOUND);
    await assert.rejects(locate('turn', { filenamePattern: '_' }), NOT_FOUND);
    assert.ok((await locate('turn_', { filenamePattern: 'pyr_' })).views);
  });

  it('ignores the suffix', async () => assert.ok((await locate('turn', { filesystemSuffix: '.tif' })).views));

  describe('in a folder of its own', () => {
    let folder: string;
    const add = (...names: string[]): void =>
      names.forEach((name) => writeFileSync(path.join(folder, name), 'x'));
    const find = (name: string, view?: View): Promise<LocatedImage> =>
      locate(name, { filesystemPrefix: `${folder}/`, trustMs: 0 }, view);
    before(() => (folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'sequence-')))));
    after(() => rmSync(folder, { recursive: true }));

    it('takes angles of more digits, other endings, and nothing that only looks alike', async () => {
      add(
        'a_pyr_000_090.jp2',
        'a_pyr_1000_090.jp2',
        'a_pyr_20_090.jp2',
        'a_pyr_030_090.tif',
        'a_pyr_040_090.jp2.bak',
      );
      add('a_pyr_050_090xjp2', 'xa_pyr_060_090.jp2', 'a_pyr_000_000.jp2', 'a_pyr_010_045.jp2');
      assert.deepEqual((await find('a')).views, { horizontal: [0, 1000], vertical: [0, 90] });
      assert.equal(
        (await find('a', { horizontal: 1000, vertical: 90 })).path,
        path.join(folder, 'a_pyr_1000_090.jp2'),
      );
      assert.equal(
        (await find('a', { horizontal: 10, vertical: 45 })).path,
        path.join(folder, 'a_pyr_010_045.jp2'),
      );
    });

    it('has one default view, neither none nor two', async () => {
      add('b_pyr_090_090.tif', 'c_pyr_000_090.tif', 'c_pyr_000_090.tiff', 'd_pyr_000_090.png');
      for (const name of ['b', 'c', 'd']) await assert.rejects(find(name), NOT_FOUND);
    });

    it('takes names with signs of patterns for what they are', async () => {
      add('e.(1)_pyr_000_090.tif', 'ex(1)_pyr_090_090.tif');
      assert.deepEqual((await find('e.(1)')).views, { horizontal: [0], vertical: [90] });
    });

    it('gives up views that are links to the outside', async () => {
      add('f_pyr_000_090.tif');
      symlinkSync('/etc/hostname', path.join(folder, 'f_pyr_090_090.tif'));
      await assert.rejects(find('f', { horizontal: 90, vertical: 90 }), NOT_FOUND);
    });
  });
});

describe('locate: again', () => {
  let folder: string;
  let time: number;
  before(() => (folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'again-')))));
  after(() => rmSync(folder, { recursive: true }));
  const locator = () => {
    time = 0;
    return createLocator({ ...DEFAULTS, filesystemPrefix: `${folder}/`, trustMs: 1_000, now: () => time });
  };
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);

  it('asks once for a name that it knows', async () => {
    write('a', 'one');
    const hot = locator();
    await hot.locate('a');
    const stat = mock.method(fs, 'statSync');
    const resolve = mock.method(fs.realpathSync, 'native');
    await hot.locate('a');
    assert.deepEqual([stat.mock.callCount(), resolve.mock.callCount()], [1, 0]);
    mock.restoreAll();
  });

  it('tells the same of a file that is the same, also when its name is resolved anew', async () => {
    write('same', 'one');
    const hot = locator();
    const first = await hot.locate('same');
    assert.equal(await hot.locate('same'), first);
    time = 5_000;
    assert.equal(await hot.locate('same'), first);
    write('same', 'more');
    const changed = await hot.locate('same');
    assert.equal(changed.identity.size, 4);
    assert.equal(await hot.locate('same'), changed);
  });

  it('sees at once that a file was replaced or is gone', async () => {
    write('b', 'one');
    const hot = locator();
    const before = await hot.locate('b');
    write('other', 'another');
    renameSync(path.join(folder, 'other'), path.join(folder, 'b'));
    assert.notDeepEqual((await hot.locate('b')).identity, before.identity);
    rmSync(path.join(folder, 'b'));
    assert.throws(() => hot.locate('b'), ServerError);
    write('b', 'back');
    assert.equal((await hot.locate('b')).identity.size, 4);
  });

  it('sees after a while that a link was swapped', async () => {
    write('old', 'old');
    write('new', 'newer');
    const link = path.join(folder, 'link');
    symlinkSync('old', link);
    const hot = locator();
    await hot.locate('link');
    rmSync(link);
    symlinkSync('new', link);
    time = 999;
    assert.equal((await hot.locate('link')).path, path.join(folder, 'old'));
    time = 1_000;
    assert.equal((await hot.locate('link')).path, path.join(folder, 'new'));
  });

  it('does not remember what it did not find', async () => {
    const hot = locator();
    assert.throws(() => hot.locate('later'), ServerError);
    write('later', 'x');
    assert.equal((await hot.locate('later')).stem, 'later');
  });

  it('keeps views apart', async () => {
    write('s_pyr_000_090.tif', '1');
    write('s_pyr_010_090.tif', '22');
    const hot = locator();
    const sizes = [];
    for (const horizontal of [0, 10, 0])
      sizes.push((await hot.locate('s', { horizontal, vertical: 90 })).identity.size);
    assert.deepEqual(sizes, [1, 2, 1]);
  });
});
