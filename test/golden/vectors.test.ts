import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readConfig } from '../../src/config/read-config.ts';
import { createImageServer } from '../../src/image-server.ts';
import { FcgiClient } from '../support/fcgi-client.ts';
import { memoryLog } from '../support/log.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { compare, type Got } from './compare.ts';
import { EXCEPTIONS, exceptionFor } from './exceptions.ts';
import { cgiOf, groupBySettings, IMAGES, requestOf, VECTORS, type Vector } from './vectors.ts';

const MAX_SHOWN = 40;

type Ask = (vector: Vector) => Promise<Got>;

/** Made at the first answer that does not hold, and kept, so that one can look at what came. */
let folder: string | undefined;

function keep({ name }: Vector, { body }: Got, way: string): string {
  folder ??= mkdtempSync(path.join(tmpdir(), 'iipsrv-golden-'));
  const file = path.join(folder, way, name.replace(/[^\w.,=-]/g, '_'));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, body);
  return file;
}

/** What is wrong with one vector, in one line; empty when it is as the list of exceptions has it. */
async function check(vector: Vector, ask: Ask, way: string): Promise<string> {
  const got = await ask(vector);
  const complaint = await compare(vector, got);
  const exception = exceptionFor(vector.name);
  if (exception !== undefined)
    return complaint !== '' ? '' : `${vector.name} holds: remove it from test/golden/exceptions.ts`;
  return complaint === '' ? '' : `${vector.name}: ${complaint}; what came is in ${keep(vector, got, way)}`;
}

async function checkAll(vectors: readonly Vector[], ask: Ask, way: string): Promise<void> {
  const complaints: string[] = [];
  for (const vector of vectors) {
    const complaint = await check(vector, ask, way);
    if (complaint !== '') complaints.push(complaint);
  }
  if (complaints.length === 0) return;
  const shown = complaints.slice(0, MAX_SHOWN).join('\n');
  assert.fail(`${complaints.length} of ${vectors.length} do not hold:\n${shown}`);
}

const facts = { cpus: 2, avifCodecs: [] };

describe('recorded answers of iipsrv', () => {
  for (const { env, vectors } of groupBySettings(VECTORS)) {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`).join(' ') || 'no settings'; // prettier-ignore

    it(`hold without a socket, ${vectors.length} of ${settings}`, async (test) => {
      const { config, warnings, errors } = readConfig({ FILESYSTEM_PREFIX: IMAGES, ...env }, facts);
      assert.deepEqual([warnings, errors], [[], []]);
      const server = await createImageServer(config, memoryLog(), '1.3');
      // The threads of a server that listens nowhere keep nothing alive.
      const alive = setInterval(() => undefined, 60_000);
      test.after(() => {
        clearInterval(alive);
        return server.stop();
      });
      const ask = async (vector: Vector): Promise<Got> => {
        const { status, headers, body } = await server.respond(
          requestOf(vector),
          new AbortController().signal,
        );
        const lower = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
        return { status, headers: Object.fromEntries(lower), body: Buffer.from(body) };
      };
      await checkAll(vectors, ask, 'respond');
    });

    it(`hold through FastCGI, ${vectors.length} of ${settings}`, async (test) => {
      const { where } = await startProgram(scopeOf(test), { env: { FILESYSTEM_PREFIX: IMAGES, ...env } });
      const client = await FcgiClient.connect(where);
      test.after(() => client.destroy());
      const ask = (vector: Vector): Promise<Got> => {
        const { params, body } = cgiOf(vector);
        return client.request(params, { keepConn: true, ...(body === undefined ? {} : { body }) });
      };
      await checkAll(vectors, ask, 'fastcgi');
    });
  }

  it('have names that tell them apart', () => {
    assert.equal(new Set(VECTORS.map(({ name }) => name)).size, VECTORS.length);
    assert.ok(VECTORS.length >= 655, `${VECTORS.length} vectors`);
  });

  for (const { names, reason } of EXCEPTIONS) {
    it(`have an exception because ${reason}`, () => {
      assert.ok(VECTORS.some(({ name }) => names.test(name)), `no vector is called ${names.source}`); // prettier-ignore
    });
  }
});
