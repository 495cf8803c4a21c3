/** The right answers: those that a server of its own, with the same settings, gives while nothing disturbs it. */
import { cgiParams, fcgiRequest } from '../support/fcgi-client.ts';
import { startProgram } from '../support/program.ts';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fillFolder, REQUESTS, UNSTEADY } from './requests.ts';
import { soakArgs, soakEnv } from './settings.ts';

export interface Expected {
  readonly status: number;
  readonly body: Buffer;
}

/** By URI; of the unsteady picture one answer for each version, of others one. */
export type ExpectedAnswers = ReadonlyMap<string, readonly Expected[]>;

/** @throws Error when the server cannot answer: then nothing is known to be right. */
export async function findExpected(
  scope: Scope,
  workers: number,
  requests = REQUESTS,
): Promise<ExpectedAnswers> {
  const answers = new Map<string, Expected[]>();
  for (const version of UNSTEADY.versions.keys()) {
    const folder = await tempFolder(scope);
    await fillFolder(folder, version);
    const { where } = await startProgram(scope, {
      env: { ...soakEnv(folder), VERBOSITY: '0' },
      args: soakArgs(workers),
    });
    for (const { uri, name } of requests) {
      if (version > 0 && name !== UNSTEADY.name) continue;
      const { status, body } = await fcgiRequest(where, cgiParams(uri));
      if (status >= 500 && status !== 501)
        throw new Error(
          `the undisturbed server answers ${uri} with ${status}: ${body.toString('utf8', 0, 200)}`,
        );
      answers.set(uri, [...(answers.get(uri) ?? []), { status, body }]);
    }
  }
  return answers;
}
