/** Starting and ending in good order: what is counted, and how a server stops without cutting off its clients. */
import type { Respond } from './response.ts';

/** A server that can be stopped gently or at once. */
export interface Stoppable {
  /** Takes no new connection, lets requests under way end; resolves when the last connection is closed. */
  drain(): Promise<void>;
  /** Breaks off every connection. */
  destroy(): void;
}

/**
 * Drains `servers` for at most `graceMs`, then breaks off what is left.
 * Resolves when every connection is closed: `drained`, or `cut-off` when some request did not end in time.
 */
export async function stopServers(
  servers: readonly Stoppable[],
  graceMs: number,
): Promise<'drained' | 'cut-off'> {
  let outcome: 'drained' | 'cut-off' = 'drained';
  const limit = setTimeout(() => {
    outcome = 'cut-off';
    for (const server of servers) server.destroy();
  }, graceMs);
  try {
    await Promise.all(servers.map((server) => server.drain()));
  } finally {
    clearTimeout(limit);
  }
  return outcome;
}

export interface CountedRespond {
  readonly respond: Respond;
  /** Requests that were handed on so far. */
  readonly served: number;
}

/** `respond` with a count of the requests it was given. */
export function countRequests(respond: Respond): CountedRespond {
  let served = 0;
  return {
    respond(request, signal) {
      served += 1;
      return respond(request, signal);
    },
    get served() {
      return served;
    },
  };
}
