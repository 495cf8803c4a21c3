/** The table of command-line options and of exit statuses: the parser, `--help` and docs/configuration.md use it. */

export const DEFAULT_BACKLOG = 2048;

/** What the program ends with. */
export const EXIT_STATUS = { done: 0, cannotServe: 1, usage: 2, differs: 3 } as const;

export type ExitStatus = (typeof EXIT_STATUS)[keyof typeof EXIT_STATUS];

interface Option {
  readonly type: 'string' | 'boolean';
  /** A letter that stands for the option. */
  readonly alias?: string;
  /** What the value is; absent for switches. */
  readonly value?: string;
  /** One or more sentences for `--help` and the documents. */
  readonly doc: string;
}

export const OPTIONS = {
  bind: {
    type: 'string',
    value: 'address',
    doc: 'Serve FastCGI on `host:port`, `:port` (every interface), `[IPv6 address]:port` or the path of a UNIX socket. Without it the listening socket inherited as descriptor 0 is served, as spawn-fcgi, mod_fcgid, lighttpd and systemd pass it.',
  },
  workers: {
    type: 'string',
    value: 'n|auto',
    doc: 'Serve with so many processes on the same sockets; `auto` is one for each thread of OMP_NUM_THREADS. One that dies is replaced, SIGHUP replaces one after the other, and memory, open files and threads are for all of them together. The default is 1, a single process.',
  },
  backlog: {
    type: 'string',
    value: 'n',
    doc: `Connections that may wait to be accepted. The default is ${DEFAULT_BACKLOG}; the kernel may allow fewer (net.core.somaxconn).`,
  },
  http: {
    type: 'string',
    value: '[host:]port',
    doc: 'Serve HTTP too. A port alone is open to this machine only (127.0.0.1); `:port` is every interface. With it, neither --bind nor a socket on descriptor 0 is needed. Off by default.',
  },
  admin: {
    type: 'string',
    value: '[host:]port',
    doc: 'Serve metrics, health and cache control to operators over HTTP on this address; a port alone is open to this machine only. Keep it from the public. Off by default.',
  },
  gallery: {
    type: 'boolean',
    doc: 'Let the page that --http serves list the images under FILESYSTEM_PREFIX, as they are at the start. Off by default.',
  },
  check: {
    type: 'boolean',
    doc: 'Read the configuration, say what the server would do, open nothing. The exit status tells whether it would start.',
  },
  version: { type: 'boolean', alias: 'v', doc: 'Print the version.' },
  help: { type: 'boolean', alias: 'h', doc: 'Print this text.' },
} as const satisfies Readonly<Record<string, Option>>;

/** The options as a list, with what a person types. */
export function listOptions(): readonly { readonly usage: string; readonly doc: string }[] {
  return Object.entries<Option>(OPTIONS).map(([name, { value, alias, doc }]) => ({
    usage: `--${name}${value === undefined ? '' : ` ${value}`}${alias === undefined ? '' : `, -${alias}`}`,
    doc,
  }));
}

export const EXIT_STATUS_DOCS: Readonly<Record<ExitStatus, string>> = {
  0: 'Stopped by a signal. Also --help, --version, and --check when the server would start.',
  1: 'The server cannot start: a setting is refused, an address cannot be bound, descriptor 0 is no listening socket. Or it broke down. Also --check when a setting is refused.',
  2: 'The command line is wrong.',
  3: 'iipsrv shadow: some answers differ.',
};
