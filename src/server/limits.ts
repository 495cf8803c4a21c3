/** How much and how long a client may ask of the server room before it is turned away. */

/** Largest body of a POST that is taken in, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Time that a begun request may take to arrive when none of its bytes come. */
export const READ_TIMEOUT_MS = 60_000;

/** Time that a client may read nothing of an answer that waits for it. */
export const WRITE_TIMEOUT_MS = 60_000;

/** Time that a connection is kept open between requests. */
export const IDLE_TIMEOUT_MS = 300_000;
