/** The right answers: those that a server of its own gives while nothing disturbs it. */
import path from 'node:path';
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { startProgram } from '../support/program.ts';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fillFolder, REQUESTS, UNSTEADY, URI_MAP } from './requests.ts';

export interface Expected {
  readonly status: number;
  readonly body: Buffer;
}

/** By URI; of the unsteady picture one answer for each version, of others one. */
export type ExpectedAnswers = ReadonlyMap<string, readonly Expected[]>;

export async function findExpected(scope: Scope): Promise<ExpectedAnswers> {
  const answers = new Map<string, Expected[]>();
  for (const version of UNSTEADY.versions.keys()) {
    const folder = await tempFolder(scope);
    await fillFolder(folder, version);
    const { where } = await startProgram(scope, {
      env: { FILESYSTEM_PREFIX: folder + path.sep, URI_MAP, VERBOSITY: '0' },
    });
    for (const { uri, name } of REQUESTS) {
      if (version > 0 && name !== UNSTEADY.name) continue;
      const { status, body } = await fcgiRequest(where, cgiParams(uri));
      answers.set(uri, [...(answers.get(uri) ?? []), { status, body }]);
    }
  }
  return answers;
}
