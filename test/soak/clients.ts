/** Clients of the soak: most wait for their answer and compare it, some leave, some are slow. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  cgiParams,
  FcgiClient,
  fcgiRequest,
  requestRecords,
  type FcgiAnswer,
} from '../support/fcgi-client.ts';
import type { Dice } from '../fuzz/dice.ts';
import { awakeMs, sleepAwake } from './awake-clock.ts';
import type { Expected, ExpectedAnswers } from './expected.ts';
import { CLIENT_FAULTS } from './faults.ts';
import type { Losses } from './losses.ts';
import { REQUESTS, UNSTEADY, type SoakRequest } from './requests.ts';
import type { Tally } from './tally.ts';
import type { UnsteadyFile } from './unsteady-file.ts';

export interface Scene {
  readonly port: number;
  readonly expected: ExpectedAnswers;
  readonly file: UnsteadyFile;
  readonly tally: Tally;
  readonly isOver: () => boolean;
  readonly losses: Losses;
  /** A file was quarantined because of that: it is touched. */
  readonly pardon: (name: string) => Promise<void>;
}

/** Asks one thing after another. */
export async function goodClient(scene: Scene, dice: Dice): Promise<void> {
  let kept: FcgiClient | undefined;
  // A kept connection may be lost at any time since then, and that is only seen when it is used again.
  let keptUsedAt = awakeMs();
  while (!scene.isOver()) {
    const request = dice.pick(REQUESTS);
    const isKept = dice.chance(0.5);
    const start = performance.now();
    const awakeStart = isKept && kept !== undefined ? keptUsedAt : awakeMs();
    scene.tally.requests++;
    try {
      if (isKept) kept ??= await FcgiClient.connect({ port: scene.port });
      const answer = await inTime(
        isKept
          ? kept!.request(cgiParams(request.uri), { keepConn: true })
          : fcgiRequest({ port: scene.port }, cgiParams(request.uri)),
      );
      if (isKept) keptUsedAt = awakeMs();
      scene.tally.took(performance.now() - start, request.uri);
      await judge(scene, request, answer, start);
    } catch (error) {
      kept?.destroy();
      kept = undefined;
      // Whoever ends a process ends its connections: a loss is told at once.
      const loss = error instanceof NoAnswer ? undefined : scene.losses.ofConnection(awakeStart, isKept);
      if (loss === undefined) scene.tally.wrong.push(`${request.uri}: ${String(error)}`);
      else scene.tally.count(scene.tally.errors, `connection lost: ${loss}`);
    }
  }
  kept?.destroy();
}

/** Longer than REQUEST_TIMEOUT, and than anything here is stopped. */
const ANSWER_MS = 90_000;

class NoAnswer extends Error {}

/** @throws NoAnswer when nothing comes: a client that waits for ever is a fault, too. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = new AbortController();
  const limit = sleepAwake(ANSWER_MS, late.signal).then(() => {
    throw new NoAnswer(`no answer in ${ANSWER_MS / 1000} s`);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    limit.catch(() => undefined);
    late.abort();
  }
}

async function judge(
  { expected, file, tally, losses, pardon }: Scene,
  { uri, name }: SoakRequest,
  { status, body }: FcgiAnswer,
  start: number,
): Promise<void> {
  const versions = name === UNSTEADY.name ? file.versionsBetween(start, performance.now()) : [0];
  const answers = expected.get(uri) ?? [];
  const isRight = versions.some((version) => answers[version]?.status === status && answers[version].body.equals(body));
  const text = status >= 400 ? body.toString('utf8', 0, 200).trim() : `${body.length} bytes`;
  if (isRight) tally.right++;
  else if (status === 503) tally.count(tally.errors, `503 ${text}`);
  else if (versions.includes(-1)) {
    tally.uncertain++;
    if (status >= 400) tally.count(tally.errors, `${status} of a file that was changing: ${text}`);
  } else if (status === 500 && losses.mayLoseDecoder() && /ended its decoder/.test(text)) {
    tally.count(tally.errors, `500 ${text}`);
    if (/not decoded any more/.test(text)) await pardon(name);
  } else {
    const kept = await keepWrong(body, answers);
    tally.wrong.push(`${uri}: ${status} ${text}, versions ${versions.join()}; kept in ${kept}`);
  }
} // prettier-ignore

/** Writes what came, and what should have, where it stays. @returns the folder. */
async function keepWrong(body: Buffer, answers: readonly Expected[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'iipsrv-wrong-'));
  await writeFile(path.join(folder, 'answer'), body);
  for (const [version, right] of answers.entries())
    await writeFile(path.join(folder, `expected-${version}`), right.body);
  return folder;
}

/** Leaves before the answer, or in the middle of it. */
export async function leavingClient(scene: Scene, dice: Dice): Promise<void> {
  while (!scene.isOver()) {
    const socket = connect(scene.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(requestRecords(cgiParams(dice.pick(REQUESTS).uri)));
    await sleep(dice.below(60));
    socket.destroy();
    scene.tally.count(scene.tally.faults, CLIENT_FAULTS.leaving);
    await sleep(100);
  }
}

/** Sends and reads a byte now and then. */
export async function slowClient(scene: Scene, dice: Dice): Promise<void> {
  while (!scene.isOver()) {
    const socket = connect(scene.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    const bytes = requestRecords(cgiParams(dice.pick(REQUESTS).uri));
    for (let at = 0; at < Math.min(bytes.length, 40) && !scene.isOver(); at++) {
      socket.write(bytes.subarray(at, at + 1));
      await sleep(50);
    }
    socket.write(bytes.subarray(40));
    for (let reads = 0; reads < 40 && !scene.isOver(); reads++) {
      socket.read(1);
      await sleep(50);
    }
    socket.destroy();
    scene.tally.count(scene.tally.faults, CLIENT_FAULTS.slow);
  }
}
