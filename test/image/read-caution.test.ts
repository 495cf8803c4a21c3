import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadCaution } from '../../src/image/read-caution.ts';

describe('caution with reads that block', () => {
  it('takes one long read for an interruption', () => {
    const caution = new ReadCaution();
    for (let at = 0; at < 5_000; at += 100) {
      caution.note(at, at + (at % 1_000 === 0 ? 30 : 0.1));
      assert.equal(caution.isCautious(at + 31), false, `after ${at} ms`);
    }
  });

  it('comes with the second of two that are near each other, and lasts a second', () => {
    const caution = new ReadCaution();
    caution.note(0, 9);
    for (let at = 10; at < 14; at++) caution.note(at, at + 0.1);
    assert.equal(caution.isCautious(14), false);
    caution.note(14, 20);
    assert.equal(caution.isCautious(20), true);
    assert.equal(caution.isCautious(1_019), true);
    assert.equal(caution.isCautious(1_020), false);
  });

  it('comes back at once where the next read is long, too', () => {
    const caution = new ReadCaution();
    caution.note(0, 9);
    caution.note(10, 19);
    caution.note(2_000, 2_009);
    assert.equal(caution.isCautious(2_010), true);
  });

  it('is forgotten where reads are quick again', () => {
    const caution = new ReadCaution();
    caution.note(0, 9);
    caution.note(10, 19);
    for (let at = 2_000; at < 2_008; at++) caution.note(at, at + 0.1);
    caution.note(3_000, 3_009);
    assert.equal(caution.isCautious(3_010), false);
  });
});
