/** Cases: what an account pays, and all of its orders at once. */
import { expect, it } from 'vitest';
import { until } from '#test/support/until.ts';
import { ELSEWHERE, order, placed, type Stage, SYMBOL, type VenueRig } from './venue-rig.ts';

export function accountCallCases(stage: Stage): void {
  it('A-01 tells what the account pays for trades in a symbol, a fee as a positive share', async () => {
    const { maker, taker } = await stage.session.feeRates(SYMBOL);
    const { makerFeeRate, takerFeeRate } = stage.rig.simulator.world.scale(SYMBOL).instrument;
    expect([maker, taker]).toEqual([makerFeeRate, takerFeeRate]);
  });

  it('A-02 takes all orders in a symbol off the book at once, and leaves those in others, or has no such call', async () => {
    const { session, rig } = stage;
    const { cancelAll } = session;
    expect(cancelAll !== undefined).toBe(rig.venue.capabilities.cancelAll);
    if (cancelAll === undefined) return;
    for (const price of ['59000', '58000', '57000']) await placed(rig, session, order({ price }));
    if (rig.venue.capabilities.orderTypes.includes('stopLimit'))
      await placed(rig, session, order({ type: 'stopLimit', triggerPrice: '60500', price: '60550' }));
    const elsewhere = order({ symbol: ELSEWHERE, price: '2900', size: '0.1' });
    await placed(rig, session, elsewhere);
    expect(await cancelAll(SYMBOL)).toEqual({ outcome: 'done' });
    expect(await session.openOrders(SYMBOL)).toEqual([]);
    expect(await session.openOrders(ELSEWHERE)).toMatchObject([{ clientOrderId: elsewhere.clientOrderId }]);
    expect(await cancelAll(SYMBOL), 'nothing to cancel is no failure').toEqual({ outcome: 'done' });
  });
}

/** For a venue behind a network. */
export function accountFaultCases(stage: Stage): void {
  cancelAllCases(stage);
  switchCases(stage);
}

function cancelAllCases(stage: Stage): void {
  it.each(['reset', 'junk', 'status', 'cut'] as const)(
    'A-03 says of a cancel of all whose answer is %s only what the list of open orders proves',
    async (kind) => {
      const { session, rig } = stage;
      if (session.cancelAll === undefined) return;
      await placed(rig, session, order());
      rig.simulator.faults.add({ where: 'after', kind, operation: 'cancelAll' });
      const { outcome } = await session.cancelAll(SYMBOL);
      if (kind === 'junk') expect(outcome === 'unknown' || rig.simulator.truth.openOrders().length === 0).toBe(true);
      else expect(outcome).toBe('unknown');
      expect(await session.cancelAll(SYMBOL)).toEqual({ outcome: 'done' });
    },
  );
}

function switchCases(stage: Stage): void {
  it('A-04 has a dead man’s switch that takes the orders off once we fall silent, and not before; or says that it has none', async () => {
    const { session, rig } = stage;
    const { deadMansSwitch } = rig.venue.capabilities;
    expect(session.cancelAllAfter !== undefined).toBe(deadMansSwitch !== null);
    if (session.cancelAllAfter === undefined || deadMansSwitch === null) return;
    await expect(session.cancelAllAfter(deadMansSwitch.leastMs - 1)).rejects.toBeInstanceOf(RangeError);
    await expect(session.cancelAllAfter(deadMansSwitch.mostMs + 1)).rejects.toBeInstanceOf(RangeError);
    await placed(rig, session, order());
    const { world, truth } = rig.simulator;
    const pass = (ms: number): void => {
      world.skewMs += ms;
      world.expire();
    };
    const { streams } = rig.simulator;
    const before = streams.subscriptions;
    await session.cancelAllAfter(20_000);
    if (deadMansSwitch.kind === 'disconnect') {
      await until(() => streams.subscriptions === before + streamsOf(rig), 'the stream counts');
      fallSilent(stage);
    }
    pass(15_000);
    expect(truth.openOrders(), 'there is time left').toHaveLength(1);
    pass(6_000);
    expect(truth.openOrders(), 'the time is over').toEqual([]);
  });

  it('A-05 keeps the orders while the switch is held, and after it was called off', async () => {
    const { session, rig } = stage;
    const { deadMansSwitch } = rig.venue.capabilities;
    if (session.cancelAllAfter === undefined || deadMansSwitch === null) return;
    const { world, truth, streams } = rig.simulator;
    const before = streams.subscriptions;
    await placed(rig, session, order());
    for (let turn = 0; turn < 3; turn += 1) {
      await session.cancelAllAfter(20_000);
      world.skewMs += 15_000;
      world.expire();
      rig.clock.skip(3_000);
    }
    expect(truth.openOrders()).toHaveLength(1);
    await session.cancelAllAfter(0);
    if (deadMansSwitch.kind === 'disconnect') {
      await until(() => streams.subscriptions === before, 'the stream counts no more');
      fallSilent(stage);
    }
    world.skewMs += 60_000;
    world.expire();
    expect(truth.openOrders()).toHaveLength(1);
  });

  it('A-06 holds a switch that hangs on the stream over a broken connection', async () => {
    const { session, rig, heard } = stage;
    if (session.cancelAllAfter === undefined || rig.venue.capabilities.deadMansSwitch?.kind !== 'disconnect') return;
    const { world, truth, streams } = rig.simulator;
    await placed(rig, session, order());
    const before = streams.subscriptions;
    await session.cancelAllAfter(20_000);
    await until(() => streams.subscriptions === before + streamsOf(rig), 'the stream counts');
    streams.drop('private');
    await until(() => heard.states.join() === 'up,down,up' && streams.subscriptions === before + streamsOf(rig), 'the stream is back and counts again');
    world.skewMs += 60_000;
    world.expire();
    expect(truth.openOrders()).toHaveLength(1);
  });
}

/** How many private streams serve the examined account. */
function streamsOf({ perpetual }: VenueRig): number {
  return perpetual?.streams ?? 1;
}

/** The venue hears nothing of us any more. */
function fallSilent({ rig }: Stage): void {
  const { faults, streams } = rig.simulator;
  faults.add({ where: 'stream', kind: 'refuse', stream: 'private', count: null });
  streams.drop('private');
}
