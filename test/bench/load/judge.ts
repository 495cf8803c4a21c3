/** Whether an answer is what was asked for, judged by its status, length and edges: it costs next to nothing. */
import type { AnswerReader } from './wire.ts';

/** What a request is to be answered with. */
export type AnswerKind = 'jpeg' | 'png' | 'json' | 'anything';

/** By what it asks for, where a list asks for both: a description, else a picture. */
export const kindOf = (uri: string): AnswerKind => (uri.endsWith('/info.json') ? 'json' : 'jpeg');

interface Edges {
  readonly begins: Buffer;
  readonly ends: Buffer;
}

const EDGES: Readonly<Record<Exclude<AnswerKind, 'anything'>, Edges>> = {
  jpeg: { begins: Buffer.from('ffd8ff', 'hex'), ends: Buffer.from('ffd9', 'hex') },
  png: { begins: Buffer.from('89504e470d0a1a0a', 'hex'), ends: Buffer.from('49454e44ae426082', 'hex') },
  json: { begins: Buffer.from('{'), ends: Buffer.from('}') },
};

/** What is wrong with a complete answer; `undefined`: nothing. */
export function problemOf(answer: AnswerReader, kind: AnswerKind): string | undefined {
  if (answer.status !== 200) return `status ${answer.status}`;
  if (answer.bodyBytes === 0) return 'an empty body';
  if (kind === 'anything') return undefined;
  const { begins, ends } = EDGES[kind];
  if (!begins.equals(answer.first.subarray(0, begins.length))) return `no beginning of ${kind}`;
  const last = kind === 'json' ? trimmed(answer.last) : answer.last;
  if (!ends.equals(last.subarray(last.length - ends.length))) return `no end of ${kind}`;
  return undefined;
}

function trimmed(bytes: Buffer): Buffer {
  let { length } = bytes;
  while (length > 0 && bytes[length - 1]! <= 0x20) length--;
  return bytes.subarray(0, length);
}
