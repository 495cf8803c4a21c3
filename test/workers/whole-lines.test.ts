import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WholeLines } from '../../src/workers/whole-lines.ts';

function collect() {
  const log: string[] = [];
  const strays: string[] = [];
  const lines = new WholeLines({ onLog: (text) => log.push(text), onStray: (text) => strays.push(text) });
  return { lines, log, strays };
}

const TEXT = '{"a":1}\n<6>{"b":2}\nout of memory\n{"c":3}\n\n';

describe('the output of a worker', () => {
  it('becomes whole lines wherever it is cut', () => {
    for (let cut = 0; cut <= TEXT.length; cut++) {
      const { lines, log, strays } = collect();
      lines.add(TEXT.slice(0, cut));
      lines.add(TEXT.slice(cut));
      lines.end();
      assert.equal(log.join(''), '{"a":1}\n<6>{"b":2}\n{"c":3}\n', `cut at ${cut}`);
      assert.ok(log.every((text) => text.endsWith('\n')));
      assert.deepEqual(strays, ['out of memory']);
    }
  });

  it('is no line of the log where it broke off', () => {
    const { lines, log, strays } = collect();
    lines.add('{"a":1}\n{"b":');
    lines.end();
    assert.deepEqual([log, strays], [['{"a":1}\n'], ['{"b":']]);
  });

  it('is not gathered without end', () => {
    const { lines, strays } = collect();
    for (let i = 0; i < 11; i++) lines.add('x'.repeat(100_000));
    assert.deepEqual(strays.map(({ length }) => length), [1_100_000]);
  }); // prettier-ignore
});
