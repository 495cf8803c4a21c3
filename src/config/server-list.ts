/** MEMCACHED_SERVERS: `host[:port],…`, IPv6 addresses in brackets when a port follows. */
import { parseHostAndPort, showAddress } from './address.ts';
import type { Config, ServerAddress } from './config.ts';
import type { Outcome, Rule } from './rules.ts';

const MEMCACHED_PORT = 11211;

/** Entries that are no address are left out, with a warning. */
export const serverList: Rule<readonly ServerAddress[]> = {
  accepts: 'host[:port],…',
  parse: parseServers,
  show: (servers) => servers.map((server) => showAddress({ kind: 'tcp', ...server })).join(','),
};

function parseServers(text: string): Outcome<readonly ServerAddress[]> {
  const servers: ServerAddress[] = [];
  const strange: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const address = parseHostAndPort(entry);
    if (address === undefined || address.host === '' || address.port === 0) strange.push(entry);
    else servers.push(Object.freeze({ host: address.host, port: address.port ?? MEMCACHED_PORT }));
  }
  const value = Object.freeze(servers);
  if (strange.length === 0) return { kind: 'good', value };
  return { kind: 'adjusted', value, why: `has no host[:port] in ${strange.join(', ')}` };
}

/** Names of the memcached servers, as metrics have them. */
export const memcachedNames = ({ memcachedServers }: Pick<Config, 'memcachedServers'>): readonly string[] =>
  memcachedServers.map((server) => showAddress({ kind: 'tcp', ...server }));
