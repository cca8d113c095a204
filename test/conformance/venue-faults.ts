/**
 * The numbered cases of a venue behind a network: lost answers, refusals that mean nothing, clocks that are wrong,
 * streams that break. Judged by the simulator's own record of what was asked and what exists.
 */
import { describe, expect, it } from 'vitest';
import type { TradingSession } from '#core/venue-ports.ts';
import { until } from '#test/support/until.ts';
import type { Fault } from '#test/venues/_faults.ts';
import { accountFaultCases } from './venue-account-calls.ts';
import { marketFaultCases } from './venue-market.ts';
import { ofMarket, onStage, order, place, placed, type Stage, SYMBOL, symbolsOf, type VenueRig, windowOf } from './venue-rig.ts';
import { connectionCases, eventCases } from './venue-streams.ts';

/** Longer than any deadline of ours. */
const PAST_DEADLINE_MS = 12_000;

export function networkConformance(name: string, start: () => Promise<VenueRig>): void {
  describe(`venue ${name} behind a network`, () => {
    const stage = onStage(start);
    placingCases(stage);
    readingCases(stage);
    clockCases(stage);
    connectionCases(stage);
    eventCases(stage);
    marketFaultCases(stage);
    accountFaultCases(stage);
    keyCases(stage);
  });
}

function existing(rig: VenueRig, clientOrderId: string): number {
  return rig.simulator.truth.orders().filter((each) => each.clientOrderId === clientOrderId).length;
}

function placingCases(stage: Stage): void {
  it('N-01 leaves an order in doubt whose answer is withheld; it exists once, and is found by its id and by event', async () => {
    stage.rig.simulator.faults.add({ where: 'after', kind: 'hang', operation: 'placeOrder' });
    const asked = order();
    const placing = place(stage.rig, stage.session, asked);
    await until(() => existing(stage.rig, asked.clientOrderId) === 1, 'the venue has the order');
    stage.rig.clock.skip(PAST_DEADLINE_MS);
    expect(await placing).toMatchObject({ outcome: 'unknown', code: 'no_answer' });
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'open' });
    await until(() => stage.heard.orders.some(({ clientOrderId }) => clientOrderId === asked.clientOrderId), 'the order is pushed');
    expect(existing(stage.rig, asked.clientOrderId)).toBe(1);
    expect(stage.rig.simulator.log.list('placeOrder')).toHaveLength(1);
  });

  const faults: readonly (readonly [Fault, 'unknown' | 'rejected', number])[] = [
    [{ where: 'before', kind: 'reset' }, 'unknown', 0],
    [{ where: 'before', kind: 'status', status: 500 }, 'unknown', 0],
    [{ where: 'before', kind: 'status', status: 502 }, 'unknown', 0],
    [{ where: 'before', kind: 'maintenance' }, 'unknown', 0],
    [{ where: 'before', kind: 'rateLimited' }, 'rejected', 0],
    [{ where: 'before', kind: 'banned' }, 'rejected', 0],
    [{ where: 'after', kind: 'reset' }, 'unknown', 1],
    [{ where: 'after', kind: 'status', status: 502 }, 'unknown', 1],
    [{ where: 'after', kind: 'status', status: 504 }, 'unknown', 1],
    [{ where: 'after', kind: 'stateUnknown' }, 'unknown', 1],
    [{ where: 'after', kind: 'cut' }, 'unknown', 1],
    [{ where: 'after', kind: 'junk' }, 'unknown', 1],
  ];
  it.each(faults)('N-02 after %o the order is %s, and %i of it exist', async (fault, outcome, count) => {
    stage.rig.simulator.faults.add({ ...fault, operation: 'placeOrder' });
    const asked = order({ type: 'market', price: null });
    expect(await place(stage.rig, stage.session, asked)).toMatchObject({ outcome });
    expect(existing(stage.rig, asked.clientOrderId)).toBe(count);
    expect(stage.rig.simulator.log.list('placeOrder')).toHaveLength(1);
    if (outcome === 'unknown' && count === 1) expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled' });
  });

  it('N-03 an order held up on its way is refused by its own window when it arrives', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'hang', operation: 'placeOrder' });
    const asked = order();
    const placing = place(stage.rig, stage.session, asked);
    await until(() => stage.rig.simulator.heldCount === 1, 'the request is held up');
    stage.rig.clock.skip(PAST_DEADLINE_MS);
    expect((await placing).outcome).toBe('unknown');
    expect(stage.rig.simulator.release()).toBe(1);
    // Where the window is looked at on arrival only, what was let in acts late, and is found.
    if (stage.rig.windowEndsAtTheDoor === true) {
      expect(existing(stage.rig, asked.clientOrderId)).toBe(1);
      expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'open' });
      return;
    }
    expect(existing(stage.rig, asked.clientOrderId)).toBe(0);
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
  });

  it.each(['reset', 'cut', 'junk', 'status', 'stateUnknown'] as const)('N-04 a cancel answered by %s is in doubt, and repeating it tells', async (kind) => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    stage.rig.simulator.faults.add({ where: 'after', kind, operation: 'cancelOrder' });
    expect((await stage.session.cancel(asked.clientOrderId, SYMBOL)).outcome).toBe('unknown');
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled' });
  });
}

function readingCases(stage: Stage): void {
  const reads: readonly (readonly [string, (session: TradingSession) => Promise<unknown>])[] = [
    ['findOrder', (from) => from.findOrder('x', SYMBOL)],
    ['openOrders', (from) => from.openOrders(SYMBOL)],
    ['fills', (from) => from.fillsSince(SYMBOL, Date.now())],
    ['balances', (from) => from.balances(SYMBOL.includes(':') ? 'perpetual' : 'spot')],
    ['checkKey', (from) => from.checkKey()],
  ];
  it.each(reads)('N-05 the read %s fails as a failure, never as an empty answer, and works again', async (operation, read) => {
    for (const kind of ['cut', 'junk', 'reset', 'status'] as const) {
      stage.rig.simulator.faults.add({ where: 'after', kind, operation });
      await expect(read(stage.session)).rejects.toMatchObject({ name: 'PortError', code: 'venue_unavailable', outcome: 'failed' });
    }
    stage.rig.simulator.faults.add({ where: 'after', kind: 'hang', operation });
    const before = stage.rig.simulator.log.list(operation).length;
    const failed = expect(read(stage.session)).rejects.toMatchObject({ code: 'venue_unavailable', outcome: 'failed' });
    await until(() => stage.rig.simulator.log.list(operation).length > before, 'the request has arrived');
    stage.rig.clock.skip(PAST_DEADLINE_MS);
    await failed;
    await expect(read(stage.session)).resolves.not.toThrow();
  });

  it('N-06 keeps the silence that the venue demands, and says for how long', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'rateLimited', retryAfter: 15, operation: 'balances' });
    await expect(stage.session.balances(stage.rig.kind)).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 15_000 });
    const asked = stage.rig.simulator.log.list().length;
    const window = await windowOf(stage.rig, stage.session);
    const placing = stage.session.place(order(), window);
    const cancelling = stage.session.cancel(order().clientOrderId, SYMBOL);
    const reading = stage.session.balances(stage.rig.kind);
    await new Promise((resolve) => setImmediate(resolve));
    stage.rig.clock.skip(5_001);
    expect(await placing).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(await cancelling).toMatchObject({ outcome: 'unknown', code: 'not_sent' });
    expect(stage.rig.simulator.log.list()).toHaveLength(asked);
    stage.rig.clock.skip(10_000);
    expect(await reading).toContainEqual({ asset: 'USDT', free: '100000', locked: '0' });
  });

  it('N-07 a failed list of instruments is not kept', async () => {
    const fresh = await stage.rig.venue.market.instruments();
    expect(ofMarket(stage.rig, fresh.keys())).toHaveLength(symbolsOf(stage.rig).length);
    stage.rig.clock.skip(3_600_001);
    // One list for each market.
    const { markets } = stage.rig.venue.capabilities;
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', operation: 'instruments', count: markets.length });
    await expect(stage.rig.venue.market.instruments()).rejects.toMatchObject({ code: 'venue_unavailable' });
    expect((await stage.rig.venue.market.instruments()).size).toBe(fresh.size);
  });

  it('N-08 tells all fills over pages of a thousand and windows of a day', async () => {
    const buy = (): unknown => stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.0001' });
    const since = stage.rig.clock.now();
    for (let index = 0; index < 30; index += 1) buy();
    stage.rig.clock.skip(3 * 86_400_000);
    for (let index = 0; index < 2_100; index += 1) {
      buy();
      // Some venues turn pages by time alone: no page of theirs may be full within the time that they tell apart.
      if (index % 20 === 19) stage.rig.clock.skip(1_000);
    }
    const fills = await stage.session.fillsSince(SYMBOL, since);
    expect(fills).toHaveLength(2_130);
    expect(fills.map(({ tradeId }) => (stage.rig.tradeNumber ?? Number)(tradeId))).toEqual(Array.from({ length: 2_130 }, (_, index) => index + 1));
    // A fresh budget for as many requests again.
    stage.rig.clock.skip(60_000);
    expect(await stage.session.fillsSince(SYMBOL, 0)).toHaveLength(2_130);
  });
}

function clockCases(stage: Stage): void {
  it('N-09 measures how far the venue’s clock is from ours, and places by its time', async () => {
    const fresh = stage.rig.venue.session(stage.rig.account);
    stage.rig.simulator.world.skewMs = 7_300;
    stage.rig.clock.skip(600_001);
    expect(Math.abs((await fresh.clockOffsetMs()) - 7_300)).toBeLessThan(50);
    await placed(stage.rig, fresh, order());
  });

  it('N-19 a clock that answers junk fails as any other read does', async () => {
    stage.rig.clock.skip(600_001);
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', operation: 'time' });
    await expect(stage.session.clockOffsetMs()).rejects.toMatchObject({ name: 'PortError', code: 'venue_unavailable', outcome: 'failed' });
    expect(Math.abs(await stage.session.clockOffsetMs())).toBeLessThan(50);
  });

  it('N-10 a clock that jumps refuses one order for certain; reads measure anew and go on', async () => {
    const [first, second] = stage.rig.clockJumps ?? [-4_000, 9_000];
    await stage.session.balances();
    stage.rig.simulator.world.skewMs = first;
    expect(await place(stage.rig, stage.session, order())).toMatchObject({ outcome: 'rejected', code: stage.rig.codes.late });
    await placed(stage.rig, stage.session, order());
    stage.rig.simulator.world.skewMs = second;
    expect(await stage.session.openOrders(SYMBOL)).toHaveLength(1);
  });
}

function keyCases(stage: Stage): void {
  const flawed = (): NonNullable<VenueRig['flawed']> => {
    const accounts = stage.rig.flawed;
    if (accounts === undefined) throw new Error('this rig has no flawed accounts');
    return accounts;
  };

  it('N-17 says which keys are refused and what the others may do', async () => {
    for (const account of [flawed().unknownKey, flawed().wrongSecret]) {
      const session = stage.rig.venue.session(account);
      await expect(session.checkKey()).rejects.toMatchObject({ name: 'PortError', code: 'key_rejected', outcome: 'failed' });
      expect(await session.place(order(), await windowOf(stage.rig, session))).toMatchObject({ outcome: 'rejected' });
    }
    expect(await stage.rig.venue.session(flawed().mayWithdraw).checkKey()).toMatchObject({ canTrade: true, canWithdraw: true });
    expect(await stage.rig.venue.session(flawed().mayNotTrade).checkKey()).toMatchObject({ canTrade: false, canWithdraw: false });
  });

  it('N-18 writes no key, secret or signature into the log', async () => {
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', count: null });
    const session = stage.rig.venue.session(stage.rig.account);
    await session.balances().catch(() => null);
    stage.rig.simulator.streams.drop();
    await until(() => stage.rig.log.some(({ message }) => message.startsWith('stream is down')), 'the drop is logged');
    const written = JSON.stringify(stage.rig.log, (_, value: unknown) => (value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value));
    for (const secret of [stage.rig.account.credentials?.apiKey ?? '?', stage.rig.account.credentials?.apiSecret ?? '?', 'signature'])
      expect(written).not.toContain(secret);
  });
}
