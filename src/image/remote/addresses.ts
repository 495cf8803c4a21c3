/** Which network addresses a host name may lead to: not to those where clouds keep the keys of their machines. */
import dns from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';

const REFUSED = new BlockList();
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4');
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4');
REFUSED.addSubnet('fe80::', 10, 'ipv6');
REFUSED.addAddress('::', 'ipv6');
// The metadata services of Amazon over IPv6, and of Alibaba and Oracle.
REFUSED.addAddress('fd00:ec2::254', 'ipv6');
REFUSED.addAddress('100.100.100.200', 'ipv4');
REFUSED.addAddress('192.0.0.192', 'ipv4');

/** Whether a name must not lead there. */
export function isRefusedAddress(address: string): boolean {
  return REFUSED.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * `dns.lookup` for sockets that refuses a name with such an address among its own. Node does not ask it for an
 * address that an operator wrote as a number.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  // All names below localhost are this machine (RFC 6761), as buckets of a local service are; not every resolver knows.
  const name = hostname.endsWith('.localhost') ? 'localhost' : hostname;
  dns.lookup(name, { ...options, all: true }, (cause, found) => {
    if (cause !== null) return callback(cause, []);
    const refused = found.find(({ address }) => isRefusedAddress(address));
    if (refused !== undefined) return callback(refusedError(hostname, refused.address), []);
    const [first] = found;
    if (options.all === true || first === undefined) return callback(null, found);
    return callback(null, first.address, first.family);
  });
};

function refusedError(hostname: string, address: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} leads to ${address}, which is no storage server`), {
    code: 'EREFUSEDADDRESS',
  });
}
