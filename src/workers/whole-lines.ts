/** Puts the output of a process together to whole lines. */

/** A line without an end is not waited for beyond this. */
const MAX_LINE_CHARACTERS = 1_000_000;

/** Lines of the log begin with a brace, those for syslog with their severity. */
const LOG_LINE = /^(<\d>)?\{/;

export interface LineTakers {
  /** Whole lines of the log, with their line breaks. */
  readonly onLog: (lines: string) => void;
  /** Anything else that the process printed, without line breaks: what Node.js says before it dies, say. */
  readonly onStray: (line: string) => void;
}

export class WholeLines {
  readonly #takers: LineTakers;
  #rest = '';

  constructor(takers: LineTakers) {
    this.#takers = takers;
  }

  add(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) this.#take(this.#rest + text.slice(0, end));
    this.#rest = end > 0 ? text.slice(end) : this.#rest + text;
    if (this.#rest.length > MAX_LINE_CHARACTERS) this.end();
  }

  /** Nothing more comes: what has no line break is a line that was cut off. */
  end(): void {
    if (this.#rest !== '') this.#takers.onStray(this.#rest);
    this.#rest = '';
  }

  #take(lines: string): void {
    let log = '';
    for (const line of lines.slice(0, -1).split('\n')) {
      if (LOG_LINE.test(line)) log += `${line}\n`;
      else if (line !== '') this.#takers.onStray(line);
    }
    if (log !== '') this.#takers.onLog(log);
  }
}
