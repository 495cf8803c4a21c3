import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

/**
 * The rooms in the order in which a request goes through them (docs/architecture.md). An import points to the same
 * room or to one further on, never back.
 */
const ROOMS = [
  '(top)',
  'workers',
  'admin',
  'shadow',
  'cache',
  'doctor',
  'pyramids',
  'protocols',
  'render',
  'encode',
  'processing',
  'image',
  'server',
  'log',
  'metrics',
  'config',
  'wasm',
];

/** The words that all rooms share: types and tables without any behavior of a room. */
const COMMON = new Set([
  'awaitable.ts',
  'errors.ts',
  'geometry.ts',
  'spare-controllers.ts',
  'log.ts',
  'recycling.ts',
  'sha1.ts',
  'image/raster.ts',
  'image/info.ts',
  'encode/encoder.ts',
]);

const root = path.resolve('src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.as.ts'),
);

function roomOf(file: string): string {
  const [first = '', ...rest] = file.split('/');
  return rest.length === 0 ? '(top)' : first;
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) =>
    path.relative(root, path.resolve(root, path.dirname(file), target)),
  );
}

describe('the house', () => {
  it('has no room that the plan does not name', () => {
    assert.deepEqual([...new Set(files.map(roomOf))].sort(), [...ROOMS].sort());
  });

  it('has arrows that point one way only', () => {
    const back = files.flatMap((file) =>
      importsOf(file)
        .filter(
          (target) => !COMMON.has(target) && ROOMS.indexOf(roomOf(target)) < ROOMS.indexOf(roomOf(file)),
        )
        .map((target) => `${file} → ${target}`),
    );
    assert.deepEqual(back, []);
  });

  it('touches process where threads and processes begin, in the lock that asks for one, where its version matters, and nowhere else', () => {
    const touching = files.filter((file) =>
      /(?<![-\w])process\.\w|from 'node:process'/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    assert.deepEqual(touching.sort(), [
      'image/jp2/native/child.ts',
      'image/vips/child.ts',
      'loop.ts',
      'main.ts',
      'program.ts',
      'pyramids/lock.ts',
      'server/fastcgi/accept.ts',
      'worker-process.ts',
    ]);
  });
});
