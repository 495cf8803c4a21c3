/** The death of a decoding process in the log: which file it was about, and what ended it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { ErrorFacts } from '../../../src/errors.ts';
import { NativeDecoder } from '../../../src/image/jp2/native/decoder.ts';
import { openImage } from '../../../src/image/open.ts';
import { fileSource } from '../support/sources.ts';
import { JP2_FIXTURES } from './support/streams.ts';

/** Linux tells which processes a process has started. */
const CHILDREN = `/proc/${process.pid}/task/${process.pid}/children`;

async function missing(): Promise<string | false> {
  if (!existsSync(CHILDREN)) return 'the system does not list child processes';
  const decoder = new NativeDecoder();
  const found = await decoder.probe();
  const { pid } = decoder;
  decoder.stop();
  while (decoder.pid !== undefined) await sleep(2);
  return 'absence' in found || pid === undefined ? 'not installed: libopenjp2 or koffi' : false;
}

const decodingProcesses = (): number[] =>
  readFileSync(CHILDREN, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('native/child.js'))
    .map(Number);

describe('a decoding process that dies', { skip: await missing() }, () => {
  it('is in the log with the file and the signal, and the window is right', async () => {
    const file = path.join(JP2_FIXTURES, 'tiled-lossless.j2k');
    const told: { message: string; facts: ErrorFacts }[] = [];
    const report = (message: string, facts: ErrorFacts): void => void told.push({ message, facts });
    const reader = await openImage(fileSource(file), { jp2Decoder: 'native', report });
    const { width, height } = reader.info.levels[0]!;
    const address = { page: 0, level: 0, window: { x: 0, y: 0, width, height } };
    const expected = await reader.readWindow(address);
    const [pid = assert.fail('no process decodes'), ...others] = decodingProcesses();
    assert.deepEqual(others, []);
    process.kill(pid, 'SIGSTOP');
    const reading = reader.readWindow(address);
    await sleep(50);
    process.kill(pid, 'SIGKILL');
    assert.deepEqual((await reading).data, expected.data);
    assert.equal(told.length, 1);
    const { message, facts } = told[0]!;
    assert.match(message, /process ended/);
    assert.ok(!message.includes(file), 'paths are facts, which go to the log only');
    assert.deepEqual([facts['path'], facts['signal']], [file, 'SIGKILL']);
    reader.close();
  });
});
