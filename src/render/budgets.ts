/** What one request or all of them together may take, and the errors of those that would take more. */
import { ServerError, type ErrorFacts, type ErrorKind } from '../errors.ts';
import { REFUSALS, type Refusal } from '../metrics/meter.ts';

/** Why work was refused or broken off. Errors of these have `budget` among their facts; metrics count them. */
export type Budget = Refusal;

const ERRORS: Readonly<Record<Budget, readonly [kind: ErrorKind, message: string]>> = {
  time: ['timed-out', 'this takes longer than the server spends on one answer'],
  requests: ['overloaded', 'the server answers too many requests; try again later'],
  queue: ['overloaded', 'the server has too much to do; try again later'],
  memory: ['too-large', 'this picture takes more memory than the server has'],
  quarantine: ['quarantined', 'this picture is not decoded any more: it has ended its decoder twice'],
  doubtful: ['overloaded', 'too many damaged pictures are asked for; try again later'],
};

/** The error of a request that is over a budget. */
export function overBudget(budget: Budget, facts: ErrorFacts = {}): ServerError {
  const [kind, message] = ERRORS[budget];
  return new ServerError(kind, message, { facts: { budget, ...facts } });
}

/** Over which budget a request was, if that is what was thrown. */
export function budgetOf({ facts }: ServerError): Budget | undefined {
  return REFUSALS.find((budget) => budget === facts['budget']);
}

/** Whether the time of a request was over; a signal has it as its reason. */
export function isTimeOut(thrown: unknown): boolean {
  return thrown instanceof ServerError && thrown.kind === 'timed-out';
}
