/**
 * Changes how deals are left and begun while the bot runs: at once, for the deal under way too. What prices follow from it the deal's
 * orders come to by themselves.
 */
import { closingTicks, isAsGood } from '#core/executors/directions.ts';
import type { Issue, ParamsOf, ParamsSpec } from '#core/params.ts';
import type { CommandPlan, CommandSpec, Plan } from '#core/strategy.ts';
import { percentField, removableField } from '../_fields.ts';
import { baseTicks, type Deal } from './deal.ts';
import { DEAL_TIMER, leaveIfReached, STOP_TIMER, setDealTimer, stopOf } from './exit.ts';
import { profitSteps, profitTicks } from './ladder.ts';
import type { Dca } from './orders.ts';
import type { DcaParams } from './params.ts';
import { planDca } from './plan.ts';
import { lookForStart } from './start.ts';

const FIELDS = {
  take_profit_percent: percentField(
    { en: 'Take profit', ru: 'Тейк-профит' },
    { en: 'The new rise at which a deal sells.', ru: 'Новый рост, при котором сделка продаёт.' },
  ),
  trailing_take_profit_percent: removableField(
    { en: 'Trailing take profit', ru: 'Следящий тейк-профит' },
    'The new distance at which it follows.',
    'Новое расстояние следования.',
    '50',
  ),
  stop_loss_percent: removableField({ en: 'Stop loss', ru: 'Стоп-лосс' }, 'The new stop.', 'Новый стоп.', '99'),
  max_deal_hours: {
    kind: 'integer',
    min: 0,
    max: 8_760,
    optional: true,
    title: { en: 'Longest deal', ru: 'Самая долгая сделка' },
    help: {
      en: 'The new longest time, in hours from the beginning of the deal. 0 takes it away.',
      ru: 'Новое наибольшее время в часах с начала сделки. 0 убирает.',
    },
  },
  cooldown_seconds: {
    kind: 'integer',
    min: 0,
    max: 2_592_000,
    optional: true,
    title: { en: 'Pause between deals', ru: 'Пауза между сделками' },
    help: { en: 'The new pause after the deals that end from now on.', ru: 'Новая пауза после сделок, которые завершатся позже.' },
  },
  min_price: removableField({ en: 'Lowest price to start at', ru: 'Минимальная цена начала' }, 'The new lowest price.', 'Новая минимальная цена.'),
  max_price: removableField({ en: 'Highest price to start at', ru: 'Максимальная цена начала' }, 'The new highest price.', 'Новая максимальная цена.'),
} as const satisfies ParamsSpec;

export const CHANGE_COMMAND = {
  title: { en: 'Change how deals end', ru: 'Изменить завершение сделок' },
  help: {
    en: 'Changes take profit, stop, longest time and start prices at once, for the deal under way too. What is left out stays. The bot keeps it as the next version of its settings.',
    ru: 'Сразу меняет тейк-профит, стоп, предельное время и цены начала, в том числе для текущей сделки. Не указанное остаётся. Бот сохраняет это следующей версией своих настроек.',
  },
  params: FIELDS,
} as const satisfies CommandSpec;

/** As a user gives it: `null` where a setting stays. */
export type GivenChange = ParamsOf<typeof FIELDS>;

type Settings = Partial<DcaParams>;
type Change = { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly issues: readonly Issue[] };

/** What is given, with 0 as none; without a stop nothing can follow or wait at it. */
function settingsOf(given: GivenChange): Settings {
  const settings: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(given)) if (value !== null) settings[field] = field !== 'cooldown_seconds' && Number(value) === 0 ? null : value;
  return settings['stop_loss_percent'] === null ? { ...settings, stop_loss_trailing: false, stop_loss_wait_seconds: null } : settings;
}

/** Checks the change at the present price. `dca.params` are the settings that hold now. */
function planChange(dca: Dca, given: GivenChange): Change {
  const settings = settingsOf(given);
  if (Object.keys(settings).length === 0) return refused('take_profit_percent', 'or another setting must be given: nothing would change');
  const params = { ...dca.params, ...settings };
  // What has been against the settings before this change is not its fault, such as a price that has risen.
  const before = issuesOf(planned(dca, dca.params)).map(({ field, message }) => `${field} ${message}`);
  const issues = issuesOf(planned(dca, params)).filter(({ field, message }) => !before.includes(`${field} ${message}`));
  if (issues.length > 0) return { ok: false, issues };
  const { deal } = dca.state;
  const stop = deal === null || settings.stop_loss_percent == null ? 0 : stopOf({ ...dca, params }, { ...deal, stopFloorTicks: 0 });
  const price = closingTicks(params, dca.context);
  const { scale } = dca.context;
  if (stop !== 0 && isAsGood(params, stop, price))
    return refused(
      'stop_loss_percent',
      `would end the deal at once: the stop would stand at ${scale.price(stop)}, the price is ${scale.price(price)}; use close_deal for that`,
    );
  return { ok: true, settings };
}

function planned({ context: { scale, feeAsset, bidTicks, askTicks } }: Dca, params: DcaParams): Plan {
  return planDca({ params, scale, feeAsset, bidTicks, askTicks });
}

function issuesOf(plan: Plan): readonly Issue[] {
  return plan.ok ? [] : plan.issues;
}

function refused(field: string, message: string): Change {
  return { ok: false, issues: [{ field, message }] };
}

/** Carries it out; why not, in words, where it cannot be. */
export function changeDca(dca: Dca, given: GivenChange): string | null {
  const change = planChange(dca, given);
  if (!change.ok) return change.issues.map(({ field, message }) => `${field} ${message}`).join('; ');
  const { context, state } = dca;
  const { settings } = change;
  context.keepSettings(settings);
  state.changed = { ...state.changed, ...settings };
  const changed = { ...dca, params: { ...dca.params, ...settings } };
  const { deal } = state;
  if (deal === null) lookForStart(changed);
  else changeDeal(changed, deal, settings);
  context.report(
    'strategy_note',
    `Changed: ${Object.entries(settings)
      .map(([field, value]) => `${field} ${value ?? 'none'}`)
      .join(', ')}.`,
    {},
  );
  return null;
}

function changeDeal(dca: Dca, deal: Deal, settings: Settings): void {
  const { context } = dca;
  if (settings.stop_loss_percent !== undefined) {
    // A stop that has followed the price follows it anew, at the new distance.
    deal.stopFloorTicks = 0;
    deal.belowStopSince = 0;
    context.clearTimer(STOP_TIMER);
  }
  if (settings.trailing_take_profit_percent === null) deal.isTrailing = false;
  if (settings.max_deal_hours !== undefined) {
    context.clearTimer(DEAL_TIMER);
    setDealTimer(dca, deal);
  }
  leaveIfReached(dca, deal);
}

/** What it would do. */
export function previewChange(dca: Dca, given: GivenChange): CommandPlan {
  const change = planChange(dca, given);
  if (!change.ok) return change;
  const params = { ...dca.params, ...change.settings };
  const { deal } = dca.state;
  return { ok: true, preview: { settings: change.settings, deal: deal === null || deal.base.filledLots === 0 ? null : dealAfter({ ...dca, params }, deal) } };
}

function dealAfter(dca: Dca, deal: Deal): Readonly<Record<string, unknown>> {
  const { context, params } = dca;
  const { scale } = context;
  const stop = stopOf(dca, { ...deal, stopFloorTicks: 0 });
  const ends = params.max_deal_hours === null ? null : new Date(deal.startedAt + params.max_deal_hours * HOUR_MS).toISOString();
  return {
    number: deal.number,
    take_profit_prices: profitSteps(params).map(({ percent }) => scale.price(profitTicks(params, percent, deal.bought, baseTicks(deal), scale))),
    stop_price: stop === 0 ? null : scale.price(stop),
    ends_at_latest: ends,
  };
}

const HOUR_MS = 3_600_000;
