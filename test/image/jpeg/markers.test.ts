import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isFrame, markerSegments, MARKER, parseFrame } from '../../../src/image/jpeg/markers.ts';
import { fixture } from '../support/sources.ts';

describe('markerSegments', () => {
  it('lists the header of a file up to its scan', () => {
    const bytes = readFileSync(fixture('photo-grey.jpg'));
    const segments = markerSegments(bytes);
    assert.equal(segments[0]?.marker, MARKER.APP0);
    assert.equal(segments.at(-1)?.marker, MARKER.SOS);
    segments.forEach(({ start, end }, i) => {
      assert.equal(bytes[start], 0xff);
      assert.equal(start, segments[i - 1]?.end ?? 2);
      assert.ok(end <= bytes.length);
    });
  });

  it('ends at the end of tables', () => {
    const segments = markerSegments(Uint8Array.of(0xff, 0xd8, 0xff, 0xdb, 0, 3, 7, 0xff, 0xd9));
    assert.deepEqual(segments, [
      { marker: 0xdb, start: 2, body: 6, end: 7 },
      { marker: 0xd9, start: 7, body: 9, end: 9 },
    ]);
  });

  it('skips fill bytes', () => {
    const [first] = markerSegments(Uint8Array.of(0xff, 0xd8, 0xff, 0xff, 0xff, 0xda, 0, 2));
    assert.deepEqual(first, { marker: 0xda, start: 4, body: 8, end: 8 });
  });

  const broken: Record<string, readonly number[]> = {
    'is empty': [],
    'does not begin with SOI': [0xff, 0xd9],
    'ends behind SOI': [0xff, 0xd8],
    'ends in a marker': [0xff, 0xd8, 0xff],
    'ends in a length': [0xff, 0xd8, 0xff, 0xdb, 0],
    'ends in a segment': [0xff, 0xd8, 0xff, 0xdb, 0, 9, 1],
    'has a length of 1': [0xff, 0xd8, 0xff, 0xdb, 0, 1, 0, 0, 0],
    'has no marker behind a segment': [0xff, 0xd8, 0xff, 0xdb, 0, 2, 5, 5],
  };
  for (const [name, bytes] of Object.entries(broken)) {
    it(`calls a stream damaged that ${name}`, () =>
      assert.throws(() => markerSegments(Uint8Array.from(bytes)), { kind: 'damaged' }));
  }
});

describe('parseFrame', () => {
  it('reads size, precision and sampling', () => {
    const body = Uint8Array.of(8, 1, 2, 3, 4, 2, 1, 0x21, 0, 2, 0x12, 1);
    assert.deepEqual(parseFrame(0xc2, body), {
      marker: 0xc2,
      precision: 8,
      width: 0x304,
      height: 0x102,
      components: [
        { id: 1, horizontal: 2, vertical: 1 },
        { id: 2, horizontal: 1, vertical: 2 },
      ],
    });
  });
  for (const body of [[], [8, 0, 1, 0, 1], [8, 0, 1, 0, 1, 0], [8, 0, 1, 0, 1, 3, 1, 0x11, 0]]) {
    it(`calls ${body.length} bytes damaged`, () =>
      assert.throws(() => parseFrame(0xc0, Uint8Array.from(body)), { kind: 'damaged' }));
  }
});

describe('isFrame', () => {
  it('knows SOF from what has its numbers', () => {
    const frames = Array.from({ length: 256 }, (_, marker) => marker).filter(isFrame);
    assert.deepEqual(frames, [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
  });
});
