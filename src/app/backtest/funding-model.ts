/** When a perpetual's funding is settled and at which rate: of a recorded history, or a rate that is assumed throughout. */
import { AppError } from '#core/errors.ts';

/** A settlement that was; a positive rate is paid by longs to shorts. */
export interface FundingRecord {
  readonly at: number;
  readonly rate: number;
}

/** `0.0001` is one basis point of the position's value. */
export type FundingTerms = { readonly rate: number } | { readonly history: readonly FundingRecord[] };

/** Beyond it nothing was ever settled anywhere. */
const MAX_RATE = 0.1;

export interface FundingModel {
  /** The first settlement after a time; infinity when there is none. */
  nextAfter(at: number): number;
  /** Of a settlement that {@link nextAfter} has named. */
  rateAt(at: number): number;
}

/** Throws AppError `validation_failed` naming `funding` for a rate that cannot be, or a history out of order. */
export function fundingModel(terms: FundingTerms, intervalMs: number): FundingModel {
  if ('history' in terms) return recordedFunding(terms.history);
  assertRate(terms.rate);
  return { nextAfter: (at) => (terms.rate === 0 ? Number.POSITIVE_INFINITY : (Math.floor(at / intervalMs) + 1) * intervalMs), rateAt: () => terms.rate };
}

function recordedFunding(history: readonly FundingRecord[]): FundingModel {
  history.forEach(({ at, rate }, index) => {
    assertRate(rate);
    if (at <= (history[index - 1]?.at ?? Number.NEGATIVE_INFINITY)) throw refusal('must be in the sequence of its times, each once');
  });
  const rates = new Map(history.map(({ at, rate }) => [at, rate]));
  let next = 0;
  return {
    nextAfter(at) {
      // Time goes forward in a run.
      while (next < history.length && (history[next]?.at ?? 0) <= at) next += 1;
      return history[next]?.at ?? Number.POSITIVE_INFINITY;
    },
    rateAt: (at) => rates.get(at) ?? 0,
  };
}

function assertRate(rate: number): void {
  if (!(Math.abs(rate) <= MAX_RATE)) throw refusal(`must be a rate between -${MAX_RATE} and ${MAX_RATE}, such as 0.0001`);
}

function refusal(message: string): AppError {
  return new AppError('validation_failed', `funding ${message}`, [{ field: 'funding', message }]);
}
