/**
 * What the codes of Binance's futures API mean for an order: its own, where spot says the same in other words. An
 * allow-list: only what is named here is a certain refusal; every other answer leaves the order in doubt.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
 */
import type { CancelOutcome, PlaceOutcome } from '#core/venue-ports.ts';
import { errorOf, judgeRefusedPlace as judgeCommonRefusal } from './_binance-codes.ts';
import type { Answered, Failure } from './_request.ts';

/** Refused before the order reached the book. -4116, a repeated id, is not among them: it is evidence that the order exists. */
const REFUSED: ReadonlySet<number> = new Set([
  -1136, // size above the maximum
  -2018, // balance
  -2019, // margin
  -2021, // a stop that the price has passed
  -2022, // reduce-only, with nothing to reduce
  -2023, // the account is being liquidated
  -2024, // position
  -2025, // too many open orders
  -2026, // reduce-only of this kind
  -2027, // more than this leverage allows
  -2028, // leverage too low for it
  -4001,
  -4002,
  -4003,
  -4004,
  -4005,
  -4006,
  -4007,
  -4008, // bounds of price and size
  -4013,
  -4014,
  -4015,
  -4016,
  -4023,
  -4024, // increments, band of prices, id
  -4045, // too many stops
  -4055,
  -4060,
  -4061,
  -4062, // amount, position side, reduce-only
  -4087,
  -4088, // may only reduce, may not trade
  -4104,
  -4118,
  -4120, // contract, reduce-only, a stop at the wrong address
  -4131, // no counterpart within the band
  -4135,
  -4136,
  -4137,
  -4138,
  -4139,
  -4140,
  -4141,
  -4142, // stops, a symbol that is closed
  -4164, // value below the minimum
  -4183,
  -4184,
  -4192, // bounds of stops, a pause after losses
  -4400,
  -4401,
  -4403,
  -4408,
  -4411, // restrictions of the account
  -5021,
  -5022, // fill-or-kill that is not filled, post-only that would take
  -4188,
  -5028, // outside the request window of the matching engine
]);

const LATE: ReadonlySet<number | null> = new Set([-1021, -4188, -5028]);
const NOT_OPEN: ReadonlySet<number | null> = new Set([-2011, -2013]);

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [-2019, 'there is not enough free margin in the futures wallet'],
  [-2022, 'there is no position that it could reduce'],
  [-2027, 'the position would be larger than this leverage allows'],
  [-4061, 'the account holds longs and shorts apart (hedge mode); switch it to one-way mode in the futures preferences'],
  [-4164, 'its value is below the least that an order must have'],
]);

/** The outcome of placing when the answer is not a success. */
export function judgeRefusedPlace(answer: Answered): PlaceOutcome {
  const { code, text } = errorOf(answer);
  const isRefusal = answer.status >= 400 && answer.status < 500;
  if (!isRefusal || code === null || !REFUSED.has(code)) return judgeCommonRefusal(answer);
  const remedy = REMEDIES.get(code);
  return { outcome: 'rejected', code: String(code), message: remedy === undefined ? text : `${text} (${remedy})` };
}

/** The outcome of cancelling when the answer is not a success. */
export function judgeRefusedCancel(answer: Answered): CancelOutcome {
  const { code, text } = errorOf(answer);
  if (answer.status >= 400 && answer.status < 500 && NOT_OPEN.has(code)) return { outcome: 'notOpen' };
  return { outcome: 'unknown', code: code === null ? `http_${answer.status}` : String(code), message: text };
}

export function isLate(answer: Answered): boolean {
  return answer.status >= 400 && answer.status < 500 && LATE.has(errorOf(answer).code);
}

/** Why leverage or margin mode could not be changed. */
export function refusedTerms(answer: Answered): Failure | null {
  const { code, text } = errorOf(answer);
  const named = (error: Failure['code'], what: string): Failure => ({ code: error, message: `Binance answered ${code}: ${text} (${what})` });
  switch (code) {
    case -4028:
    case -2027:
    case -2028:
      return named('validation_failed', 'this leverage is not to be had for the symbol, or not for a position of this size');
    case -4047:
    case -4048:
      return named('validation_failed', 'the margin mode cannot change while orders or a position stand; close them at Binance first');
    case -4161:
      return named('validation_failed', 'leverage cannot be lowered while an isolated position stands');
    case -4168:
      return named('account_mode_unsupported', 'switch the futures account from multi-assets to single-asset mode');
    case -2019:
      return named('insufficient_funds', 'there is not enough margin in the futures wallet');
    default:
      return null;
  }
}
