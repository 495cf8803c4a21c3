// Asks the registry for known faults of what is shipped. Ends with 1 for high and critical ones; where the registry cannot
// be asked, that is said, and nothing is proved.
import { spawnSync } from 'node:child_process';
import { root } from './lib/tasks.mjs';

const { stdout = '', error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: root,
  encoding: 'utf8',
  timeout: 60_000,
});
const counts = countsIn(stdout);
if (counts === undefined) {
  console.log(
    `Skipped: npm audit (the registry does not answer${error === undefined ? '' : `: ${error.message}`}).`,
  );
} else {
  console.log(`npm audit: ${JSON.stringify(counts)}`);
  process.exitCode = counts.high + counts.critical > 0 ? 1 : 0;
}

/** Faults by severity; undefined when there is no report. */
function countsIn(text) {
  try {
    return JSON.parse(text).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}
