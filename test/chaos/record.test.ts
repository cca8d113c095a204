/** The judge of the venue's record must find what it looks for: too much at stake, an intent placed twice, a stale owner. */
import { describe, expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { Movement, Skew } from '../venues/_movements.ts';
import type { LoggedRequest } from '../venues/_request-log.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';
import { type BotRecord, byBot, doublesEver, peakAtStake, type Requests, succession } from './record.ts';

const OWNER = { installation: 5, kind: 'bot', number: 3 } as const;

function order(sequence: number, change: Partial<TrueOrder> & { readonly epoch?: number } = {}): TrueOrder {
  const { epoch = 1, ...rest } = change;
  return {
    venueOrderId: String(sequence),
    clientOrderId: formatClientOrderId(OWNER, epoch, sequence),
    account: 'main',
    symbol: 'BTC/USDT',
    status: 'open',
    isTriggered: true,
    filledLots: 0,
    filledAtoms: 0,
    isLiquidation: false,
    createdAt: sequence,
    updatedAt: sequence,
    side: 'buy',
    type: 'limit',
    price: '100',
    size: '1',
    filledSize: '0',
    ...rest,
  };
}

function fill(of: TrueOrder, at: number, price: string, size: string): TrueFill {
  const { venueOrderId, clientOrderId, account, symbol, side } = of;
  return {
    tradeId: `${at}`,
    venueOrderId,
    clientOrderId,
    account,
    symbol,
    side,
    priceTicks: 0,
    sizeLots: 0,
    feeAsset: 'BTC',
    feeAmount: '0',
    isMaker: true,
    isLiquidation: false,
    at,
    price,
    size,
  };
}

/** What the venue did with one order, to be put into its sequence. */
type Step = readonly [TrueOrder, Movement['cause'], TrueFill?];

function record(steps: readonly Step[]): BotRecord {
  const rests = new Map<TrueOrder, number>();
  const movements = steps.map(([of, cause, executed], index): Movement => {
    const rest = (rests.get(of) ?? Number(of.size)) - Number(executed?.size ?? 0);
    rests.set(of, rest);
    const status = cause === 'accepted' ? 'open' : cause !== 'filled' ? (cause as 'cancelled') : rest > 0 ? 'partiallyFilled' : 'filled';
    const { account, venueOrderId, createdAt } = of;
    return { sequence: index + 1, machineAt: createdAt, account, venueOrderId, cause, tradeId: executed?.tradeId ?? null, status };
  });
  const fills = steps.flatMap(([, , executed]) => (executed === undefined ? [] : [executed]));
  return { name: 'Bitcoin', number: 3, orders: [...rests.keys()], fills, movements };
}

it('counts resting buys and what was spent, net of sales', () => {
  const bought = order(1);
  const sold = order(2, { side: 'sell', price: '110' });
  const resting = order(21, { price: '90' });
  const peak = peakAtStake(
    record([
      [bought, 'accepted'],
      [bought, 'filled', fill(bought, 10, '99', '1')],
      [sold, 'accepted'],
      [sold, 'filled', fill(sold, 20, '110', '1')],
      [resting, 'accepted'],
    ]),
  );
  expect(peak.amount).toBe('100');
});

it('adds what rests at the same moment, and shows how it came to the peak', () => {
  const [one, other] = [order(1), order(2, { price: '90' })];
  const peak = peakAtStake(
    record([
      [one, 'accepted'],
      [other, 'accepted'],
      [one, 'cancelled'],
    ]),
  );
  expect(peak.amount).toBe('190');
  expect(peak.evidence).toHaveLength(2);
  expect(peak.evidence[1]).toContain(`${other.clientOrderId} accepted buy 1 at 90, then 190 at stake`);
});

it('gives back what was cancelled, but for the part that was filled before', () => {
  const half = order(1);
  const steps: Step[] = [
    [half, 'accepted'],
    [half, 'filled', fill(half, 2, '100', '0.5')],
    [half, 'cancelled'],
    [order(6, { price: '120' }), 'accepted'],
  ];
  expect(peakAtStake(record(steps)).amount).toBe('170');
});

it('counts a market purchase at what it cost', () => {
  const bought = order(1, { type: 'market', price: null, size: '2' });
  const steps: Step[] = [
    [bought, 'accepted'],
    [bought, 'filled', fill(bought, 1, '101', '2')],
  ];
  expect(peakAtStake(record(steps)).amount).toBe('202');
});

it('goes by the sequence of the venue, whose clock may jump back between a sale and the purchase it pays for', () => {
  const bought = order(1);
  const sold = order(2, { side: 'sell', price: '100' });
  const again = order(3, { createdAt: -3_000, updatedAt: -3_000 });
  const steps: Step[] = [
    [bought, 'accepted'],
    [bought, 'filled', fill(bought, 3_001, '100', '1')],
    [sold, 'accepted'],
    [sold, 'filled', fill(sold, 3_002, '100', '1')],
    [again, 'accepted'],
  ];
  expect(peakAtStake(record(steps)).amount).toBe('100');
  const [placed, filled, offered, paid, placedAgain] = steps;
  if (placed === undefined || filled === undefined || offered === undefined || paid === undefined || placedAgain === undefined) throw new Error('five steps');
  expect(peakAtStake(record([placed, filled, offered, placedAgain, paid])).amount, 'bought before the sale').toBe('200');
});

it('finds two orders that stood for the same level at the same time, even if both are long gone', () => {
  const [first, second] = [order(1), order(2, { createdAt: -3_000 })];
  const ended: Step[] = [
    [first, 'accepted'],
    [first, 'cancelled'],
    [second, 'accepted'],
    [second, 'filled', fill(second, 12, '100', '1')],
  ];
  expect(doublesEver(record(ended))).toEqual([]);
  const beside: Step[] = [
    [first, 'accepted'],
    [second, 'accepted'],
    [first, 'cancelled'],
    [second, 'cancelled'],
  ];
  expect(doublesEver(record(beside))).toHaveLength(1);
});

describe('an order of a former owner', () => {
  const steps: Step[] = [
    [order(1), 'accepted'],
    [order(5, { epoch: 2 }), 'accepted'],
    [order(6, { epoch: 1 }), 'accepted'],
  ];
  const clientOrderId = steps[2]?.[0].clientOrderId ?? '';
  const requests = (sent: Partial<LoggedRequest>, skews: readonly Skew[] = []): Requests => ({
    byId: new Map([[clientOrderId, { clientOrderId, receivedAt: 6, ...sent } as LoggedRequest]]),
    skews,
  });

  it.each([
    { venue: 'Binance', at: (ms: number) => ({ parameters: `symbol=BTCUSDT&timestamp=${ms}`, times: {} }) },
    { venue: 'Bybit', at: (ms: number) => ({ parameters: '{"symbol":"BTCUSDT"}', times: { 'x-bapi-timestamp': String(ms) } }) },
    { venue: 'OKX', at: (ms: number) => ({ parameters: '', times: { 'ok-access-timestamp': new Date(ms).toISOString() } }) },
  ])('was fixed in time, or by one that acts beside its successor, as $venue writes times', ({ at }) => {
    expect(succession(record(steps), requests(at(4)))).toEqual({ epochs: 2, late: 1, violations: [] });
    expect(succession(record(steps), requests(at(6))).violations).toHaveLength(1);
  });

  it('counts when nothing tells when it was fixed', () => {
    expect(succession(record(steps), { byId: new Map(), skews: [] }).violations).toHaveLength(1);
  });

  it('is dated by the clock of the venue that its writer knew', () => {
    const carried = (ms: number) => ({ parameters: `timestamp=${ms}`, times: {} });
    const ahead: Skew[] = [{ machineAt: -300_000, ms: 1_000 }];
    expect(succession(record(steps), requests(carried(1_004), ahead))).toEqual({ epochs: 2, late: 1, violations: [] });
    expect(succession(record(steps), requests(carried(1_006), ahead)).violations).toHaveLength(1);
    const justSetBack: Skew[] = [...ahead, { machineAt: -5_000, ms: 0 }];
    expect(succession(record(steps), requests(carried(1_004), justSetBack)).late, 'it may not have looked yet').toBe(1);
    const longSetBack: Skew[] = [...ahead, { machineAt: -200_000, ms: 0 }];
    expect(succession(record(steps), requests(carried(6), longSetBack)).violations).toHaveLength(1);
    expect(succession(record(steps), requests(carried(1_004), longSetBack)).violations, 'nobody knows that clock any more').toHaveLength(1);
  });
});

it('splits an account by bot and leaves out strangers', () => {
  const own = order(1);
  const other = order(2, { clientOrderId: formatClientOrderId({ ...OWNER, number: 4 }, 1, 1) });
  const stranger = order(3, { clientOrderId: 'web_1' });
  const { orders, fills, movements } = record([
    [own, 'accepted'],
    [other, 'accepted'],
    [stranger, 'accepted'],
    [own, 'filled', fill(own, 4, '100', '1')],
    [stranger, 'filled', fill(stranger, 5, '100', '1')],
  ]);
  const [mine] = byBot({ orders, fills, movements }, new Map([[3, 'Bitcoin']]));
  expect(mine?.orders.map(({ venueOrderId }) => venueOrderId)).toEqual(['1']);
  expect(mine?.fills.map(({ tradeId }) => tradeId)).toEqual(['4']);
  expect(mine?.movements.map(({ sequence }) => sequence)).toEqual([1, 4]);
});
