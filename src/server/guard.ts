/** The last net under `Respond`: a defect in one answer must not take down the sockets of all others. */
import { toServerError } from '../errors.ts';
import type { ServerLog } from './log.ts';
import { refusal } from './refusal.ts';
import type { Respond, Response } from './response.ts';

/**
 * The same `respond`, but one that really never throws and never rejects: a failure is logged and answered 500.
 * Answers that come at once stay without a promise.
 */
export function guarded(respond: Respond, log: ServerLog): Respond {
  const onFailure = (thrown: unknown): Response => {
    log.warn({ err: thrown }, 'a request failed without an answer');
    return refusal(toServerError(thrown));
  };
  return (request, signal) => {
    try {
      const answer = respond(request, signal);
      return answer instanceof Promise ? answer.catch(onFailure) : answer;
    } catch (thrown) {
      return onFailure(thrown);
    }
  };
}
