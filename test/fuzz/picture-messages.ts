/** What the harness of the picture fuzzers and its child process say to each other. */

export type ParentMessage = { readonly kind: 'try'; readonly bytes: Uint8Array } | { readonly kind: 'end' };

export interface ChildMessage {
  /** Undefined: the picture was read, or refused as it should be. */
  readonly fault: string | undefined;
  readonly cpuMs: number;
  /** By how much this case raised the most memory that the process ever had. */
  readonly peakMegabytes: number;
  /** Resident after it. */
  readonly megabytes: number;
}
