/** A program whose images a test writes, changes and takes away. */
import path from 'node:path';
import { cgiParams, fcgiRequest, type FcgiAnswer } from '../support/fcgi-client.ts';
import { startProgram, type Program } from '../support/program.ts';
import type { Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';

export const IIP = '/fcgi-bin/iipsrv.fcgi?FIF=';

export interface Served {
  readonly folder: string;
  readonly program: Program;
  readonly ask: (uri: string) => Promise<FcgiAnswer>;
}

/** A program over an empty folder. */
export async function serve(scope: Scope): Promise<Served> {
  const folder = await tempFolder(scope);
  const program = await startProgram(scope, { env: { FILESYSTEM_PREFIX: folder + path.sep } });
  return { folder, program, ask: (uri) => fcgiRequest(program.where, cgiParams(uri)) };
}

/** One request of each kind. */
export const KINDS = (name: string): readonly string[] => [
  `${IIP}${name}&OBJ=IIP,1.0&OBJ=Max-size`,
  `${IIP}${name}&JTL=0,0`,
  `${IIP}${name}&PTL=0,0`,
  `${IIP}${name}&WID=100&CVT=png`,
  `${IIP}${name}&RGN=0.5,0.5,0.5,0.5&WID=300&CVT=jpeg`,
  `/fcgi-bin/iipsrv.fcgi?IIIF=${name}/info.json`,
];
