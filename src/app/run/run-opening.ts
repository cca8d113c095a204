/**
 * Opens the run of a bot: the one it has, restored from the store, or a new one, planned against the market and the
 * account's balances before anything is placed.
 */
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import { AppError, PortError } from '#core/errors.ts';
import { type Instrument, type InstrumentKind, isPerpetualSymbol, MAX_ATOMS, Scale } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import { parseParams } from '#core/params.ts';
import type { Ids } from '#core/ports.ts';
import type { RiskLimits } from '#core/risk.ts';
import type { PlanQuestion } from '#core/sandbox/port.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Lease } from '#core/store/leases.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { RunBeginning } from '#core/store/perpetuals.ts';
import type { LegRecipe, RunRecipe } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import type { LegNeed, Plan, Strategy } from '#core/strategy.ts';
import type { Quote, TradingSession, Venue } from '#core/venue-ports.ts';
import { planRules, splitConfig } from '../bots/bot-rules.ts';
import { type LegMarket, legsWanted, marketsOf } from '../legs/leg-markets.ts';
import type { OwnRun } from '../own-strategies/own-run.ts';
import type { OwnStrategies, PinnedProgram } from '../own-strategies/own-strategies.ts';
import { feeAssetOf, type PricedMarket, planLeg, planQuestion, unpricedQuestion } from './plan-question.ts';
import { barsWantedBy } from './run-feeds.ts';
import { setupFrom, setupOf, strategyOf } from './run-setup.ts';

/** Limits of every run until the user sets tighter ones. */
export const DEFAULT_LIMITS = { maxOpenOrders: 500, priceCollar: 0.1, ordersPerMinute: 600 } as const;

export interface OpenedRun {
  readonly runId: string;
  readonly engine: Engine;
  /** Of a user's own strategy: the end in the sandbox. */
  readonly own: OwnRun | null;
  readonly scale: Scale;
  readonly recipe: RunRecipe;
  readonly startedAt: number;
  readonly sequence: number;
  readonly orders: readonly OrderRecord[];
}

export interface RunOpeningParts {
  readonly store: Store;
  readonly ids: Ids;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies; without them this process knows none. */
  readonly own?: OwnStrategies | undefined;
  readonly installation: number;
  readonly now: () => number;
}

/** The run a bot has and that has not ended, as the store holds it; `null` when a new one is to begin. */
export async function resumeRun(parts: RunOpeningParts, bot: BotRecord): Promise<OpenedRun | null> {
  if (bot.runId === null) return null;
  const run = await parts.store.runs.get(bot.runId);
  if (run === null || run.endedAt !== null) return null;
  const pinned = await findOwn(parts, bot.userId, run.recipe.strategy);
  const { engine, own } = engineOf(parts, pinned, run.recipe, run.state ?? undefined);
  return {
    runId: run.id,
    engine,
    own,
    scale: engine.setup.scale,
    recipe: run.recipe,
    startedAt: run.startedAt,
    sequence: run.sequence,
    orders: await parts.store.orders.alive(bot.accountId, run.id),
  };
}

/**
 * Plans and stores a new run. Throws AppError `symbol_unknown`, `strategy_unknown`, `validation_failed` (naming the
 * settings at fault), `insufficient_funds` or `position_taken`, and then nothing has been placed or promised.
 */
export async function beginRun(
  parts: RunOpeningParts,
  options: {
    readonly bot: BotRecord;
    readonly venue: Venue;
    readonly session: TradingSession;
    readonly reads: Pick<TradingSession, 'balances'>;
    readonly lease: Lease;
    /** The present price of an instrument. */
    readonly quoteOf: (symbol: string) => Promise<Quote>;
  },
): Promise<OpenedRun> {
  const { bot, venue, session, quoteOf } = options;
  const quote = await quoteOf(bot.symbol);
  const listed = (await venue.market.instruments()).get(bot.symbol);
  if (listed === undefined) throw new AppError('symbol_unknown', `${venue.title} does not trade "${bot.symbol}"`);
  const instrument = await withOwnFees(listed, session);
  const { settings, rules } = splitConfig(bot.config);
  const pinned = await findOwn(parts, bot.userId, bot.strategy);
  const shape = pinned === null ? strategyOf(parts.strategies, bot.strategy) : await shapedOwn(parts, pinned, settings, instrument);
  assertTrades(shape, instrument);
  const listedLegs = await marketsOf(legsWanted(shape, settings, bot.symbol), instrument, venue, quoteOf);
  const others = await Promise.all(listedLegs.map(async (leg) => ({ ...leg, instrument: await withOwnFees(leg.instrument, session) })));
  const strategy = pinned === null ? shape : await plannedOwn(parts, pinned, settings, { instrument, quote }, others);
  const { params, plan } = planRun(strategy, settings, instrument, quote, others);
  for (const leg of [{ instrument }, ...others]) if (leg.instrument.kind === 'perpetual') await assertFlat(session, leg.instrument);
  const scale = new Scale(instrument);
  const recipe: RunRecipe = {
    strategy: strategy.name,
    strategyVersion: strategy.version,
    params,
    instrument,
    feeAsset: feeAssetOf(instrument),
    limits: limitsOf(plan, scale, quote),
    lentGrains: plan.baseGrains,
    installation: parts.installation,
    botNumber: bot.number,
    mode: bot.mode,
    ...(instrument.kind === 'perpetual' ? { marginMode: plan.marginMode ?? 'isolated' } : {}),
    ...(rules === null ? {} : { rules: planRules(rules, scale, venue.capabilities) }),
    ...(pinned === null ? {} : { bars: strategy.bars?.(params as RunSetup['params']) ?? [] }),
    ...(others.length === 0 ? {} : { legName: strategy.legName ?? 'first', otherLegs: legRecipes(others, plan) }),
  };
  // A run that could never be told its bars is refused before anything is promised to it.
  barsWantedBy(setupFrom(strategy, recipe));
  const runId = parts.ids.next();
  const startedAt = parts.now();
  const run = { id: runId, botId: bot.id, userId: bot.userId, accountId: bot.accountId, recipe, at: startedAt };
  const begun = await promise(parts.store, run, plan, options);
  if (begun.outcome === 'occupied')
    throw new AppError('position_taken', `the bot "${begun.botName}" trades ${begun.symbol} on this account; one position cannot serve two`);
  if (begun.outcome === 'short')
    throw new AppError('insufficient_funds', `${begun.missing} ${begun.asset} are missing beyond what the account's other bots were promised`);
  return { runId, ...engineOf(parts, pinned, recipe), scale, recipe, startedAt, sequence: 0, orders: [] };
}

/** A user's own strategy that a bot names; `null` for one of the product. Throws AppError `strategy_unknown`. */
async function findOwn({ own }: RunOpeningParts, userId: string, strategy: string): Promise<PinnedProgram | null> {
  return own === undefined ? null : await own.find(userId, strategy);
}

/** With the instruments that it wants; one that may want none beside the first need not be asked. */
async function shapedOwn(parts: RunOpeningParts, pinned: PinnedProgram, settings: unknown, instrument: Instrument): Promise<Strategy> {
  if (parts.own !== undefined && pinned.declaration.choosesLegs !== true) return parts.own.describe(pinned);
  return await askOwn(parts, pinned, settings, (params) => unpricedQuestion(params, instrument));
}

function plannedOwn(parts: RunOpeningParts, pinned: PinnedProgram, settings: unknown, first: PricedMarket, others: readonly LegMarket[]): Promise<Strategy> {
  return askOwn(parts, pinned, settings, (params) => planQuestion(params, first, others));
}

async function askOwn(
  { own }: RunOpeningParts,
  pinned: PinnedProgram,
  settings: unknown,
  questionOf: (params: PlanQuestion['params']) => PlanQuestion,
): Promise<Strategy> {
  const parsed = parseParams(pinned.declaration.params, settings);
  if (!parsed.ok) throw refusal(parsed.issues);
  if (own === undefined) throw new AppError('strategy_unknown', `this process runs no strategies such as ${pinned.reference}`);
  return await own.planned(pinned, questionOf(parsed.value));
}

function engineOf({ own, strategies }: RunOpeningParts, pinned: PinnedProgram | null, recipe: RunRecipe, state?: RunState): Pick<OpenedRun, 'engine' | 'own'> {
  if (pinned === null || own === undefined) return { engine: new Engine(setupOf(strategies, recipe), state), own: null };
  const ready = own.forRun(pinned, recipe, () => engine.snapshot());
  const engine = new Engine(setupFrom(ready.strategy, recipe), state);
  return { engine, own: ready.own };
}

type GoodPlan = Extract<Plan, { ok: true }>;

/** Has the store promise what the run needs, of one wallet or of two that the venue keeps apart. */
async function promise(
  store: Store,
  run: Pick<Parameters<Store['bots']['beginRun']>[1], 'id' | 'botId' | 'userId' | 'accountId' | 'recipe' | 'at'>,
  plan: GoodPlan,
  { venue, reads, lease }: { readonly venue: Venue; readonly reads: Pick<TradingSession, 'balances'>; readonly lease: Lease },
): Promise<RunBeginning> {
  const { instrument } = run.recipe;
  const needs = allNeeds(plan, run.recipe);
  const first = await availableIn(reads, instrument.kind);
  if (!venue.capabilities.walletsApart) return await store.bots.beginRun(lease, { ...run, needs }, first);
  const other = instrument.kind === 'spot' ? 'perpetual' : 'spot';
  const elsewhere = needs.filter(({ symbol }) => isPerpetualSymbol(symbol) === (other === 'perpetual'));
  const otherPurses = elsewhere.length === 0 ? [] : [{ wallet: other, needs: elsewhere, available: await availableIn(reads, other) } as const];
  return await store.bots.beginRun(lease, { ...run, needs: needs.filter((need) => !elsewhere.includes(need)), wallet: instrument.kind, otherPurses }, first);
}

/** What open orders hold back counts too: the store sets aside what our own runs and orders were promised, held back or not. */
async function availableIn(
  reads: Pick<TradingSession, 'balances'>,
  kind: InstrumentKind,
): Promise<readonly { readonly asset: string; readonly amount: string }[]> {
  return (await reads.balances(kind)).map(({ asset, free, locked }) => ({ asset, amount: plain(decimal(free).plus(locked)) }));
}

function allNeeds(plan: GoodPlan, recipe: Pick<RunRecipe, 'instrument' | 'otherLegs'>) {
  const { otherLegs = [] } = recipe;
  const legs = [{ need: plan, instrument: recipe.instrument }, ...otherLegs.map(({ instrument }, index) => ({ need: needOf(plan, index), instrument }))];
  return legs.flatMap(({ need, instrument }) => needsOf(need, new Scale(instrument)).map((each) => ({ ...each, symbol: instrument.symbol })));
}

/** Throws for a strategy whose plan is silent about an instrument that it has asked for. */
export function needOf(plan: GoodPlan, index: number): LegNeed {
  const need = plan.otherLegs?.[index];
  if (need === undefined) throw new Error('the plan of the strategy is silent about one of its instruments');
  return need;
}

/** The recipes of the instruments beyond the first. */
export function legRecipes(others: readonly LegMarket[], plan: GoodPlan): readonly LegRecipe[] {
  return others.map(({ name, instrument, quote }, index) => {
    const need = needOf(plan, index);
    const limits = limitsOf(need, new Scale(instrument), quote);
    const terms = { name, instrument, feeAsset: feeAssetOf(instrument), limits, lentGrains: need.baseGrains };
    return instrument.kind === 'perpetual' ? { ...terms, marginMode: need.marginMode ?? 'isolated' } : terms;
  });
}

/** The instrument with the rates that this account pays; those of the list where the venue does not say. What a venue pays back is not counted on. */
async function withOwnFees(listed: Instrument, session: TradingSession): Promise<Instrument> {
  try {
    const { maker, taker } = await session.feeRates(listed.symbol);
    const paid = (rate: DecimalString): DecimalString => (decimal(rate).isNegative() ? '0' : rate);
    return { ...listed, makerFeeRate: paid(maker), takerFeeRate: paid(taker) };
  } catch (error) {
    if (error instanceof PortError) return listed;
    throw error;
  }
}

/** A paper run that began at a real venue's prices waits for them rather than going on in the demonstration market. */
export async function assertSamePrices(venue: Venue, symbol: string, source: string): Promise<void> {
  const present = (await venue.market.instruments()).get(symbol)?.venue;
  if (present !== undefined && present !== source)
    throw new AppError(
      'venue_unavailable',
      `the run began at prices of another market (${source}) than the one that answers now (${present}); it waits for them`,
    );
}

/** What a run claims of its account for one instrument: quote and base, or of a perpetual the margin alone. */
export function needsOf(plan: LegNeed, scale: Scale): readonly { readonly asset: string; readonly amount: string }[] {
  const { quote, base, settle, kind } = scale.instrument;
  const money = { asset: kind === 'perpetual' ? settle : quote, amount: scale.quote(plan.quoteAtoms) };
  const needs = kind === 'perpetual' ? [money] : [money, { asset: base, amount: scale.base(plan.baseGrains) }];
  return needs.filter((need) => need.amount !== '0');
}

/** Throws AppError `validation_failed` for a strategy that does not trade this kind of instrument. */
export function assertTrades(strategy: Strategy, { kind, symbol }: Instrument): void {
  if ((strategy.markets ?? ['spot']).includes(kind)) return;
  const message =
    kind === 'perpetual' ? 'is a perpetual, and this strategy trades spot instruments only' : 'is a spot instrument, and this strategy trades perpetuals only';
  throw new AppError('validation_failed', `the strategy "${strategy.name}" cannot trade ${symbol}: it ${message}`, [{ field: 'symbol', message }]);
}

/** A position that is there already would be closed, added to or turned by the run's orders as if it were the run's. */
async function assertFlat(session: TradingSession, { symbol }: Instrument): Promise<void> {
  if (session.perpetual === undefined) throw new AppError('symbol_unknown', `perpetuals such as ${symbol} cannot be traded at this exchange`);
  const position = (await session.perpetual.positions()).find((each) => each.symbol === symbol);
  if (position !== undefined) throw new AppError('position_taken', `the account holds a position of ${position.size} in ${symbol} already`);
}

/** Checks settings and plans a run; the API shows the same plan before a bot is started. */
export function planRun(
  strategy: Strategy,
  config: unknown,
  instrument: Instrument,
  quote: Pick<Quote, 'bid' | 'ask'>,
  others: readonly LegMarket[] = [],
): { readonly params: RunRecipe['params']; readonly plan: GoodPlan } {
  const parsed = parseParams(strategy.params, config);
  if (!parsed.ok) throw refusal(parsed.issues);
  const otherLegs = others.map((leg) => ({ name: leg.name, ...planLeg(leg.instrument, leg.quote) }));
  const plan = strategy.plan({ params: parsed.value, ...planLeg(instrument, quote), ...(otherLegs.length === 0 ? {} : { otherLegs }) });
  if (!plan.ok) throw refusal(plan.issues);
  return { params: parsed.value, plan };
}

/** The limits of a leg: as much as it needs, and orders of a size that it may come to. */
export function limitsOf({ quoteAtoms, baseGrains, leverage = 1 }: LegNeed, scale: Scale, quote: Pick<Quote, 'bid'>): RiskLimits {
  const baseValue = scale.atoms(quote.bid, 'up') * Number(scale.base(baseGrains));
  const most = scale.isPerpetual ? quoteAtoms * leverage : quoteAtoms + baseValue;
  // One order may move all the bot has, grown threefold; beyond that something is wrong.
  const maxOrderAtoms = Math.min(MAX_ATOMS, Math.ceil(most * 3));
  return { ...DEFAULT_LIMITS, budgetAtoms: quoteAtoms, maxOrderAtoms, ...(scale.isPerpetual ? { leverage } : {}) };
}

function refusal(issues: readonly { readonly field: string; readonly message: string }[]): AppError {
  return new AppError('validation_failed', issues.map((issue) => `${issue.field}: ${issue.message}`).join('; '), issues);
}
