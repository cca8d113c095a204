/** The fee rates of an account, kept for an hour: many runs ask for the same when they begin, and rates change by the day. */
import type { FeeRates } from '#core/account-calls.ts';
import type { Clock } from '#core/ports.ts';
import { readAnswer } from './_ask.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Ask } from './_request.ts';

const KEPT_MS = 3_600_000;

export class KeptFeeRates {
  readonly #dialect: CcxtDialect;
  readonly #clock: Clock;
  readonly #ask: (ask: Ask, symbol: string) => Promise<unknown>;
  readonly #kept = new Map<string, { readonly at: number; readonly rates: FeeRates }>();

  constructor(dialect: CcxtDialect, clock: Clock, ask: (ask: Ask, symbol: string) => Promise<unknown>) {
    this.#dialect = dialect;
    this.#clock = clock;
    this.#ask = ask;
  }

  async of(symbol: string): Promise<FeeRates> {
    const known = this.#kept.get(symbol);
    if (known !== undefined && this.#clock.now() - known.at < KEPT_MS) return known.rates;
    const { feeRates } = this.#dialect;
    const rates = readAnswer(this.#dialect, (body) => feeRates.read(body, symbol), await this.#ask(feeRates.ask(symbol), symbol));
    this.#kept.set(symbol, { at: this.#clock.now(), rates });
    return rates;
  }
}
