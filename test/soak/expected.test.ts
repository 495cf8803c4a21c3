/** What the soak takes for right is what its server gives, however many processes share the memory for levels. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { findExpected } from './expected.ts';
import { fillFolder, REQUESTS } from './requests.ts';
import { soakArgs, soakEnv } from './settings.ts';

/** A small level of a picture that one process can keep whole, and two that share the memory cannot. */
const REQUEST = REQUESTS.filter(({ uri }) => uri === '/dz/noise.png_files/9/0_0.jpg');

describe('the right answers of the soak', () => {
  for (const workers of [1, 2])
    it(`are those of its server, with ${workers} of workers`, async (test) => {
      const scope = scopeOf(test);
      const expected = await findExpected(scope, workers, REQUEST);
      const folder = await tempFolder(scope);
      await fillFolder(folder, 0);
      const { where } = await startProgram(scope, { env: soakEnv(folder), args: soakArgs(workers) });
      const [{ uri }] = REQUEST as [(typeof REQUEST)[number]];
      const { status, body } = await fcgiRequest(where, cgiParams(uri));
      assert.equal(status, 200);
      assert.ok(expected.get(uri)?.[0]?.body.equals(body), 'another picture');
    });
});
