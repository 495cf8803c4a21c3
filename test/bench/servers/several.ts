/** A contender as several processes that share one socket. */
import { spawnSync } from 'node:child_process';
import { findProgram } from '../../support/real-programs.ts';
import type { Contender } from './contender.ts';

/** Why there is no such contender. */
export interface Lack {
  readonly lacks: string;
}

/**
 * As `spawn-fcgi -F` runs them, but as its children, so that their memory and time can be read and they are stopped:
 * each gets the socket as descriptor 0. For commands that say themselves where they listen there is none.
 */
export function severalOf({ name, command, ...rest }: Contender, count: number): Contender | Lack {
  const spawnFcgi = findProgram('spawn-fcgi');
  if (spawnFcgi === undefined) return { lacks: 'spawn-fcgi is not installed' };
  if (command.includes('{address}')) return { lacks: 'its command says itself where to listen' };
  // A shell gives programs in the background /dev/null as descriptor 0, unless it is told otherwise.
  const each = Array.from({ length: count }, () => `${command} <&3 3<&- &`).join(' ');
  return {
    ...rest,
    name: `${name}, ${count} processes`,
    command: `${spawnFcgi} -n -s {address} -- /bin/sh -c 'exec 3<&0; ${each} wait'`,
  };
}

/** Our server as workers of one, where it has that option. */
export function workersOf(ours: Contender, count: number): Contender | Lack {
  const { stdout } = spawnSync('sh', ['-c', `exec ${ours.command} --help`], { encoding: 'utf8' });
  if (!stdout.includes('--workers')) return { lacks: 'there is no option --workers' };
  return { ...ours, name: `${ours.name}, --workers ${count}`, command: `${ours.command} --workers ${count}` };
}
