/** What the server room asks of a log; pino's logger is one. */

export interface ServerLog {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}
