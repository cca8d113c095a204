/** What an account has for perpetuals at a venue behind ccxt: positions, leverage and funding. */
import { PortError } from '#core/errors.ts';
import type { FundingPayment, MarginMode, PerpetualSession, VenuePosition } from '#core/perpetual-ports.ts';
import type { Clock } from '#core/ports.ts';
import type { VenueAnswer } from './_api.ts';
import { failureOf, readAnswer, readAnswerOf } from './_ask.ts';
import type { CcxtMarket } from './_ccxt-market.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { HeldTerms, PerpetualDialect } from './_perpetual-dialect.ts';
import type { Ask, Asking } from './_request.ts';
import type { VenueTime } from './_venue-time.ts';

/** For so long an account counts as one-way after it was seen to be. */
const MODE_KEPT_MS = 60_000;

export interface CcxtPerpetualOptions {
  readonly dialect: CcxtDialect;
  readonly calls: PerpetualDialect;
  readonly ask: (ask: Ask, symbol: string | null) => Promise<unknown>;
  readonly change: (ask: Ask, symbol: string) => Promise<VenueAnswer>;
  readonly market: CcxtMarket;
  readonly time: VenueTime;
  readonly clock: Clock;
}

export class CcxtPerpetual implements PerpetualSession {
  readonly #options: CcxtPerpetualOptions;
  readonly #modes = new Map<string, MarginMode>();
  #modeSeenAt = Number.NEGATIVE_INFINITY;

  constructor(options: CcxtPerpetualOptions) {
    this.#options = options;
  }

  async positions(): Promise<readonly VenuePosition[]> {
    const { dialect, calls, ask, market } = this.#options;
    await this.#checkMode();
    await market.instruments();
    return readAnswerOf(dialect, () =>
      calls.positions(
        (asked) => ask(asked, null),
        (id) => market.symbolOf(id),
      ),
    );
  }

  async setLeverage(symbol: string, leverage: number, marginMode: MarginMode): Promise<void> {
    const { dialect, calls, ask, change } = this.#options;
    await this.#checkMode();
    const asking = (asked: Ask): Promise<unknown> => ask(asked, symbol);
    const terms = (): Promise<HeldTerms> => readAnswerOf(dialect, () => calls.terms(asking, symbol, marginMode));
    const wanted = { leverage, marginMode };
    // Whatever comes of this, what was set before no longer holds for certain.
    this.#modes.delete(symbol);
    const held = await terms();
    if (isSame(held, wanted)) {
      this.#modes.set(symbol, marginMode);
      return;
    }
    let failure: PortError | null = null;
    for (const asked of await readAnswerOf(dialect, () => calls.changeTerms(asking, symbol, held, wanted))) {
      const answer = await change(asked, symbol);
      if (answer.kind === 'answered' && dialect.isSuccess(answer)) continue;
      // What follows may mean something else without it, such as the leverage of the other margin mode.
      failure = this.#refusalOf(answer);
      break;
    }
    // What holds now decides, whatever was answered: a lost answer may have been a yes.
    if (isSame(await terms(), wanted)) {
      this.#modes.set(symbol, marginMode);
      return;
    }
    throw (
      failure ?? new PortError('venue_unavailable', `${dialect.title} took leverage ${leverage} for ${symbol} and does not show it`, { outcome: 'unknown' })
    );
  }

  async fundingSince(symbol: string, since: number): Promise<readonly FundingPayment[]> {
    const { dialect, calls, ask, time, clock } = this.#options;
    await this.#checkMode();
    const now = clock.now() + (await time.offsetMs());
    return readAnswerOf(dialect, () => calls.fundingSince((asked) => ask(asked, symbol), symbol, since, now));
  }

  /** How a position that an order opens is held: as it was set here, else as the venue has it now; somebody else may set it next. */
  async marginModeOf(symbol: string, ask: Asking): Promise<MarginMode> {
    const known = this.#modes.get(symbol);
    if (known !== undefined) return known;
    const { dialect, calls } = this.#options;
    return (await readAnswerOf(dialect, () => calls.terms(ask, symbol, null))).marginMode;
  }

  async #checkMode(): Promise<void> {
    const { dialect, calls, ask, clock } = this.#options;
    const { accountMode } = calls;
    if (accountMode === undefined || clock.now() - this.#modeSeenAt < MODE_KEPT_MS) return;
    readAnswer(dialect, accountMode.check, await ask(accountMode.ask, null));
    this.#modeSeenAt = clock.now();
  }

  #refusalOf(answer: VenueAnswer): PortError {
    const { dialect, calls } = this.#options;
    const told = answer.kind === 'answered' ? calls.refusedTerms(answer) : null;
    return told === null ? failureOf(dialect, answer) : new PortError(told.code, told.message, { outcome: 'failed' });
  }
}

function isSame(held: HeldTerms, wanted: HeldTerms): boolean {
  return held.leverage === wanted.leverage && held.marginMode === wanted.marginMode;
}
