/** What a builder is told on its standard input. */
export interface BuildJob {
  readonly source: string;
  /** The file that appears there is whole. */
  readonly target: string;
}
