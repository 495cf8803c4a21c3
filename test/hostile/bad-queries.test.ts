import { describe, it } from 'node:test';
import { cgiParams, FcgiClient } from '../support/fcgi-client.ts';
import { startProgram } from '../support/program.ts';
import { scopeOf } from '../support/scope.ts';
import { assertRefused } from './answers.ts';
import { badQueries } from './bad-queries.ts';
import { besideGoodClient } from './good-client.ts';

const options = { timeout: 600_000 };

describe('a client that', options, () => {
  it('sends 10,000 bad queries gets 10,000 answers', async (test) => {
    const { where } = await startProgram(scopeOf(test));
    await besideGoodClient(where, async () => {
      const client = await FcgiClient.connect(where);
      for (const uri of badQueries(10_000, 3)) {
        const answer = await client.request(cgiParams(uri), { keepConn: true });
        // One of the files that are asked for is damaged.
        const statuses = uri.includes('truncated.tif') ? [200, 400, 404, 500, 501] : [200, 400, 404, 501];
        assertRefused(answer, statuses, uri.slice(0, 300));
      }
      client.destroy();
    });
  });
});
