import assert from 'node:assert/strict';
import { fstatSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { OpenFiles } from '../../src/image/open-files.ts';
import { fixture } from './support/sources.ts';

const open = (): number => openSync(fixture('text.txt'), 'r');
const isOpen = (descriptor: number): boolean => {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
};

describe('OpenFiles', () => {
  it('closes the descriptor that was used longest ago', () => {
    const files = new OpenFiles(2);
    const [first, second, third] = [{}, {}, {}];
    const opened = [first, second].map((owner) => files.add(owner, open()));
    for (const file of opened) files.release(file);
    const again = files.acquire(first);
    assert.equal(again, opened[0]);
    files.release(again!);
    files.release(files.add(third, open()));
    assert.equal(files.size, 2);
    assert.equal(files.acquire(second), undefined);
    assert.equal(isOpen(opened[1]!.descriptor), false);
    assert.equal(isOpen(opened[0]!.descriptor), true);
    files.closeAll();
    assert.equal(isOpen(opened[0]!.descriptor), false);
  });

  it('closes no descriptor that is being read, even over the limit', () => {
    const files = new OpenFiles(1);
    const one = files.add({}, open());
    const two = files.add({}, open());
    assert.deepEqual([isOpen(one.descriptor), isOpen(two.descriptor)], [true, true]);
    files.release(one);
    assert.deepEqual([isOpen(one.descriptor), isOpen(two.descriptor)], [false, true]);
    files.release(two);
    assert.equal(files.size, 1);
    files.closeAll();
  });

  it('closes a descriptor that was given up when its last read ends', () => {
    const files = new OpenFiles();
    const owner = {};
    const file = files.add(owner, open());
    files.acquire(owner);
    files.close(owner);
    assert.equal(files.acquire(owner), undefined);
    files.release(file);
    assert.equal(isOpen(file.descriptor), true);
    files.release(file);
    assert.equal(isOpen(file.descriptor), false);
  });

  it('does nothing for an owner that has none', () => {
    const files = new OpenFiles();
    files.close({});
    assert.equal(files.size, 0);
  });
});

describe('idle descriptors', () => {
  it('are closed after a while, those in use are not', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const files = new OpenFiles(8, 1_000);
    const [idle, used] = [{}, {}];
    const first = files.add(idle, open());
    const second = files.add(used, open());
    files.release(first);
    t.mock.timers.tick(1_000);
    assert.equal(files.size, 2);
    t.mock.timers.tick(1_000);
    assert.deepEqual([isOpen(first.descriptor), isOpen(second.descriptor)], [false, true]);
    files.release(second);
    t.mock.timers.tick(2_000);
    assert.deepEqual([files.size, isOpen(second.descriptor)], [0, false]);
    const again = files.add(idle, open());
    files.release(again);
    t.mock.timers.tick(2_000);
    assert.equal(isOpen(again.descriptor), false);
  });
});

describe('idle descriptors of files that have no name any more', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'open-files-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('are closed within seconds, those in use when they are not', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const files = new OpenFiles(8, 60_000);
    const names = ['replaced', 'removed', 'kept', 'used'].map((name) => path.join(folder, name));
    for (const name of names) writeFileSync(name, 'old');
    const opened = names.map((name) => files.add({}, openSync(name, 'r')));
    for (const file of opened.slice(0, 3)) files.release(file);
    const [replaced, removed, kept, used] = names as [string, string, string, string];
    writeFileSync(`${replaced}.new`, 'new');
    renameSync(`${replaced}.new`, replaced);
    rmSync(removed);
    rmSync(used);
    t.mock.timers.tick(2_000);
    assert.deepEqual(
      opened.map(({ descriptor }) => isOpen(descriptor)),
      [false, false, true, true],
    );
    assert.equal(readFileSync(kept, 'utf8'), 'old');
    files.release(opened[3]!);
    t.mock.timers.tick(2_000);
    assert.deepEqual([files.size, isOpen(opened[3]!.descriptor)], [1, false]);
    files.closeAll();
  });
});
