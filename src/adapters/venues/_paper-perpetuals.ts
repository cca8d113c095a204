/** What a paper account has for perpetuals: positions, leverage and funding, from the exchange in this process. */
import { PortError } from '#core/errors.ts';
import type { FundingPayment, MarginMode, PerpetualSession, VenuePosition } from '#core/perpetual-ports.ts';
import type { Clock } from '#core/ports.ts';
import type { SimulatedFunding, SimulatedPosition } from '#core/simulated-exchange.ts';
import type { PaperExchange } from './_paper-exchange.ts';

export interface PaperPerpetualsOptions {
  /** The owner's view of the account, by its name at the exchange. */
  readonly key: string;
  readonly paper: PaperExchange;
  readonly clock: Clock;
  /** The way to the exchange. */
  readonly arrive: () => Promise<void>;
}

export class PaperPerpetuals implements PerpetualSession {
  readonly #options: PaperPerpetualsOptions;

  constructor(options: PaperPerpetualsOptions) {
    this.#options = options;
  }

  async positions(): Promise<readonly VenuePosition[]> {
    const { paper, key, arrive } = this.#options;
    await arrive();
    const held = paper.exchange.perpetuals.positions(key).filter(({ lots }) => lots !== 0);
    for (const { symbol } of held) await paper.openMarket(symbol);
    return held.map(({ symbol }) => positionOf(paper.exchange.perpetuals.position(key, symbol)));
  }

  async setLeverage(symbol: string, leverage: number, marginMode: MarginMode): Promise<void> {
    const { paper, key, clock, arrive } = this.#options;
    await arrive();
    await this.#open(symbol);
    const refusal = paper.exchange.perpetuals.setLeverage(key, symbol, leverage, marginMode, clock.now());
    paper.pump();
    if (refusal === null) return;
    if (refusal === 'insufficientBalance')
      throw new PortError('insufficient_funds', `the account does not hold enough for the position in ${symbol} at leverage ${leverage}`, {
        outcome: 'failed',
      });
    const message =
      refusal === 'leverage'
        ? `${symbol} cannot be held at leverage ${leverage}`
        : `the margin mode of ${symbol} cannot change while a position or orders stand`;
    throw new PortError('validation_failed', message, { outcome: 'failed' });
  }

  async fundingSince(symbol: string, since: number): Promise<readonly FundingPayment[]> {
    const { paper, key, arrive } = this.#options;
    await arrive();
    return paper.exchange.perpetuals.fundingSince(key, symbol, since).map(paymentOf);
  }

  async #open(symbol: string): Promise<void> {
    const { paper } = this.#options;
    const isTraded = await paper.openMarket(symbol);
    if (!isTraded || paper.exchange.scale(symbol)?.isPerpetual !== true)
      throw new PortError('symbol_unknown', `${symbol} is not a perpetual that is traded here`, { outcome: 'failed' });
  }
}

function positionOf(position: SimulatedPosition): VenuePosition {
  const { symbol, size, entryPrice, markPrice, liquidationPrice, unrealisedProfit, leverage, marginMode } = position;
  return { symbol, size, entryPrice, markPrice, liquidationPrice, unrealisedProfit, leverage, marginMode };
}

function paymentOf({ paymentId, symbol, asset, amount, rate, at }: SimulatedFunding): FundingPayment {
  return { paymentId, symbol, asset, amount, rate, at };
}
