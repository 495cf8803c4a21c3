/** The manual page iipsrv(8), made from the tables of options, commands, variables and exit statuses. */
import { EXIT_STATUS_DOCS, listOptions } from './options.ts';
import { SUBCOMMANDS } from './subcommands.ts';
import { GROUPS, SETTINGS, variableOf } from './variables.ts';

export function manualPage(version: string): string {
  const lines = [
    `.TH IIPSRV 8 "" "iipsrv ${version}" "System Administration"`,
    '.SH NAME',
    'iipsrv \\- image server: IIP, IIIF, DeepZoom and Zoomify over FastCGI',
    '.SH SYNOPSIS',
    '.B iipsrv',
    '.RI [ options ]',
    ...Object.values(SUBCOMMANDS).flatMap(({ usage }) => ['.PP', `.B ${escape(usage)}`]),
    '.SH DESCRIPTION',
    'Serves parts of large pictures to viewers. Settings are environment variables; the command line says where to listen.',
    ...Object.values(SUBCOMMANDS).flatMap(({ usage, doc }) => entry(usage, doc)),
    '.SH OPTIONS',
    ...listOptions().flatMap(({ usage, doc }) => entry(usage, doc)),
    '.SH ENVIRONMENT',
    ...GROUPS.flatMap((group) => [`.SS ${group}`, ...variablesOf(group)]),
    '.SH SIGNALS',
    ...entry(
      'SIGTERM, SIGINT, SIGUSR1',
      'Requests under way end, then the program does; the second signal ends it at once.',
    ),
    ...entry(
      'SIGHUP',
      'Opens the log file anew and empties the caches; with --workers, brings new workers, one after the other.',
    ),
    '.SH "EXIT STATUS"',
    ...Object.entries(EXIT_STATUS_DOCS).flatMap(([status, doc]) => entry(status, doc)),
    '.SH "SEE ALSO"',
    '.BR nginx (8),',
    '.BR spawn\\-fcgi (1),',
    '.BR memcached (1)',
  ];
  return `${lines.join('\n')}\n`;
}

function variablesOf(group: (typeof GROUPS)[number]): readonly string[] {
  return SETTINGS.filter((setting) => variableOf(setting).group === group).flatMap((setting) => {
    const { names, doc, note, rule, initial, initialWords } = variableOf(setting);
    const known = initialWords ?? (initial === '' ? 'empty' : initial);
    return entry(
      names.join(', '),
      [doc, note ?? '', `Accepts: ${rule.accepts}. Default: ${known}.`].join(' '),
    );
  });
}

function entry(head: string, text: string): readonly string[] {
  return ['.TP', `.B ${escape(head)}`, escape(text)];
}

/** A line of text as roff takes it: no line begins with a control character. */
function escape(text: string): string {
  const plain = text
    .replaceAll('`', '')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/ {2,}/g, ' ');
  const ascii = plain.replace(/[^\x20-\x7e]/gu, asUnicodeEscape);
  return /^[.']/.test(ascii) ? `\\&${ascii}` : ascii;
}

/** groff takes other signs by their number only, unless it is told of an encoding. */
function asUnicodeEscape(sign: string): string {
  return `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}
