/** `npm run traffic -- --minutes N`: prints what came of it; the exit status is 1 when something was wrong. */
import { parseArgs } from 'node:util';
import { Scope } from '../support/scope.ts';
import { faultsOf, linesOf } from './report.ts';
import { runTraffic } from './traffic.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, clients: { type: 'string', default: '24' } },
});
const [minutes, clients] = [Number(values.minutes), Number(values.clients)];
if (!(minutes > 0 && clients >= 1)) throw new RangeError('--minutes and --clients are numbers above 0');

const scope = new Scope();
try {
  const report = await runTraffic(scope, {
    seconds: minutes * 60,
    clients,
    hangUpSeconds: 60,
    memcachedSeconds: 20,
    replaceSeconds: 2,
  });
  for (const line of linesOf(report)) console.log(line);
  process.exitCode = faultsOf(report) + report.wrong.length === 0 ? 0 : 1;
} finally {
  await scope.end();
}
