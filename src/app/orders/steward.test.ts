import { describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Commit } from '#core/store/commit.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import type { OrderDesk } from '../desk/order-desk.ts';
import type { HeldLease } from '../fleet/lease-keeper.ts';
import { SEND_PATIENCE_MS, Steward } from './steward.ts';

const NOW = new ManualClock().now();

function order(changes: Partial<OrderRecord> = {}): OrderRecord {
  return {
    ...{ id: 'order', clientOrderId: 'client', userId: 'user', accountId: 'account', botId: null, runId: null, symbol: 'BTC/USDT', side: 'buy', type: 'limit' },
    ...{ timeInForce: 'gtc', postOnly: false, price: '100', triggerPrice: null, size: '2', filledSize: '0', filledQuote: '0', state: 'accepted' },
    ...{ reasonCode: null, reason: null, tag: 'manual', venueOrderId: 'v1', deadlineAt: null, cancelRequestedAt: null, createdAt: 1, updatedAt: 1 },
    ...changes,
  } as OrderRecord;
}

const FILL: VenueFill = {
  ...{ tradeId: 't1', venueOrderId: 'v1', clientOrderId: 'client', symbol: 'BTC/USDT', side: 'buy', price: '100', size: '2' },
  ...{ feeAsset: 'BTC', feeAmount: '0.002', isMaker: true, at: 5 },
};

/** `found` is what the store lists as not over. */
function setUp(stored: OrderRecord | null, found: readonly OrderRecord[] = [], isKilled = false) {
  const commits: Commit[] = [];
  const asked: string[] = [];
  const failures: unknown[] = [];
  const store = {
    commit: async (commit: Commit) => {
      if (isKilled && commit.orderChanges.some((change) => change.state === 'submitting'))
        throw new PortError('trading_killed', 'a kill switch is on', { outcome: 'failed' });
      commits.push(commit);
    },
    orders: { byClientOrderId: async () => stored, alive: async () => found },
    actions: { alive: async () => [] },
  } as unknown as Store;
  const desk = { windowMs: 5_000, place: () => asked.push('place'), reconcileSoon: (_holder: unknown, ms: number) => asked.push(`look in ${ms}`) };
  const steward = new Steward({
    ...{
      store,
      clock: new ManualClock(),
      ids: { next: () => 'id', secret: () => '' },
      watchQuotes: () => () => undefined,
      log: quietLog(),
      bus: { publish: () => undefined, subscribe: () => () => undefined },
    },
    ...{ held: { lease: { subject: 'account:account', owner: 'me', epoch: 1 }, holdUntil: async () => true } as unknown as HeldLease },
    ...{ desk: desk as unknown as OrderDesk, userId: 'user', accountId: 'account', onFailed: (error) => failures.push(error) },
  });
  return { steward, commits, asked, failures };
}

describe('a steward', () => {
  it('ends an order whose execution came before the order was taken up', async () => {
    const { steward, commits } = setUp(order(), [order()]);
    steward.onFill(FILL, 'client');
    await settle();
    expect(commits[0]?.orderChanges).toEqual([{ clientOrderId: 'client', state: 'filled', venueOrderId: 'v1' }]);
    expect(commits[0]?.fills).toHaveLength(1);
    steward.takeUp();
    await settle();
    expect(steward.alive()).toEqual([]);
  });

  it('ends an order that the venue calls filled although its executions were booked without it', async () => {
    const { steward, commits } = setUp(null, [order({ filledSize: '2' })]);
    steward.takeUp();
    const report: VenueOrder = {
      ...{ clientOrderId: 'client', venueOrderId: 'v1', symbol: 'BTC/USDT', side: 'buy', status: 'filled', price: '100', size: '2', filledSize: '2' },
      updatedAt: 5,
    };
    steward.onReport(report);
    await settle();
    expect(commits.at(-1)?.orderChanges).toEqual([{ clientOrderId: 'client', state: 'filled' }]);
  });

  it('denies an order that waits under a kill switch and goes on with the others', async () => {
    const { steward, commits, asked, failures } = setUp(null, [order({ state: 'initialized', createdAt: NOW }), order({ clientOrderId: 'other' })], true);
    steward.takeUp();
    await settle();
    expect(commits[0]?.orderChanges).toMatchObject([{ clientOrderId: 'client', state: 'denied', reasonCode: 'trading_killed' }]);
    expect(asked).not.toContain('place');
    expect(failures).toEqual([]);
    expect(steward.alive().map((each) => each.clientOrderId)).toEqual(['other']);
  });

  it('does not send any more what has waited for longer than a minute', async () => {
    const { steward, commits, asked } = setUp(null, [order({ state: 'initialized', createdAt: NOW - SEND_PATIENCE_MS - 1 })]);
    steward.takeUp();
    await settle();
    expect(commits[0]?.orderChanges).toMatchObject([{ clientOrderId: 'client', state: 'denied', reasonCode: 'not_sent_in_time' }]);
    expect(asked).not.toContain('place');
  });

  it('has the venue asked at once for what it takes over', async () => {
    const { steward, asked } = setUp(null, [order({ state: 'submitting' })]);
    steward.takeUp();
    await settle();
    expect(asked).toEqual(['look in 0']);
    steward.takeUp();
    await settle();
    expect(asked).toEqual(['look in 0']);
  });
});
