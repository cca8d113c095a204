/**
 * A backtest over several instruments as plainly as can be: every moment is gone through and every price told, in the sequence that the
 * documentation states. It shares with the fast one the engine, the strategy and the simulated exchange, and no loop.
 */
import { DRIVEN_ACCOUNT } from '#app/backtest/exchange-driver.ts';
import type { LegHistory } from '#app/backtest/legs/leg-history.ts';
import { LegLogs } from '#app/backtest/legs/leg-logs.ts';
import type { LegsBacktestOptions, LegsBacktestResult } from '#app/backtest/legs/legs-backtest.ts';
import type { Bars } from '#core/bars/bars.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import { proportionalSlippage } from '#core/matching/models.ts';
import { Decimal, plain } from '#core/money.ts';
import { floatingAtoms } from '#core/position.ts';
import { SimulatedExchange } from '#core/simulated-exchange.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { NaiveDriver } from './naive-driver.ts';
import { momentsOf } from './naive-moments.ts';

export type NaiveResult = Pick<
  LegsBacktestResult,
  'bars' | 'startedAt' | 'endedAt' | 'endReason' | 'profit' | 'fees' | 'funding' | 'orders' | 'trades' | 'legs' | 'figures' | 'notes' | 'notesDropped' | 'tape'
>;

/** `setup` is that of the run to compare with. */
export function naiveLegs(options: LegsBacktestOptions, setup: RunSetup): NaiveResult {
  const histories = [options.first, ...options.others.values()];
  const terms = [setup, ...(setup.otherLegs ?? [])];
  const startedAt = Math.min(...histories.map(({ bars }) => bars.startAt[0] ?? 0));
  const progress = { momentsDone: 0, endedAt: startedAt };
  const logs = new LegLogs(
    terms.map(({ lentGrains }, index) => ({
      name: index === 0 ? null : (setup.otherLegs?.[index - 1]?.name ?? null),
      lent: lentGrains === 0 ? null : { at: startedAt, grains: lentGrains, priceTicks: histories[index]?.bars.openTicks[0] ?? 0 },
    })),
    () => progress.momentsDone,
  );
  const tape: JournalEntry[] = [];
  const driver = new NaiveDriver({
    engine: new Engine(setup),
    exchange: exchangeOf(options, histories, setup),
    onStep: (event, commands) => {
      tape.push({ sequence: tape.length + 1, event, commands });
      logs.add(event, commands);
    },
  });
  walk(driver, histories, progress);
  const { ledgers, orders, trades, notes } = logs;
  const legs = driver.engine.legs.all.map(({ state: { position, bidTicks, askTicks }, terms: own }, index) => {
    const [history, ledger] = [histories[index], ledgers[index]];
    if (history === undefined || ledger === undefined) throw new Error('every leg has its history and its ledger');
    const profitAtoms = position.realisedAtoms + floatingAtoms(position, (bidTicks + askTicks) / 2);
    return { history, terms: own, ledger, held: own.scale.base(position.baseGrains), profit: own.scale.quote(profitAtoms), position };
  });
  const sum = (amounts: readonly string[]) => plain(Decimal.sum(0, ...amounts));
  return {
    bars: progress.momentsDone,
    startedAt,
    endedAt: progress.endedAt,
    endReason: driver.finishReason ?? '',
    profit: sum(legs.map(({ profit }) => profit)),
    fees: sum(legs.map(({ terms: { scale }, position }) => scale.quote(position.feesAtoms))),
    funding: sum(legs.map(({ terms: { scale }, position }) => scale.quote(position.fundingAtoms ?? 0))),
    orders,
    trades,
    legs: legs.map(({ position: _, ...leg }) => leg),
    figures: setup.strategy.figures?.(driver.engine.state.strategy, setup.scale) ?? {},
    notes: notes.notes,
    notesDropped: notes.notesDropped,
    tape,
  };
}

function exchangeOf({ halfSpreadTicks = 0, slippage = 0, fundingRate }: LegsBacktestOptions, histories: readonly LegHistory[], setup: RunSetup) {
  const exchange = new SimulatedExchange({
    instruments: histories.map(({ instrument }) => instrument),
    halfSpreadTicks,
    slippage: slippage > 0 ? proportionalSlippage(slippage) : () => 0,
  });
  for (const { scale, limits, lentGrains } of [setup, ...(setup.otherLegs ?? [])]) {
    const { symbol, settle, base } = scale.instrument;
    exchange.deposit(DRIVEN_ACCOUNT, settle, scale.quote(limits.budgetAtoms), 0);
    exchange.deposit(DRIVEN_ACCOUNT, base, scale.base(lentGrains), 0);
    if (!scale.isPerpetual) continue;
    exchange.perpetuals.setLeverage(DRIVEN_ACCOUNT, symbol, limits.leverage ?? 1, 'isolated', 0);
    if (fundingRate !== undefined) exchange.perpetuals.setFundingRate(symbol, fundingRate);
  }
  return exchange;
}

function walk(driver: NaiveDriver, histories: readonly LegHistory[], progress: { momentsDone: number; endedAt: number }): void {
  for (const { startAt, bars: begun } of momentsOf(histories.map(({ bars }) => bars))) {
    const isFirst = progress.momentsDone === 0;
    if (isFirst) driver.now = startAt;
    const open = begun.flatMap(({ leg, index }) => {
      const history = histories[leg];
      return history === undefined ? [] : [{ symbol: history.instrument.symbol, intervalMs: history.bars.intervalMs, path: pathOf(history.bars, index) }];
    });
    const longest = open.reduce((most, { intervalMs }) => Math.max(most, intervalMs), 0);
    for (let third = 0; third <= 3 && driver.finishReason === null; third += 1) {
      driver.passTo(startAt + Math.floor((Math.min(third, 2.999) * longest) / 3));
      for (const { symbol, path } of open) driver.exchange.movePrice(symbol, path[third] ?? 0, driver.now);
      driver.sync();
      if (isFirst && third === 0) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
    }
    progress.momentsDone += 1;
    progress.endedAt = startAt + longest;
    if (driver.finishReason !== null) return;
  }
}

/** Open, the extreme that comes first, the other, and the close. */
function pathOf(bars: Bars, at: number): readonly [number, number, number, number] {
  const [open, high, low, close] = [bars.openTicks[at] ?? 0, bars.highTicks[at] ?? 0, bars.lowTicks[at] ?? 0, bars.closeTicks[at] ?? 0];
  return close >= open ? [open, low, high, close] : [open, high, low, close];
}
