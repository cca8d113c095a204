/** Backtests of users' own strategies: through the sandbox, then by the product's own engine on what they wished for. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { runBacktest } from '#app/backtest/backtest.ts';
import { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import { rehearsed } from '#app/own-strategies/playback.ts';
import { TRIAL_INSTRUMENT, trialBars } from '#app/own-strategies/trial.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { crossover } from '../../bench/crossover.ts';
import { EXAMPLES, example } from './examples.ts';

let database: TestStore;
let sandbox: StrategySandbox;
let own: OwnStrategies;
const USER = 'user-1';
const MINUTE = 60_000;

beforeAll(async () => {
  database = await createTestStore();
  await database.store.users.create({ id: USER, email: 'own@example.org', passwordHash: 'hash', at: 1 });
  sandbox = openStrategySandbox({ startsPerMinute: 500 });
  own = new OwnStrategies({ store: database.store, sandbox, clock: new ManualClock(), ids: randomIds });
});
afterAll(async () => {
  await sandbox.close();
  await database.drop();
});

const way = { config: {}, instrument: TRIAL_INSTRUMENT, bars: trialBars(MINUTE) };

async function backtest(files: readonly ProgramFile[], config: Readonly<Record<string, unknown>> = {}) {
  const { version } = await own.upload(USER, files, '');
  const pinned = await own.find(USER, `custom:${version.name}@${version.version}`);
  if (pinned === null) throw new Error('it was not kept');
  const { strategy, wishes } = rehearsed(await own.rehearse(pinned, { ...way, config }));
  return { result: runBacktest({ ...way, config, strategy }), wishes };
}

describe('a backtest of a strategy of its own', () => {
  it('comes to the very figures that the same strategy comes to inside the product', async () => {
    const text = readFileSync(new URL('../../bench/crossover.ts', import.meta.url), 'utf8')
      .replace("'#core/strategy.ts'", "'argosy/strategy'")
      .replace('export const crossover =', 'export default');
    const { result, wishes } = await backtest([{ path: 'main.ts', text }]);
    const native = runBacktest({ ...way, strategy: crossover });
    expect(wishes.isSpent).toBe(true);
    expect(native.trades.count).toBeGreaterThan(20);
    const { setup: _own, ...figures } = result;
    const { setup: _native, ...expected } = native;
    expect(figures).toEqual(expected);
  }, 60_000);

  it.each(EXAMPLES)(
    'trades with the worked example %s, the same every time',
    async (path) => {
      const first = await backtest(example(path));
      const second = await backtest(example(path));
      expect(first.result.trades.count).toBeGreaterThan(0);
      expect(first.wishes.isSpent).toBe(true);
      expect(first.result.endReason).toBe('');
      expect(second.result.profit).toBe(first.result.profit);
      expect(second.result.orders).toEqual(first.result.orders);
      expect(first.result.figures).toEqual(second.result.figures);
    },
    60_000,
  );

  it('knows nothing of the backtest before it', async () => {
    const [file] = example('dip-buyer.ts');
    const text = (file?.text ?? '')
      .replace("name: 'dip-buyer'", "name: 'remembers'")
      .replace('interface State', 'const seen: number[] = [];\ninterface State')
      .replace('figures: ({ trades }) => ({ trades }),', 'figures: () => ({ seen: seen.length }),')
      .replace("if (event.type === 'barClosed') {", "if (event.type === 'barClosed') {\n seen.push(event.closeTicks);");
    const files = [{ path: 'main.ts', text }];
    expect((await backtest(files)).result.figures).toEqual({ seen: 3_000 });
    expect((await backtest(files)).result.figures).toEqual({ seen: 3_000 });
  }, 60_000);

  it('is not disturbed by others of its user over other candles at the same time', async () => {
    await own.upload(USER, example('dip-buyer.ts'), '');
    const pinned = await own.find(USER, 'custom:dip-buyer');
    if (pinned === null) throw new Error('it was not kept');
    const alone = await own.rehearse(pinned, way);
    const many = await Promise.all(Array.from({ length: 4 }, () => own.rehearse(pinned, { ...way, bars: trialBars(MINUTE) })));
    for (const each of many) expect(each.rehearsal).toEqual(alone.rehearsal);
  }, 60_000);

  it('ends where the strategy fails, and says why and where', async () => {
    const [file] = example('dip-buyer.ts');
    const text = (file?.text ?? '')
      .replace("name: 'dip-buyer'", "name: 'late'")
      .replace('state.trades += 1;', "state.trades += 1;\n if (Number(params.budget) === 777) throw new Error('no third time');");
    const { result } = await backtest([{ path: 'main.ts', text }], { budget: '777' });
    expect(result.bars).toBeLessThan(3_000);
    const before = text.slice(0, text.indexOf('new Error(')).split('\n');
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    expect(result.endReason).toBe(`your strategy was stopped: Error: no third time (main.ts, ${place})`);
  }, 60_000);
});
