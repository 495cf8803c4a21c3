/** The text of `--help`, made from the tables of options, variables and exit statuses. */
import { EXIT_STATUS_DOCS, listOptions } from './options.ts';
import { SUBCOMMANDS } from './subcommands.ts';
import { GROUPS, SETTINGS, variableOf } from './variables.ts';
import type { Config } from './config.ts';

const COLUMNS = 98;

const USAGE = `Usage: iipsrv [options]
       iipsrv COMMAND …

An image server: IIP, IIIF Image API 2 and 3, DeepZoom and Zoomify over FastCGI.`;

/** The whole text, lines of at most 98 columns, without a final line break. */
export function helpText(): string {
  return [USAGE, subcommandsHelp(), optionsHelp(), variablesHelp(), exitStatusHelp()].join('\n\n');
}

function subcommandsHelp(): string {
  return ['Commands:', ...Object.values(SUBCOMMANDS).map(({ usage, doc }) => entry(usage, [doc]))].join('\n');
}

function optionsHelp(): string {
  return ['Options:', ...listOptions().map(({ usage, doc }) => entry(usage, [doc]))].join('\n');
}

function variablesHelp(): string {
  const groups = GROUPS.map((group) => {
    const settings = SETTINGS.filter((setting) => variableOf(setting).group === group);
    return [`  ${group}`, ...settings.map(variableHelp)].join('\n');
  });
  return ['Environment variables, all optional:', ...groups].join('\n\n');
}

function variableHelp(setting: keyof Config): string {
  const { names, initial, initialWords, rule, doc } = variableOf(setting);
  const known = initialWords ?? (initial === '' ? 'empty' : initial);
  return entry(`  ${names.join(', ')}`, [doc, `(${rule.accepts}; default: ${known})`]);
}

function exitStatusHelp(): string {
  const lines = Object.entries(EXIT_STATUS_DOCS).map(([status, doc]) => entry(status, [doc]));
  return ['Exit status:', ...lines].join('\n');
}

/** A headword with its paragraphs below it. */
function entry(head: string, paragraphs: readonly string[]): string {
  const indent = ' '.repeat(head.length - head.trimStart().length + 6);
  const lines = paragraphs.flatMap((paragraph) =>
    wrap(paragraph.replaceAll('`', ''), COLUMNS - indent.length).map((line) => indent + line),
  );
  return [`  ${head}`, ...lines].join('\n');
}

/** Lines of at most `columns`, broken at blanks. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  lines.push(line);
  return lines;
}
