/** Opens the admin server where it is wanted. */
import type { TcpAddress } from '../config/address.ts';
import type { Log } from '../log.ts';
import type { Stoppable } from '../server/lifecycle.ts';
import { listen } from '../server/listen.ts';
import type { Administered } from './readings.ts';

/**
 * Loaded only here: a server without it has no use for the metrics library.
 *
 * @throws Error with one line for the operator.
 */
export async function openAdmin(
  address: TcpAddress,
  administered: Administered,
  { log, version }: { readonly log: Log; readonly version: string },
): Promise<Stoppable> {
  const { createAdminServer } = await import('./admin-server.ts');
  const admin = createAdminServer(administered, { log, version });
  await listen(admin.server, address, { log });
  return { drain: () => admin.stop(), destroy: () => admin.server.closeAllConnections() };
}
