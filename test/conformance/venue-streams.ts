/** Cases N-11 to N-16: streams that break, fall silent, repeat themselves, and what they carry. */
import { expect, it } from 'vitest';
import { until } from '#test/support/until.ts';
import { feeOf, order, placed, type Stage, SYMBOL } from './venue-rig.ts';

export function connectionCases(stage: Stage): void {
  it('N-11 a broken stream is told, comes back, and what it missed is there to fetch', async () => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    const since = stage.rig.clock.now();
    stage.rig.simulator.streams.drop('private');
    stage.rig.simulator.world.setPrice(SYMBOL, '58900');
    await until(() => stage.heard.states.join() === 'up,down,up', 'the stream goes down and comes up');
    expect(stage.heard.fills).toEqual([]);
    expect(await stage.session.fillsSince(SYMBOL, since)).toMatchObject([{ price: '59000', size: '0.001', isMaker: true }]);
    stage.rig.simulator.world.setPrice(SYMBOL, '60000');
    await placed(stage.rig, stage.session, order({ type: 'market', price: null }));
    await until(() => stage.heard.fills.length === 1, 'fills are pushed again');
  });

  it('N-12 asks a venue that refuses streams less and less often', async () => {
    stage.rig.simulator.faults.add({ where: 'stream', kind: 'refuse', stream: 'private', count: null });
    stage.rig.simulator.streams.drop('private');
    const refusals = () => {
      const down = stage.rig.log.filter(({ message }) => message.startsWith('stream is down'));
      // An account of two markets has two of them.
      return down.filter(({ fields }) => fields['stream'] === down[0]?.fields['stream']);
    };
    await until(() => refusals().length >= 3, 'it has tried three times');
    const waits = refusals().map(({ fields }) => Number(fields['backOffMs']));
    expect(waits[2]).toBeGreaterThan(350);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(99);
    stage.rig.simulator.faults.clear();
    await until(() => {
      stage.rig.clock.skip(2_000);
      return stage.heard.states.at(-1) === 'up';
    }, 'the stream comes up when it is let in');
  });

  it('N-13 gives up a stream that has fallen silent', async () => {
    stage.rig.simulator.faults.add({ where: 'stream', kind: 'silent', stream: 'private' });
    await until(() => {
      stage.rig.clock.skip(4_000);
      return stage.heard.states.join() === 'up,down,up';
    }, 'the silent stream is replaced');
    await placed(stage.rig, stage.session, order());
    await until(() => stage.heard.orders.length === 1, 'events are pushed again');
  });
}

export function eventCases(stage: Stage): void {
  it('N-14 hands on repeated and reordered events as they are, exact and under our id', async () => {
    stage.rig.simulator.faults.add({ where: 'stream', kind: 'duplicate', operation: 'fill' });
    await placed(stage.rig, stage.session, order({ type: 'market', price: null, size: '0.00777' }));
    await until(() => stage.heard.fills.length === 2, 'the fill is pushed twice');
    expect(stage.heard.fills[1]).toEqual(stage.heard.fills[0]);
    const [fill] = stage.heard.fills;
    expect(fill).toMatchObject(fill === undefined ? {} : feeOf(stage.rig, fill));
    expect(fill?.size).toBe('0.00777');
  });

  it('N-15 pushes each part of an order that fills in parts', async () => {
    const asked = order({ price: '59000', size: '0.003' });
    await placed(stage.rig, stage.session, asked);
    const { exchange } = stage.rig.simulator.world;
    for (const lots of [100, 50, 150]) {
      exchange.setQuote(SYMBOL, 5_899_800, 5_899_900, stage.rig.clock.now(), lots);
      stage.rig.simulator.world.flush();
    }
    await until(() => stage.heard.fills.length === 3, 'three fills are pushed');
    expect(stage.heard.fills.map(({ size }) => size)).toEqual(['0.001', '0.0005', '0.0015']);
    const states = stage.heard.orders.filter(({ clientOrderId }) => clientOrderId === asked.clientOrderId);
    expect(states.map(({ status, filledSize }) => `${status} ${filledSize}`)).toEqual(['open 0', 'open 0.001', 'open 0.0015', 'filled 0.003']);
  });

  it('N-16 quotes go on after the public stream breaks', async () => {
    const seen: string[] = [];
    stage.rig.venue.market.watchQuotes(SYMBOL, ({ bid }) => seen.push(bid));
    await until(() => stage.rig.simulator.streams.count('public') === 1 && seen.length > 0, 'quotes arrive');
    stage.rig.simulator.streams.drop('public');
    stage.rig.simulator.world.setPrice(SYMBOL, '61000');
    await until(() => seen.at(-1) === '60999.99', 'the price that changed in between is told');
    await until(() => stage.rig.simulator.streams.count('public') === 1, 'the stream is back');
    stage.rig.simulator.world.setPrice(SYMBOL, '62000');
    await until(() => seen.at(-1) === '61999.99', 'quotes are pushed again');
  });
}
