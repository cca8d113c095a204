/** A run on a perpetual: long, short and turned, with funding, reduce-only orders, stops and replay, against an exchange that counts for itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../commands.ts';
import type { Event } from '../events.ts';
import { GRAINS_PER_LOT } from '../instrument.ts';
import { decimal } from '../money.ts';
import type { Order, OrderRequest } from '../order.ts';
import { SimulatedExchange } from '../simulated-exchange.ts';
import { ASK, BID, event, grains, limit, market, PERPETUAL_SCALE, restored, type Script, scripted, setupOf, started } from './engine.fixture.ts';
import { Engine, type RunSetup } from './engine.ts';

const LIMITS = { budgetAtoms: 100_000_000, maxOrderAtoms: 900_000_000, maxOpenOrders: 20, priceCollar: 0.1, ordersPerMinute: 100_000, leverage: 10 };
const CHANGE: Partial<RunSetup> = { scale: PERPETUAL_SCALE, feeAsset: 'quote', limits: LIMITS };
const reduce = (request: OrderRequest): OrderRequest => ({ ...request, reduceOnly: true });

const submitted = (commands: readonly Command[]): Order[] => commands.flatMap((each) => (each.type === 'submitOrder' ? [each.order] : []));

/** A run and the exchange it trades at, joined by hand: every command is carried out and every event told, until nothing is left. */
class Market {
  readonly exchange: SimulatedExchange;
  readonly tape: { readonly event: Event; readonly commands: readonly Command[] }[] = [];
  engine: Engine;
  at = 0;

  constructor(script: Script, setup: Partial<RunSetup> = {}) {
    this.exchange = new SimulatedExchange({ instruments: [PERPETUAL_SCALE.instrument], leverage: 10 });
    this.exchange.deposit('bot', 'USDT', '1000', 0);
    this.exchange.setQuote(SYMBOL, BID, ASK, 0);
    this.exchange.takeEvents();
    this.engine = new Engine(setupOf(script, { ...CHANGE, ...setup }));
    this.step(event.quote(BID, ASK, 0));
    this.step(event.started(1, 0));
  }

  quote(bidTicks: number, passedMs = 1): void {
    this.at += passedMs;
    this.exchange.setQuote(SYMBOL, bidTicks, bidTicks + 2, this.at);
    this.step(event.quote(bidTicks, bidTicks + 2, this.at));
    this.pump();
  }

  step(given: Event): void {
    const commands = this.engine.step(given);
    this.tape.push({ event: structuredClone(given), commands });
    for (const command of commands) this.#carryOut(command);
    this.pump();
  }

  pump(): void {
    for (let events = this.exchange.takeEvents(); events.length > 0; events = this.exchange.takeEvents()) {
      for (const told of events) {
        if (told.type === 'funding') {
          const amountAtoms = decimal(told.funding.amount).div(PERPETUAL_SCALE.quote(1)).floor().toNumber();
          this.step({ type: 'fundingPaid', at: this.at, paymentId: told.funding.paymentId, amountAtoms });
        }
        if (told.type === 'order' && told.cause === 'accepted') this.step(event.accepted(told.order.clientOrderId, this.at));
        if (told.type === 'order' && (told.cause === 'cancelled' || told.cause === 'expired')) this.step(event[told.cause](told.order.clientOrderId, this.at));
        if (told.type !== 'fill') continue;
        const { clientOrderId, tradeId, side, priceTicks, sizeLots, feeAmount, isMaker } = told.fill;
        const feeAtoms = PERPETUAL_SCALE.atoms(feeAmount, 'up');
        const fill = { tradeId, side, priceTicks, sizeLots, feeGrains: 0, feeAtoms, otherFeeAtoms: 0, isMaker };
        this.step({ type: 'orderFilled', at: this.at, clientOrderId, fill });
      }
    }
  }

  /** The run's books and the exchange's say the same. */
  check(): void {
    const held = this.exchange.perpetuals.position('bot', SYMBOL);
    const { position } = this.engine.state;
    expect(position.baseGrains).toBe(held.lots * GRAINS_PER_LOT);
    const wallet = this.exchange.balances('bot').reduce((sum, { free, locked }) => sum.plus(free).plus(locked), decimal('-1000'));
    const floating = decimal(held.unrealisedProfit);
    const mark = PERPETUAL_SCALE.ticks(held.markPrice, 'nearest');
    const ours = decimal(PERPETUAL_SCALE.quote(position.quoteAtoms)).plus(PERPETUAL_SCALE.quote((position.baseGrains / GRAINS_PER_LOT) * mark));
    // Funding is not a whole number of atoms; the run counts it to its own disadvantage.
    const gap = wallet.plus(floating).minus(ours).div(PERPETUAL_SCALE.quote(1));
    expect([gap.gte(0), gap.lte(this.engine.state.payments?.length ?? 0)], `${gap.toFixed()} atoms apart`).toEqual([true, true]);
  }

  #carryOut(command: Command): void {
    if (command.type === 'cancelOrder') this.exchange.cancel('bot', SYMBOL, { clientOrderId: command.clientOrderId }, this.at);
    if (command.type !== 'submitOrder') return;
    const { clientOrderId, side, type, priceTicks, sizeLots, timeInForce, postOnly, reduceOnly } = command.order;
    const price = priceTicks > 0 ? PERPETUAL_SCALE.price(priceTicks) : null;
    const asked = { clientOrderId, symbol: SYMBOL, side, type, price, triggerPrice: null, size: PERPETUAL_SCALE.size(sizeLots) };
    const answer = this.exchange.place('bot', { ...asked, timeInForce, postOnly, reduceOnly }, this.at);
    if (!answer.ok) this.step(event.rejected(clientOrderId, this.at));
  }
}

const SYMBOL = PERPETUAL_SCALE.instrument.symbol;

describe('a run on a perpetual', () => {
  it('goes long, and is worth what the exchange says', () => {
    const run = new Market({ onStart: (context) => void context.submit(market('buy', 100)) });
    expect(run.engine.state.position).toMatchObject({ baseGrains: grains(100), costAtoms: 100 * ASK });
    run.quote(10_100);
    run.check();
  });

  it('turns from long to short with one order, which closes the one and opens the run', () => {
    const script: Script = {
      wantsQuotes: true,
      onStart: (context) => void context.submit(market('buy', 100)),
      on: (context, told) => {
        if (told.type === 'quoteChanged' && context.position.baseGrains > 0) context.submit(market('sell', 250));
      },
    };
    const run = new Market(script);
    run.quote(10_100);
    // 98 ticks on 100 lots, less two fees of 0.05 %.
    expect(run.engine.state.position).toMatchObject({ baseGrains: -grains(150), costAtoms: -150 * 10_100, realisedAtoms: 9_800 - 501 - 1_263 });
    run.check();
  });

  it('counts a funding payment once, however often it is told, and tells the strategy', () => {
    const { engine, seen } = started({ onStart: (context) => void context.submit(market('buy', 100)) }, CHANGE);
    const paid: Event = { type: 'fundingPaid', at: 1, paymentId: 'f1', amountAtoms: -700 };
    engine.step(paid);
    const again = restored(engine);
    again.step(paid);
    expect(again.state.position).toMatchObject({ fundingAtoms: -700, realisedAtoms: -700, quoteAtoms: -700 });
    again.step({ ...paid, paymentId: 'f2', amountAtoms: 200 });
    expect(again.state.position.fundingAtoms).toBe(-500);
    expect(seen.told.filter((each) => each === 'fundingPaid')).toHaveLength(1);
  });

  it('lets nothing pass beyond its margin, and reduce-only orders up to its position', () => {
    const codes: string[] = [];
    const run = new Market(
      {
        onStart: (context) => {
          context.submit(market('buy', 100));
          context.submit(limit('buy', BID, 1_000));
          context.submit(reduce(limit('sell', 10_500, 100)));
        },
        on: (context, told) => {
          if (told.type === 'orderClosed') codes.push(`${told.order.tag} ${told.code}`);
          if (told.type === 'orderFilled' && codes.length < 4) {
            context.submit(reduce(limit('sell', 10_500, 60, 'first')));
            context.submit(reduce(limit('sell', 10_500, 60, 'second')));
            expect(context.freeBaseGrains()).toBe(grains(40));
          }
        },
      },
      { limits: { ...LIMITS, budgetAtoms: 1_000_000 } },
    );
    // Nothing was held yet when the first reduce-only order was asked for.
    expect(codes).toEqual(['buy budget_exceeded', 'sell reduce_only', 'second reduce_only']);
    run.check();
  });

  it.each([
    ['long', 'buy', 'sell'],
    ['short', 'sell', 'buy'],
  ] as const)('closes a %s position by reduce-only market orders when it is stopped that way', (_name, opening, closing) => {
    const run = new Market({ onStart: (context) => void [context.submit(market(opening, 600)), context.submit(market(opening, 400))] });
    run.engine = new Engine({ ...run.engine.setup, limits: { ...LIMITS, maxOrderAtoms: 7_000_000 } }, run.engine.snapshot());
    run.step(event.stop('toQuote', 1));
    const exits = run.tape.flatMap(({ commands }) => submitted(commands)).filter(({ tag }) => tag === 'exit');
    expect(exits.map(({ side, type, reduceOnly, sizeLots }) => [side, type, reduceOnly, sizeLots])).toEqual([
      [closing, 'market', true, 699],
      [closing, 'market', true, 301],
    ]);
    expect(run.engine.state).toMatchObject({ phase: 'finished', position: { baseGrains: 0, costAtoms: 0 } });
    run.check();
  });

  it('keeps its position when it is stopped that way', () => {
    const run = new Market({ onStart: (context) => void [context.submit(market('sell', 100)), context.submit(limit('buy', 9_500, 50))] });
    run.step(event.stop('keep', 1));
    expect(run.engine.state).toMatchObject({ phase: 'finished', position: { baseGrains: -grains(100) } });
    expect(run.exchange.openOrders('bot')).toEqual([]);
  });

  it('closes even below the least value of an order', () => {
    const run = new Market({ onStart: (context) => void context.submit(market('buy', 100)) });
    run.engine.step({
      type: 'orderFilled',
      at: 1,
      clientOrderId: 'gone',
      fill: { tradeId: 'x', side: 'sell', priceTicks: BID, sizeLots: 97, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: true },
    });
    const commands = run.engine.step(event.stop('toQuote', 1));
    expect(submitted(commands)).toMatchObject([{ sizeLots: 3, reduceOnly: true }]);
  });
});

/** What a restless run does next, drawn from numbers that stand on its tape: the price and how often it was told one. */
const RESTLESS: Script = {
  wantsQuotes: true,
  on: (context, told, seen) => {
    if (told.type !== 'quoteChanged') return;
    const draw = (context.bidTicks * 7_919 + seen.told.length * 104_729) % 1_000_003;
    const side = draw % 2 === 0 ? 'buy' : 'sell';
    const lots = 10 + (draw % 700);
    const away = (draw % 60) * (side === 'buy' ? -1 : 1);
    if (draw % 5 < 2) seen.ids.push(context.submit(market(side, lots)));
    else if (draw % 5 === 2) seen.ids.push(context.submit(reduce(limit(side, context.bidTicks + away, lots))));
    else if (draw % 5 === 3) seen.ids.push(context.submit(limit(side, context.bidTicks + away, lots)));
    else for (const id of seen.ids.splice(0)) context.cancel(id);
  },
};

const walks = fc.array(fc.record({ ticks: fc.integer({ min: -80, max: 80 }), hours: fc.constantFrom(0, 0, 0, 1, 9) }), {
  minLength: 5,
  maxLength: 80,
  size: 'max',
});

describe('a restless run on a perpetual', () => {
  it('agrees with the exchange after every price, funding included, and its tape replays from any point of it', () => {
    const counted = { fills: 0, funding: 0 };
    fc.assert(
      fc.property(walks, fc.nat(200), (walk, cut) => {
        const run = new Market(RESTLESS);
        run.exchange.perpetuals.setFundingRate(SYMBOL, '0.0003');
        let bid = BID;
        for (const { ticks, hours } of walk) {
          bid += ticks;
          run.quote(bid, 1 + hours * 3_600_000);
          run.check();
        }
        run.step(event.stop('toQuote', run.at));
        run.check();
        expect(run.engine.state).toMatchObject({ phase: 'finished', position: { baseGrains: 0 } });
        counted.fills += run.engine.state.position.fillCount;
        counted.funding += run.engine.state.payments?.length ?? 0;
        replay(run, cut);
      }),
      { numRuns: 150 },
    );
    expect(counted.fills).toBeGreaterThan(1_000);
    expect(counted.funding).toBeGreaterThan(100);
  });
});

function replay(run: Market, cut: number): void {
  let engine = new Engine({ ...run.engine.setup, strategy: scripted(RESTLESS) as RunSetup['strategy'] });
  for (const [index, { event: given, commands }] of run.tape.entries()) {
    if (index === cut) engine = restored(engine);
    expect(engine.step(given)).toEqual(commands);
  }
  expect(JSON.parse(JSON.stringify(engine.snapshot()))).toEqual(JSON.parse(JSON.stringify(run.engine.snapshot())));
}
