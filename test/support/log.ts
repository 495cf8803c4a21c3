/** A log that only remembers. */
import type { LogLevel, OpenLog } from '../../src/log.ts';

export interface MemoryLine {
  readonly level: LogLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface MemoryLog extends OpenLog {
  /** Every line until now, of every level. */
  readonly lines: readonly MemoryLine[];
  readonly reopened: number;
  readonly isClosed: boolean;
}

export function memoryLog(): MemoryLog {
  const lines: MemoryLine[] = [];
  const state = { reopened: 0, isClosed: false };
  const at = (level: LogLevel) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
  };
  return {
    lines,
    get reopened() {
      return state.reopened;
    },
    get isClosed() {
      return state.isClosed;
    },
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    reopen: () => {
      state.reopened += 1;
      return Promise.resolve();
    },
    flush: () => Promise.resolve(),
    close: () => {
      state.isClosed = true;
      return Promise.resolve();
    },
  };
}
