/** Strategies of users' own over several instruments, in a real sandbox: backtests, and bots at a simulated exchange and on the paper venue. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runLegsBacktest } from '#app/backtest/legs/legs-backtest.ts';
import type { PinnedProgram } from '#app/own-strategies/own-strategies.ts';
import { rehearsed } from '#app/own-strategies/playback.ts';
import { TRIAL_INSTRUMENT, trialBars, trialLeg } from '#app/own-strategies/trial.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { Fleet } from '../support/fleet.ts';
import { example, LEGS_EXAMPLE } from './examples.ts';

const HOUR = 3_600_000;

let sandbox: StrategySandbox;
beforeAll(() => {
  sandbox = openStrategySandbox({ startsPerMinute: 500 });
});
afterAll(() => sandbox.close());

async function openFleet(paperPrices?: 'simulator'): Promise<Fleet> {
  const fleet = await Fleet.open({ sandbox, ...(paperPrices === undefined ? {} : { paperPrices }) });
  onTestFinished(() => fleet.close());
  return fleet;
}

async function upload({ own, userId }: Fleet, files: readonly ProgramFile[]): Promise<PinnedProgram> {
  if (own === undefined) throw new Error('the fleet has no sandbox');
  const { version } = await own.upload(userId, files, '');
  const pinned = await own.find(userId, `custom:${version.name}@${version.version}`);
  if (pinned === null) throw new Error('it was not kept');
  return pinned;
}

/** Buys two coins at once, has seen bars of both, and sells the second when its own price has risen. */
const PAIR = `import { defineStrategy, GRAINS_PER_LOT } from 'argosy/strategy';
const market = { type: 'market', priceTicks: 0, triggerTicks: 0, timeInForce: 'ioc', postOnly: false, reduceOnly: false };
export default defineStrategy({
  name: 'pair', version: 1, title: 'Pair', summary: 'Holds two coins.', params: {}, wants: { bars: true, quotes: false },
  legName: 'btc',
  otherLegs: () => [{ name: 'eth', symbol: 'ETH/USDT', kind: 'spot' }],
  bars: () => [{ intervalMs: 60000, warmUp: 5 }],
  plan: ({ scale, otherLegs }) => ({
    ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, preview: { legs: otherLegs.length },
    otherLegs: [{ quoteAtoms: otherLegs[0].scale.atoms('1000', 'down'), baseGrains: 0 }],
  }),
  start(context) {
    for (const leg of context.legs)
      leg.submit({ ...market, side: 'buy', sizeLots: Math.floor((leg.freeQuoteAtoms() * 0.8) / leg.askTicks), tag: leg.name });
    context.leg('eth').watchPrice(0, Math.ceil(context.leg('eth').askTicks * 1.02));
    return { heard: { btc: 0, eth: 0 }, isTold: false };
  },
  on(context, state, event) {
    if (event.type === 'barClosed') state.heard[event.leg] += 1;
    if (!state.isTold && state.heard.btc >= 5 && state.heard.eth >= 5) {
      state.isTold = true;
      context.report('strategy_note', 'has heard bars of both');
    }
    if (event.type === 'priceReached' && event.leg === 'eth') {
      const eth = context.leg('eth');
      eth.submit({ ...market, side: 'sell', sizeLots: Math.floor(eth.freeBaseGrains() / GRAINS_PER_LOT), tag: 'gain' });
      eth.watchPrice(0, Infinity);
    }
  },
});
`;

describe('a strategy of its own over several instruments', () => {
  it('trades both coins of the worked example in a backtest, the same every time', async () => {
    const fleet = await openFleet();
    const pinned = await upload(fleet, example(LEGS_EXAMPLE));
    const leg = trialLeg({ name: 'other', symbol: 'ETH/USDT', kind: 'spot' });
    const first = { instrument: TRIAL_INSTRUMENT, bars: trialBars(HOUR) };
    const other = { instrument: leg, bars: trialBars(HOUR, 1) };
    const run = async () => {
      const gone = await fleet.own?.rehearse(pinned, { config: {}, ...first, legs: [other] });
      if (gone === undefined) throw new Error('there is a sandbox');
      const { strategy, wishes } = rehearsed(gone);
      const result = runLegsBacktest({ strategy, config: {}, first, others: new Map([[leg.symbol, other]]) });
      return { trades: result.trades, profit: result.profit, figures: result.figures, denied: result.orders.denied, isSpent: wishes.isSpent };
    };
    const result = await run();
    expect(result).toMatchObject({ isSpent: true, denied: 0, trades: { count: 87 } });
    expect(await run()).toEqual(result);
  }, 60_000);

  it.each(['live', 'paper'] as const)(
    'holds both in %s mode, hears bars of both, and acts on the price of the second after a take-over',
    async (mode) => {
      const fleet = await openFleet('simulator');
      const { reference } = await upload(fleet, [{ path: 'main.js', text: PAIR }]);
      const bot = await fleet.startGrid({ strategy: reference, config: {}, mode });
      const filled = async () => (await fleet.orders(bot.id)).filter(({ state }) => state === 'filled').map(({ symbol, side }) => `${side} ${symbol}`);
      await fleet.until('both are bought', async () => (await filled()).length === 2);
      expect((await filled()).toSorted()).toEqual(['buy BTC/USDT', 'buy ETH/USDT']);
      const heard = async () => (await fleet.database.query("select 1 from facts where data->>'text' = 'has heard bars of both'")).length === 1;
      await fleet.until('bars of both were told', heard);
      await fleet.halt();
      await fleet.start();
      const price = await fleet.price('binance', 'ETH/USDT');
      fleet.simulator.world.setPrice('ETH/USDT', String(Math.round(price * 1.05)));
      await fleet.until('the second is sold', async () => (await filled()).includes('sell ETH/USDT'));
      expect(await fleet.bot(bot.id)).toMatchObject({ status: 'running', statusReason: '' });
      expect(fleet.simulator.truth.duplicates()).toEqual([]);
      await fleet.want(bot.id, 'stopped');
      await fleet.until('it is stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    },
    60_000,
  );
});
