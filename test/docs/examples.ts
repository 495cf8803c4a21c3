/** Reads the examples of docs/protocols.md: what is asked, with which settings, and what the text says of the answer. */
import assert from 'node:assert/strict';
import { SETTINGS, variableOf } from '../../src/config/variables.ts';

export type Settings = Readonly<Record<string, string>>;

export interface Example {
  readonly url: string;
  readonly status: number;
  readonly settings: Settings;
  /** Headers that the answer has. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Its text, `…` for anything; empty: nothing is said of it. */
  readonly body: string;
}

/** The names of all environment variables. */
export const SETTING_NAMES: ReadonlySet<string> = new Set(SETTINGS.flatMap((name) => variableOf(name).names));

/** A code span with what follows it up to the next one. */
const SPAN = /`([^`\n]+)`([^`]*)/g;
const STATUS = /^ → (\d{3})/;

/** Paragraphs, lists and fences; rows of tables and items of lists by themselves. */
function blocksOf(markdown: string): readonly string[] {
  const fences = markdown.split(/^(```[^]*?^```)$/m);
  return fences.flatMap((part) =>
    part.startsWith('```')
      ? [part]
      : part.split(/\n\n+|\n(?=\||- |\d+\. )/).filter((block) => block.trim() !== ''),
  );
}

/** The examples of a document, in their order. */
export function examplesOf(markdown: string): readonly Example[] {
  let last: Settings = {};
  return blocksOf(markdown).flatMap((block) => {
    const found = block.startsWith('```') ? fenceExamples(block, last) : spanExamples(block);
    last = settingsOf([...block.matchAll(SPAN)].map(([, span = '']) => span));
    return found;
  });
}

function settingsOf(spans: readonly string[]): Settings {
  return Object.fromEntries(
    spans.map((span) => pairOf(span, '=')).filter(([name]) => SETTING_NAMES.has(name)),
  );
}

function pairOf(words: string, separator: string): readonly [string, string] {
  const at = words.indexOf(separator);
  return [words.slice(0, at), words.slice(at + separator.length)];
}

/** In text settings hold for the examples that follow them. */
function spanExamples(block: string): readonly Example[] {
  const spans = [...block.matchAll(SPAN)];
  return spans.flatMap(([, url = '', rest = ''], at) => {
    if (!/^[?/]./.test(url)) return [];
    const settings = settingsOf(spans.slice(0, at).map(([, span = '']) => span));
    return [{ url, status: Number(STATUS.exec(rest)?.[1] ?? 200), settings, headers: [], body: '' }];
  });
}

/** What a line that tells a header of an answer begins with. */
const HEADER = '< ';

/** A fence has a list of examples, or one example and its answer. */
function fenceExamples(fence: string, settings: Settings): readonly Example[] {
  const lines = fence.split('\n').slice(1, -1);
  const isExample = (line: string): boolean => /^[?/]./.test(line);
  const answer = lines.filter((line) => !isExample(line));
  const examples = lines.filter(isExample);
  assert.ok(answer.length === 0 || examples.length < 2, `whose answer is it?\n${fence}`);
  const headers = answer.filter((line) => line.startsWith(HEADER)).map((line) => pairOf(line.slice(2), ': '));
  const body = answer.filter((line) => !line.startsWith(HEADER)).join('\n');
  return examples.map((line) => {
    const [url = '', status] = line.split(' → ');
    return { url, status: Number(status ?? 200), settings, headers, body };
  });
}

/** The code spans of a piece of Markdown. */
export const spansIn = (markdown: string): readonly string[] =>
  [...markdown.matchAll(SPAN)].map(([, span = '']) => span);
