/** Funding at a simulated exchange: a rate set from outside, settled at every multiple of the instrument's interval. */
import { type DecimalString, decimal } from '../money.ts';
import { amountOf, LEDGER_DIGITS, unitsOf } from './ledger.ts';
import { type Margin, settleOf } from './margin.ts';
import type { Market } from './market.ts';
import type { SimulatedFunding } from './orders.ts';

const ONE = 10n ** BigInt(LEDGER_DIGITS);

export class Funding {
  readonly #margin: Margin;
  readonly #historyLimit: number;
  readonly #idPrefix: string;
  readonly #terms = new Map<string, { rate: DecimalString; nextAt: number }>();
  #paid: SimulatedFunding[] = [];
  #number = 0;

  constructor(margin: Margin, historyLimit: number, idPrefix: string) {
    this.#margin = margin;
    this.#historyLimit = historyLimit;
    this.#idPrefix = idPrefix;
  }

  /** The rate of the next settlements of a market; longs pay shorts when it is positive. */
  setRate({ instrument }: Market, rate: DecimalString): void {
    unitsOf(rate);
    const terms = this.#terms.get(instrument.symbol);
    if (terms !== undefined) terms.rate = rate;
    else this.#terms.set(instrument.symbol, { rate, nextAt: 0 });
  }

  /** The present rate and when it is settled next. */
  next(market: Market, now: number): { readonly rate: DecimalString; readonly nextAt: number } {
    const terms = this.#terms.get(market.instrument.symbol);
    return { rate: terms?.rate ?? '0', nextAt: terms?.nextAt || after(now, market) };
  }

  /** When positions in a market pay or are paid next; infinity where the rate is nothing. */
  dueAt({ instrument }: Market): number {
    const terms = this.#terms.get(instrument.symbol);
    return terms === undefined || decimal(terms.rate).isZero() ? Number.POSITIVE_INFINITY : terms.nextAt;
  }

  since(account: string, symbol: string, since: number): readonly SimulatedFunding[] {
    return this.#paid.filter((paid) => paid.account === account && paid.symbol === symbol && paid.at >= since);
  }

  forget(account: string): void {
    this.#paid = this.#paid.filter((paid) => paid.account !== account);
  }

  /** Settles a market when its time has come, once for all settlement times that have passed unobserved. */
  settle(market: Market, now: number): readonly SimulatedFunding[] {
    const { symbol } = market.instrument;
    const terms = this.#terms.get(symbol) ?? { rate: '0', nextAt: 0 };
    this.#terms.set(symbol, terms);
    const dueAt = terms.nextAt;
    if (dueAt > now) return [];
    terms.nextAt = after(now, market);
    if (dueAt === 0 || market.markTicks === 0 || decimal(terms.rate).isZero()) return [];
    const settled: SimulatedFunding[] = [];
    for (const stake of this.#margin.all()) {
      if (stake.market !== market || stake.lots === 0) continue;
      const value = BigInt(stake.lots) * BigInt(market.markTicks) * market.atom;
      const units = -(value * unitsOf(terms.rate)) / ONE;
      if (units === 0n) continue;
      this.#margin.fund(stake, units);
      this.#number += 1;
      settled.push({
        paymentId: `${this.#idPrefix}f${this.#number}`,
        account: stake.account,
        symbol,
        asset: settleOf(stake),
        amount: amountOf(units),
        rate: terms.rate,
        lots: stake.lots,
        markTicks: market.markTicks,
        at: dueAt,
      });
    }
    this.#paid.push(...settled);
    if (this.#paid.length > this.#historyLimit * 2) this.#paid = this.#paid.slice(this.#paid.length - this.#historyLimit);
    return settled;
  }
}

/** The first settlement time after `now`. */
function after(now: number, { instrument }: Market): number {
  const interval = instrument.perpetual?.fundingIntervalMs ?? Number.POSITIVE_INFINITY;
  return (Math.floor(now / interval) + 1) * interval;
}
