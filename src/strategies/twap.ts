/** Buys or sells one amount in equal slices over a time. */
import { isTradable } from '#core/executors/amounts.ts';
import { twapExecutor } from '#core/executors/twap.ts';
import { executionStrategy } from './_execution.ts';
import { SEED_FIELDS, seedOf } from './_execution-fields.ts';
import { percentField, positiveField } from './_fields.ts';

const MINUTE_MS = 60_000;
/** How far beyond the market at the start it trades where no price is given. */
const LIMIT_SHARE = 0.1;

export const twap = executionStrategy({
  name: 'twap',
  title: { en: 'TWAP', ru: 'TWAP' },
  summary: {
    en: 'Buys or sells one amount in equal slices over a time, at the market but not beyond a price.',
    ru: 'Покупает или продаёт заданное количество равными долями за заданное время, по рынку, но не хуже заданной цены.',
  },
  params: {
    duration_minutes: {
      kind: 'integer',
      min: 1,
      max: 525_600,
      title: { en: 'Duration', ru: 'Длительность' },
      help: { en: 'Minutes in which to trade; what is left then stays untraded.', ru: 'За сколько минут; остаток после этого не торгуется.' },
    },
    slices: {
      kind: 'integer',
      min: 2,
      max: 10_000,
      default: 20,
      title: { en: 'Slices', ru: 'Доли' },
      help: { en: 'How many. Left out: 20.', ru: 'Сколько долей. По умолчанию 20.' },
    },
    jitter_percent: {
      kind: 'decimal',
      min: '0',
      max: '90',
      default: '20',
      title: { en: 'Jitter', ru: 'Сдвиг времени' },
      help: {
        en: 'Each slice but the first comes later at random, by up to so many per cent of the time between two. Left out: 20.',
        ru: 'Каждая доля, кроме первой, случайно задерживается не больше чем на столько процентов промежутка. По умолчанию 20.',
      },
    },
    limit_price: positiveField(
      { en: 'Worst price', ru: 'Худшая цена' },
      {
        en: 'Nothing trades beyond it. Left out: ten per cent beyond the market at the start.',
        ru: 'Хуже неё ничего не торгуется. По умолчанию на десять процентов хуже рынка при запуске.',
      },
    ),
    max_volume_percent: percentField(
      { en: 'Share of the volume', ru: 'Доля объёма' },
      {
        en: 'A slice is at most so many per cent of what the market traded since the one before, by bars of a minute. Left out: no limit.',
        ru: 'Доля не больше стольких процентов от объёма рынка с прошлой доли, по минутным барам. По умолчанию без ограничения.',
      },
      '100',
    ),
    catch_up: {
      kind: 'boolean',
      default: true,
      title: { en: 'Catch up', ru: 'Навёрстывать' },
      help: {
        en: 'true: what a slice could not trade is added to the next. false: it stays untraded. Left out: true.',
        ru: 'true: неисполненное добавляется к следующей доле. false: остаётся неисполненным. По умолчанию true.',
      },
    },
    ...SEED_FIELDS,
  },
  executor: twapExecutor,
  bars: (params) => (params.max_volume_percent === null ? [] : [{ intervalMs: MINUTE_MS, warmUp: 1 }]),
  intentOf(params, amount, { scale, bidTicks, askTicks }, at) {
    const beyond = amount.side === 'buy' ? Math.floor(askTicks * (1 + LIMIT_SHARE)) : Math.ceil(bidTicks * (1 - LIMIT_SHARE));
    return {
      ...amount,
      startAt: at,
      endsAt: at + params.duration_minutes * MINUTE_MS,
      slices: params.slices,
      jitter: Number(params.jitter_percent) / 100,
      limitTicks: params.limit_price === null ? beyond : scale.ticks(params.limit_price, amount.side === 'buy' ? 'down' : 'up'),
      isCatchingUp: params.catch_up,
      volumeShare: params.max_volume_percent === null ? null : Number(params.max_volume_percent) / 100,
      seed: seedOf(params.seed, at),
    };
  },
  issues(params, { lots, slices, limitTicks, side }, { scale, bidTicks }) {
    const slice = Math.floor(lots / slices);
    const issues = [];
    if (!isTradable({ scale }, slice, Math.min(bidTicks, limitTicks)))
      issues.push({ field: 'slices', message: `makes slices of ${scale.size(slice)}, which is below what the venue takes; use fewer, or a larger size` });
    const intervalMs = (params.duration_minutes * MINUTE_MS) / slices;
    if (intervalMs < 1_000) issues.push({ field: 'slices', message: 'come more often than once a second; use fewer, or a longer duration_minutes' });
    if (params.max_volume_percent !== null && intervalMs < MINUTE_MS)
      issues.push({ field: 'max_volume_percent', message: 'needs slices at least a minute apart; use fewer slices' });
    if (limitTicks <= 0) issues.push({ field: 'limit_price', message: `is below the price increment for a ${side}` });
    return issues;
  },
  worth: ({ lots, limitTicks }) => lots * limitTicks,
  preview: ({ lots, slices, limitTicks, startAt, endsAt }, { scale }) => ({
    limit_price: scale.price(limitTicks),
    slice_size: scale.size(Math.floor(lots / slices)),
    seconds_between: Math.round((endsAt - startAt) / slices / 1_000),
  }),
});
