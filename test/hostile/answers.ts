/** What must hold of every answer, whatever was asked: BEHAVIOUR 13. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HttpAnswer } from '../support/http-client.ts';

/** Texts that only the server's file system has. */
export const SECRETS = [tmpdir(), path.resolve('.'), 'node_modules', 'node:internal', '/dist/'];

const STACK = /\n\s+at /;

/** @throws AssertionError when an answer that is no picture says where something is on the server. */
export function assertTellsNoPath({ headers, body }: HttpAnswer, what: string): void {
  const text = `${JSON.stringify(headers)}\n${isText(headers) ? body.toString() : ''}`;
  for (const secret of SECRETS)
    assert.ok(!text.includes(secret), `${what} tells ${secret}: ${text.slice(0, 300)}`);
  assert.doesNotMatch(text, STACK, what);
}

function isText(headers: HttpAnswer['headers']): boolean {
  return !/^image\//.test(headers['content-type'] ?? '');
}

/** @throws AssertionError also when the status is none of `statuses`. */
export function assertRefused(answer: HttpAnswer, statuses: readonly number[], what: string): void {
  const start = answer.body.toString('utf8', 0, 200);
  assert.ok(
    statuses.includes(answer.status),
    `${what}: status ${answer.status}, not ${statuses.join(' or ')}: ${start}`,
  );
  // nginx has pages of its own.
  const isOurs = !start.startsWith('<html>');
  if (answer.status >= 400 && isOurs)
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain/, what);
  assertTellsNoPath(answer, what);
}
