import path from 'node:path';
import { describe, it } from 'node:test';
import type { Where } from '../support/fcgi-client.ts';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf, type Scope } from '../support/scope.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { NGINX_MISSING, startNginx } from './nginx.ts';
import { askEverything, URI_MAP } from './questions.ts';

const PLACES: Readonly<Record<string, (scope: Scope) => Promise<Where>>> = {
  'a TCP port': async () => ({ port: await freePort() }),
  'a UNIX socket': async (scope) => ({ path: path.join(await tempFolder(scope), 'iipsrv.sock') }),
};

describe('nginx', () => {
  for (const [place, choose] of Object.entries(PLACES)) {
    for (const isKeepingConnections of [false, true]) {
      const way = isKeepingConnections ? 'with connections kept' : 'with a connection for each request';
      it(
        `through ${place} ${way} gives what the program gives`,
        { skip: NGINX_MISSING, timeout: 300_000 },
        async (test) => {
          const scope = scopeOf(test);
          const where = await choose(scope);
          const program = await startProgram(scope, { where, env: { URI_MAP, CORS: '*' } });
          const { port } = await startNginx(scope, { upstream: where, isKeepingConnections });
          await askEverything(test, { port, direct: program.where });
        },
      );
    }
  }
});
