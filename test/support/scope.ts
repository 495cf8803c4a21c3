/** What a test has started or written, and undoes at its end: the last thing first. */

type Undo = () => void | Promise<void>;

/** Either a test's context, or what `node:test` exports for a suite. */
interface Ending {
  after(undo: Undo): void;
}

export class Scope {
  readonly #undoing: Undo[] = [];

  /** `undo` runs when the scope ends, also when others fail. */
  defer(undo: Undo): void {
    this.#undoing.push(undo);
  }

  /** @throws AggregateError of all that failed. */
  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#undoing.pop(); undo !== undefined; undo = this.#undoing.pop()) {
      try {
        await undo();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}

/** A scope that ends with the test. */
export function scopeOf(test: Ending): Scope {
  const scope = new Scope();
  test.after(() => scope.end());
  return scope;
}
