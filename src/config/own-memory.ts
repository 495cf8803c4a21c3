/** How much memory this program may think its own. */

/**
 * The limit of the container (cgroup), or half of the machine's memory where there is none: others live there too.
 *
 * @param limit bytes; 0, undefined or more than the machine has: no limit.
 * @param machine bytes.
 */
export function ownMemory(limit: number | undefined, machine: number): number {
  const isLimited = limit !== undefined && limit > 0 && limit < machine;
  return isLimited ? limit : Math.floor(machine / 2);
}
