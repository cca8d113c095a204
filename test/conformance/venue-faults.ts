/**
 * The numbered cases of a venue behind a network: lost answers, refusals that mean nothing, clocks that are wrong,
 * streams that break. Judged by the simulator's own record of what was asked and what exists.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TradingSession } from '#core/ports.ts';
import type { Fault } from '#test/venues/_faults.ts';
import { type Heard, listening, order, place, placed, SYMBOL, until, type VenueRig, windowOf } from './venue-rig.ts';

/** Longer than any deadline of ours. */
const PAST_DEADLINE_MS = 12_000;

type Get<T> = () => T;

export function networkConformance(name: string, start: () => Promise<VenueRig>): void {
  describe(`venue ${name} behind a network`, () => {
    let rig: VenueRig;
    let session: TradingSession;
    let heard: Heard;
    beforeEach(async () => {
      rig = await start();
      ({ session, heard } = await listening(rig));
    });
    afterEach(() => rig.close());
    const [getRig, getSession, getHeard] = [() => rig, () => session, () => heard];

    placingCases(getRig, getSession, getHeard);
    readingCases(getRig, getSession);
    clockCases(getRig, getSession);
    streamCases(getRig, getSession, getHeard);
    keyCases(getRig);
  });
}

function existing(rig: VenueRig, clientOrderId: string): number {
  return rig.simulator.truth.orders().filter((each) => each.clientOrderId === clientOrderId).length;
}

function placingCases(rig: Get<VenueRig>, session: Get<TradingSession>, heard: Get<Heard>): void {
  it('N-01 leaves an order in doubt whose answer is withheld; it exists once, and is found by its id and by event', async () => {
    rig().simulator.faults.add({ where: 'after', kind: 'hang', operation: 'placeOrder' });
    const asked = order();
    const placing = place(rig(), session(), asked);
    await until(() => existing(rig(), asked.clientOrderId) === 1, 'the venue has the order');
    rig().clock.skip(PAST_DEADLINE_MS);
    expect(await placing).toMatchObject({ outcome: 'unknown', code: 'no_answer' });
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'open' });
    await until(() => heard().orders.some(({ clientOrderId }) => clientOrderId === asked.clientOrderId), 'the order is pushed');
    expect(existing(rig(), asked.clientOrderId)).toBe(1);
    expect(rig().simulator.log.list('placeOrder')).toHaveLength(1);
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
    rig().simulator.faults.add({ ...fault, operation: 'placeOrder' });
    const asked = order({ type: 'market', price: null });
    expect(await place(rig(), session(), asked)).toMatchObject({ outcome });
    expect(existing(rig(), asked.clientOrderId)).toBe(count);
    expect(rig().simulator.log.list('placeOrder')).toHaveLength(1);
    if (outcome === 'unknown' && count === 1) expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled' });
  });

  it('N-03 an order held up on its way is refused by its own window when it arrives', async () => {
    rig().simulator.faults.add({ where: 'before', kind: 'hang', operation: 'placeOrder' });
    const asked = order();
    const placing = place(rig(), session(), asked);
    await until(() => rig().simulator.heldCount === 1, 'the request is held up');
    rig().clock.skip(PAST_DEADLINE_MS);
    expect((await placing).outcome).toBe('unknown');
    expect(rig().simulator.release()).toBe(1);
    expect(existing(rig(), asked.clientOrderId)).toBe(0);
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
  });

  it.each(['reset', 'cut', 'junk', 'status', 'stateUnknown'] as const)('N-04 a cancel answered by %s is in doubt, and repeating it tells', async (kind) => {
    const asked = order();
    await placed(rig(), session(), asked);
    rig().simulator.faults.add({ where: 'after', kind, operation: 'cancelOrder' });
    expect((await session().cancel(asked.clientOrderId, SYMBOL)).outcome).toBe('unknown');
    expect(await session().cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled' });
  });
}

function readingCases(rig: Get<VenueRig>, session: Get<TradingSession>): void {
  const reads: readonly (readonly [string, (session: TradingSession) => Promise<unknown>])[] = [
    ['findOrder', (from) => from.findOrder('x', SYMBOL)],
    ['openOrders', (from) => from.openOrders(SYMBOL)],
    ['fills', (from) => from.fillsSince(SYMBOL, Date.now())],
    ['balances', (from) => from.balances()],
    ['checkKey', (from) => from.checkKey()],
  ];
  it.each(reads)('N-05 the read %s fails as a failure, never as an empty answer, and works again', async (operation, read) => {
    for (const kind of ['cut', 'junk', 'reset', 'status'] as const) {
      rig().simulator.faults.add({ where: 'after', kind, operation });
      await expect(read(session())).rejects.toMatchObject({ name: 'PortError', code: 'venue_unavailable', outcome: 'failed' });
    }
    rig().simulator.faults.add({ where: 'after', kind: 'hang', operation });
    const before = rig().simulator.log.list(operation).length;
    const failed = expect(read(session())).rejects.toMatchObject({ code: 'venue_unavailable', outcome: 'failed' });
    await until(() => rig().simulator.log.list(operation).length > before, 'the request has arrived');
    rig().clock.skip(PAST_DEADLINE_MS);
    await failed;
    await expect(read(session())).resolves.not.toThrow();
  });

  it('N-06 keeps the silence that the venue demands, and says for how long', async () => {
    rig().simulator.faults.add({ where: 'before', kind: 'rateLimited', retryAfter: 15, operation: 'balances' });
    await expect(session().balances()).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 15_000 });
    const asked = rig().simulator.log.list().length;
    const window = await windowOf(rig(), session());
    const placing = session().place(order(), window);
    const cancelling = session().cancel(order().clientOrderId, SYMBOL);
    const reading = session().balances();
    await new Promise((resolve) => setImmediate(resolve));
    rig().clock.skip(5_001);
    expect(await placing).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(await cancelling).toMatchObject({ outcome: 'unknown', code: 'not_sent' });
    expect(rig().simulator.log.list()).toHaveLength(asked);
    rig().clock.skip(10_000);
    expect(await reading).toContainEqual({ asset: 'USDT', free: '100000', locked: '0' });
  });

  it('N-07 a failed list of instruments is not kept', async () => {
    const fresh = await rig().venue.market.instruments();
    expect(fresh.size).toBe(4);
    rig().clock.skip(3_600_001);
    rig().simulator.faults.add({ where: 'after', kind: 'junk', operation: 'instruments' });
    await expect(rig().venue.market.instruments()).rejects.toMatchObject({ code: 'venue_unavailable' });
    expect((await rig().venue.market.instruments()).size).toBe(4);
  });

  it('N-08 tells all fills over pages of a thousand and windows of a day', async () => {
    const buy = (): unknown => rig().simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.0001' });
    const since = rig().clock.now();
    for (let index = 0; index < 30; index += 1) buy();
    rig().clock.skip(3 * 86_400_000);
    for (let index = 0; index < 2_100; index += 1) buy();
    const fills = await session().fillsSince(SYMBOL, since);
    expect(fills).toHaveLength(2_130);
    expect(fills.map(({ tradeId }) => Number(tradeId))).toEqual(Array.from({ length: 2_130 }, (_, index) => index + 1));
    expect(await session().fillsSince(SYMBOL, 0)).toHaveLength(2_130);
  });
}

function clockCases(rig: Get<VenueRig>, session: Get<TradingSession>): void {
  it('N-09 measures how far the venue’s clock is from ours, and places by its time', async () => {
    const fresh = rig().venue.session(rig().account);
    rig().simulator.world.skewMs = 7_300;
    rig().clock.skip(600_001);
    expect(Math.abs((await fresh.clockOffsetMs()) - 7_300)).toBeLessThan(50);
    await placed(rig(), fresh, order());
  });

  it('N-10 a clock that jumps refuses one order for certain; reads measure anew and go on', async () => {
    await session().balances();
    rig().simulator.world.skewMs = -4_000;
    expect(await place(rig(), session(), order())).toMatchObject({ outcome: 'rejected', code: rig().codes.late });
    await placed(rig(), session(), order());
    rig().simulator.world.skewMs = 9_000;
    expect(await session().openOrders(SYMBOL)).toHaveLength(1);
  });
}

function streamCases(rig: Get<VenueRig>, session: Get<TradingSession>, heard: Get<Heard>): void {
  it('N-11 a broken stream is told, comes back, and what it missed is there to fetch', async () => {
    const asked = order();
    await placed(rig(), session(), asked);
    const since = rig().clock.now();
    rig().simulator.streams.drop('private');
    rig().simulator.world.setPrice(SYMBOL, '58900');
    await until(() => heard().states.join() === 'up,down,up', 'the stream goes down and comes up');
    expect(heard().fills).toEqual([]);
    expect(await session().fillsSince(SYMBOL, since)).toMatchObject([{ price: '59000', size: '0.001', isMaker: true }]);
    rig().simulator.world.setPrice(SYMBOL, '60000');
    await placed(rig(), session(), order({ type: 'market', price: null }));
    await until(() => heard().fills.length === 1, 'fills are pushed again');
  });

  it('N-12 asks a venue that refuses streams less and less often', async () => {
    rig().simulator.faults.add({ where: 'stream', kind: 'refuse', stream: 'private', count: null });
    rig().simulator.streams.drop('private');
    const refusals = (): number => rig().log.filter(({ message }) => message.startsWith('stream is down')).length;
    await until(() => refusals() >= 3, 'it has tried three times');
    const waits = rig()
      .log.filter(({ message }) => message.startsWith('stream is down'))
      .map(({ fields }) => Number(fields['backOffMs']));
    expect(waits[2]).toBeGreaterThan(350);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(99);
    rig().simulator.faults.clear();
    await until(() => {
      rig().clock.skip(2_000);
      return heard().states.at(-1) === 'up';
    }, 'the stream comes up when it is let in');
  });

  it('N-13 gives up a stream that has fallen silent', async () => {
    rig().simulator.faults.add({ where: 'stream', kind: 'silent', stream: 'private' });
    await until(() => {
      rig().clock.skip(4_000);
      return heard().states.join() === 'up,down,up';
    }, 'the silent stream is replaced');
    await placed(rig(), session(), order());
    await until(() => heard().orders.length === 1, 'events are pushed again');
  });

  it('N-14 hands on repeated and reordered events as they are, exact and under our id', async () => {
    rig().simulator.faults.add({ where: 'stream', kind: 'duplicate', operation: 'fill' });
    await placed(rig(), session(), order({ type: 'market', price: null, size: '0.00777' }));
    await until(() => heard().fills.length === 2, 'the fill is pushed twice');
    expect(heard().fills[1]).toEqual(heard().fills[0]);
    expect(heard().fills[0]?.feeAmount).toBe('0.00000777');
  });

  it('N-15 pushes each part of an order that fills in parts', async () => {
    const asked = order({ price: '59000', size: '0.003' });
    await placed(rig(), session(), asked);
    const { exchange } = rig().simulator.world;
    for (const lots of [100, 50, 150]) {
      exchange.setQuote(SYMBOL, 5_899_800, 5_899_900, rig().clock.now(), lots);
      rig().simulator.world.flush();
    }
    await until(() => heard().fills.length === 3, 'three fills are pushed');
    expect(heard().fills.map(({ size }) => size)).toEqual(['0.001', '0.0005', '0.0015']);
    const states = heard().orders.filter(({ clientOrderId }) => clientOrderId === asked.clientOrderId);
    expect(states.map(({ status, filledSize }) => `${status} ${filledSize}`)).toEqual(['open 0', 'open 0.001', 'open 0.0015', 'filled 0.003']);
  });

  it('N-16 quotes go on after the public stream breaks', async () => {
    const seen: string[] = [];
    rig().venue.market.watchQuotes(SYMBOL, ({ bid }) => seen.push(bid));
    await until(() => rig().simulator.streams.count('public') === 1 && seen.length > 0, 'quotes arrive');
    rig().simulator.streams.drop('public');
    rig().simulator.world.setPrice(SYMBOL, '61000');
    await until(() => seen.at(-1) === '60999.99', 'the price that changed in between is told');
    await until(() => rig().simulator.streams.count('public') === 1, 'the stream is back');
    rig().simulator.world.setPrice(SYMBOL, '62000');
    await until(() => seen.at(-1) === '61999.99', 'quotes are pushed again');
  });
}

function keyCases(rig: Get<VenueRig>): void {
  const flawed = (): NonNullable<VenueRig['flawed']> => {
    const accounts = rig().flawed;
    if (accounts === undefined) throw new Error('this rig has no flawed accounts');
    return accounts;
  };

  it('N-17 says which keys are refused and what the others may do', async () => {
    for (const account of [flawed().unknownKey, flawed().wrongSecret]) {
      const session = rig().venue.session(account);
      await expect(session.checkKey()).rejects.toMatchObject({ name: 'PortError', code: 'key_rejected', outcome: 'failed' });
      expect(await session.place(order(), await windowOf(rig(), session))).toMatchObject({ outcome: 'rejected' });
    }
    expect(await rig().venue.session(flawed().mayWithdraw).checkKey()).toMatchObject({ canTrade: true, canWithdraw: true });
    expect(await rig().venue.session(flawed().mayNotTrade).checkKey()).toMatchObject({ canTrade: false, canWithdraw: false });
  });

  it('N-18 writes no key, secret or signature into the log', async () => {
    rig().simulator.faults.add({ where: 'after', kind: 'junk', count: null });
    const session = rig().venue.session(rig().account);
    await session.balances().catch(() => null);
    rig().simulator.streams.drop();
    await until(() => rig().log.some(({ message }) => message.startsWith('stream is down')), 'the drop is logged');
    const written = JSON.stringify(rig().log, (_, value: unknown) => (value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value));
    for (const secret of [rig().account.credentials?.apiKey ?? '?', rig().account.credentials?.apiSecret ?? '?', 'signature']) expect(written).not.toContain(secret);
  });
}
