/** Network addresses as operators write them: host and port, brackets for IPv6, paths of UNIX sockets. */
import { isIPv6 } from 'node:net';

export interface TcpAddress {
  readonly kind: 'tcp';
  /** Absent: every interface. */
  readonly host?: string;
  readonly port: number;
}

export type BindAddress = TcpAddress | { readonly kind: 'unix'; readonly path: string };

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

interface HostAndPort {
  /** Empty: none was given. */
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * `host`, `host:port`, `:port`, `[v6]`, `[v6]:port`, or an IPv6 address without port and brackets.
 *
 * Ports are 0 to 65535. Undefined when it is none of these.
 */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const bare = text.trim();
  if (isIPv6(bare)) return { host: bare, port: undefined };
  const match = /^(?:\[([^\]]*)\]|([^:[\]\s/]*))(?::(\d{1,5}))?$/.exec(bare);
  if (match === null) return undefined;
  const [, bracketed, plain = '', digits] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  return port !== undefined && port > 65535 ? undefined : { host: bracketed ?? plain, port };
}

/** The value of `--bind`: `host:port`, `:port`, `[v6]:port` or the path of a UNIX socket (BEHAVIOUR 1). */
export function parseBindAddress(text: string): Parsed<BindAddress> {
  if (text === '') return { ok: false, why: 'is empty' };
  const isPath = /^[./]/.test(text) || !text.includes(':');
  if (!isPath) return parseTcp(text);
  if (/^\d+$/.test(text)) return { ok: false, why: `is a number: write :${text} for a port` };
  return { ok: true, value: { kind: 'unix', path: text } };
}

/** The value of `--http`: `port` on this machine only (127.0.0.1), `host:port`, `[v6]:port`, or `:port`. */
export function parseHttpAddress(text: string): Parsed<TcpAddress> {
  return parseTcp(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text);
}

function parseTcp(text: string): Parsed<TcpAddress> {
  const address = parseHostAndPort(text);
  if (address?.port === undefined) {
    return { ok: false, why: 'is not host:port, :port or [IPv6 address]:port with a port of 0 to 65535' };
  }
  const { host, port } = address;
  return { ok: true, value: { kind: 'tcp', ...(host === '' || host === '*' ? {} : { host }), port } };
}

/** An address as it is written on the command line. */
export function showAddress(address: BindAddress): string {
  if (address.kind === 'unix') return address.path;
  const host = address.host ?? '';
  return `${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
