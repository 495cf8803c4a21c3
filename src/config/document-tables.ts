/** The tables of docs/configuration.md in Markdown; scripts/generate-docs.mjs puts them between their markers. */
import type { Config } from './config.ts';
import { movingRows } from './moving-table.ts';
import { EXIT_STATUS_DOCS, listOptions } from './options.ts';
import { GROUPS, SETTINGS, variableOf } from './variables.ts';

/** Markdown by the name that its marker has in the document. */
export type DocumentTables = Readonly<Record<'options' | 'variables' | 'exit-statuses', string>>;

export function documentTables(): DocumentTables {
  return {
    options: table(
      ['option', 'meaning'],
      listOptions().map(({ usage, doc }) => [code(usage), doc]),
    ),
    variables: GROUPS.map(groupSection).join('\n\n'),
    'exit-statuses': table(['status', 'meaning'], Object.entries(EXIT_STATUS_DOCS)),
  };
}

/** The table of docs/moving-from-iipsrv.md. */
export function movingTables(): Readonly<Record<string, string>> {
  return { moving: table(['variable', 'here', 'in what'], movingRows()) };
}

/**
 * The document with what stands between `<!-- table: name -->` and `<!-- end -->` replaced.
 *
 * @throws {Error} when the document has no place for one of the tables.
 */
export function fillTables(document: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, markdown]) => {
    const start = `<!-- table: ${name} -->`;
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf('<!-- end -->', from);
    if (from < start.length || to < 0) throw new Error(`the document has no place for the table ${name}`);
    return `${text.slice(0, from)}\n\n${markdown}\n\n${text.slice(to)}`;
  }, document);
}

function groupSection(group: (typeof GROUPS)[number]): string {
  const settings = SETTINGS.filter((setting) => variableOf(setting).group === group);
  return `### ${group}\n\n${table(['variable', 'default', 'accepts', 'meaning'], settings.map(variableRow))}`;
}

function variableRow(setting: keyof Config): readonly string[] {
  const { names, initial, initialWords, rule, doc, note } = variableOf(setting);
  return [
    names.map(code).join(', also '),
    initialWords ?? (initial === '' ? 'empty' : code(initial)),
    rule.accepts,
    note === undefined ? doc : `${doc} ${note}`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row).join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
