import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../src/image/memory-source.ts';
import { openImage } from '../../src/image/open.ts';
import { openBytes, openFixture } from './support/sources.ts';

describe('openImage', () => {
  it('finds the reader by the first bytes', async () => {
    assert.equal((await openFixture('rgb-jpeg.tif')).info.format, 'tiff');
    assert.equal((await openFixture('photo.jpg')).info.format, 'jpeg');
    assert.equal((await openFixture('grey.jp2')).info.format, 'jp2');
    assert.equal((await openFixture('raw-codestream.j2k')).info.format, 'jp2');
  });

  for (const name of ['text.txt', 'empty.tif']) {
    it(`says that ${name} is no picture`, () =>
      assert.rejects(openFixture(name), { kind: 'not-a-picture', status: 404 }));
  }

  it('names formats that have no reader', async () => {
    const jxl = Buffer.from('\xff\x0a..............', 'latin1');
    await assert.rejects(openBytes(jxl), { kind: 'unsupported', message: /JPEG XL/ });
  });

  it('calls a TIFF damaged whose first directory is cut off', () =>
    assert.rejects(openFixture('truncated.tif'), { kind: 'damaged' }));

  it('closes the source when it can not open it', async () => {
    let closed = 0;
    const source = { ...memorySource(Buffer.from('no picture')), close: () => void closed++ };
    await assert.rejects(openImage(source));
    assert.equal(closed, 1);
  });

  it('puts no path into the text of an error', async () => {
    await assert.rejects(openFixture('text.txt'), (error: Error) => !error.message.includes('/'));
    await assert.rejects(openFixture('truncated.tif'), (error: Error) => !error.message.includes('/'));
  });
});
