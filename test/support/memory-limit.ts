/** A real limit of memory for a program, as a container has one: a group of the kernel (cgroup), of either version. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from './scope.ts';

/** Where a group for this process may have groups below it. */
interface Place {
  readonly folder: string;
  readonly version: 1 | 2;
}

/** A group of processes that together may have so much memory; the kernel ends one of them when they want more. */
export interface MemoryGroup {
  /** What to write before a command so that it runs in the group. */
  readonly wrapper: readonly [string, ...string[]];
  /** Of processes alone, what the page cache holds for them left out. */
  usedBytes(): number;
  /** Times that the kernel has ended a process of the group for want of memory. */
  kills(): number;
}

/** For the option `skip` of a test: false when groups can be made here, else why not. */
export const MEMORY_LIMIT_MISSING: string | false =
  findPlace() === undefined ? 'no group with a limit of memory (cgroup) can be made here' : false;

/** @throws Error where `MEMORY_LIMIT_MISSING` says why. */
export function limitMemory(scope: Scope, bytes: number): MemoryGroup {
  const place = findPlace();
  if (place === undefined) throw new Error('no group can be made');
  const folder = path.join(place.folder, `iipsrv-test-${process.pid}-${Date.now()}`);
  mkdirSync(folder);
  scope.defer(() => removeGroup(folder));
  const is2 = place.version === 2;
  writeFileSync(path.join(folder, is2 ? 'memory.max' : 'memory.limit_in_bytes'), String(bytes));
  for (const swap of ['memory.swap.max', 'memory.swappiness'])
    if (existsSync(path.join(folder, swap))) writeFileSync(path.join(folder, swap), '0');
  const number = (file: string, name: string): number => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  return {
    wrapper: ['/bin/sh', '-c', `echo $$ > ${path.join(folder, 'cgroup.procs')} && exec "$@"`, 'sh'],
    usedBytes: () => number('memory.stat', is2 ? 'anon' : 'rss') + (is2 ? number('memory.stat', 'shmem') : 0),
    kills: () => number(is2 ? 'memory.events' : 'memory.oom_control', 'oom_kill'),
  };
}

function findPlace(): Place | undefined {
  return placesOf(ownGroups()).find(({ folder }) => {
    const probe = path.join(folder, `iipsrv-probe-${process.pid}`);
    try {
      mkdirSync(probe);
    } catch {
      // Not there, or not ours to write in.
      return false;
    }
    const isLimitable = ['memory.max', 'memory.limit_in_bytes'].some((file) => existsSync(path.join(probe, file)));
    rmdirSync(probe);
    return isLimitable;
  });
} // prettier-ignore

function ownGroups(): string {
  return existsSync('/proc/self/cgroup') ? readFileSync('/proc/self/cgroup', 'utf8') : '';
}

function placesOf(groups: string): readonly Place[] {
  const one = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const two = /^0::(.*)$/m.exec(groups)?.[1];
  const root = '/sys/fs/cgroup';
  return [
    ...(one === undefined ? [] : [{ folder: path.join(root, 'memory', one), version: 1 as const }]),
    ...(two === undefined ? [] : [{ folder: path.join(root, two), version: 2 as const }]),
  ];
}

/** The last process of it may take a moment to be gone. */
async function removeGroup(folder: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return rmdirSync(folder);
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    }
  }
}
