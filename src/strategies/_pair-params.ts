/** The settings of spot-futures arbitrage. */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { PAIR_SCANNERS } from '#core/signals/pair-signal.ts';

export const PAIR_PARAMS = {
  investment: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Investment', ru: 'Вложение' },
    help: {
      en: 'Quote the bot may use, for the coin and for the margin of the perpetual together.',
      ru: 'Сколько котировки может использовать бот: на монету и на маржу бессрочного контракта вместе.',
    },
  },
  entry_percent: {
    kind: 'decimal',
    min: '-5',
    max: '50',
    default: '0.3',
    title: { en: 'Entry spread', ru: 'Спред входа' },
    help: {
      en: 'Enters when the bid of the perpetual is so many per cent above the ask of the coin, after the taker fees of entering and leaving both. Left out: 0.3.',
      ru: 'Вход, когда цена покупки контракта на столько процентов выше цены продажи монеты, за вычетом комиссий тейкера за вход и выход. По умолчанию 0.3.',
    },
  },
  exit_percent: {
    kind: 'decimal',
    min: '-50',
    max: '50',
    default: '0',
    title: { en: 'Exit spread', ru: 'Спред выхода' },
    help: {
      en: 'Leaves when the ask of the perpetual is at most so many per cent above the bid of the coin. The fees of leaving are counted at entry. Left out: 0.',
      ru: 'Выход, когда цена продажи контракта не более чем на столько процентов выше цены покупки монеты. Комиссии за выход учтены при входе. По умолчанию 0.',
    },
  },
  max_hours: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    max: '87600',
    optional: true,
    title: { en: 'Longest holding', ru: 'Предельное время' },
    help: {
      en: 'Leaves after so many hours whatever the spread is. Left out: waits for the spread.',
      ru: 'Выход через столько часов при любом спреде. По умолчанию ждёт спреда.',
    },
  },
  rounds: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    optional: true,
    title: { en: 'Rounds', ru: 'Раундов' },
    help: { en: 'Ends after so many entries and exits. Left out: goes on.', ru: 'Завершается после стольких входов и выходов. По умолчанию без ограничения.' },
  },
  leverage: {
    kind: 'integer',
    min: 1,
    max: 10,
    default: 2,
    title: { en: 'Leverage', ru: 'Плечо' },
    help: {
      en: 'Of the perpetual, isolated: more leaves more money for the coin and brings the liquidation nearer. Left out: 2.',
      ru: 'Плечо контракта, изолированная маржа: больше плечо — больше денег на монету, но ближе ликвидация. По умолчанию 2.',
    },
  },
  margin_guard_percent: {
    kind: 'decimal',
    min: '1',
    max: '50',
    default: '10',
    title: { en: 'Margin guard', ru: 'Защита маржи' },
    help: {
      en: 'Closes half of both legs when the price is so near below the liquidation price, and all of them at half that distance. Left out: 10.',
      ru: 'Закрывает половину обеих ног, когда до цены ликвидации осталось столько процентов, и всё — на половине этого расстояния. По умолчанию 10.',
    },
  },
  first_leg: {
    kind: 'choice',
    options: ['auto', 'spot', 'perpetual'],
    default: 'auto',
    title: { en: 'First leg', ru: 'Первая нога' },
    help: {
      en: 'Which instrument is traded first; auto takes the one with the wider gap between bid and ask. Left out: auto.',
      ru: 'Какой инструмент торгуется первым; auto выбирает тот, у которого шире разрыв между ценами. По умолчанию auto.',
    },
  },
  first_leg_order: {
    kind: 'choice',
    options: ['take', 'make'],
    default: 'take',
    title: { en: 'Order of the first leg', ru: 'Ордер первой ноги' },
    help: {
      en: 'take: trades at once. make: waits at the best price of its own side, as a maker, and the second leg takes what has traded; leaving for any reason but the spread always takes. Left out: take.',
      ru: 'take: исполняется сразу. make: ждёт мейкером по лучшей цене своей стороны, а вторая нога забирает исполненное по рынку; выход не по спреду всегда take. По умолчанию take.',
    },
  },
  part_percent: {
    kind: 'decimal',
    min: '1',
    max: '100',
    optional: true,
    title: { en: 'In parts of', ru: 'Частями по' },
    help: {
      en: 'The first leg is never ordered for more than so many per cent of the pair before the second has followed, or for a smallest order more. Left out: all at once.',
      ru: 'Первая нога не опережает вторую больше чем на столько процентов пары (плюс минимальный ордер). По умолчанию вся сразу.',
    },
  },
  leg_timeout_seconds: {
    kind: 'integer',
    min: 1,
    max: 300,
    default: 5,
    title: { en: 'Second leg within', ru: 'Вторая нога за' },
    help: {
      en: 'Seconds in which the second leg must follow the first; then what is uncovered is closed at market. Left out: 5.',
      ru: 'За сколько секунд вторая нога должна последовать за первой; затем непокрытое закрывается по рынку. По умолчанию 5.',
    },
  },
  max_slippage_percent: {
    kind: 'decimal',
    min: '0',
    max: '5',
    default: '0.5',
    title: { en: 'Slippage', ru: 'Проскальзывание' },
    help: {
      en: 'How much worse than seen before the first leg the second may be priced, step by step. Left out: 0.5.',
      ru: 'Насколько хуже цены до первой ноги может быть цена второй; растёт по шагам. По умолчанию 0.5.',
    },
  },
  start_signal: {
    kind: 'choice',
    options: [...PAIR_SCANNERS],
    optional: true,
    title: { en: 'Wait for the scanner', ru: 'Ждать сканер' },
    help: {
      en: 'Enters only while this scanner has an open signal for the pair, heard of within 20 s; leaving does not ask. Needs the plan VIP; in a backtest there is no scanner. Left out: enters by the spread alone.',
      ru: 'Вход только пока у этого сканера открыт сигнал по паре, подтверждённый за последние 20 с; на выход не влияет. Нужен тариф VIP; в бэктесте сканера нет. По умолчанию вход только по спреду.',
    },
  },
  start_signal_min_percent: {
    kind: 'decimal',
    min: '0',
    max: '50',
    default: '0.3',
    title: { en: 'Least net of the signal', ru: 'Минимум по сигналу' },
    help: {
      en: 'With start_signal: per cent that the signal must leave after all costs. Left out: 0.3.',
      ru: 'Для start_signal: сколько процентов должно оставаться по сигналу после всех издержек. По умолчанию 0.3.',
    },
  },
  perpetual_symbol: {
    kind: 'text',
    maxLength: 40,
    pattern: '[A-Z0-9]+/[A-Z0-9]+:[A-Z0-9]+',
    optional: true,
    title: { en: 'Perpetual', ru: 'Контракт' },
    help: {
      en: 'Symbol of the perpetual, such as BTC/USDT:USDT. Left out: the one of the same coin, settled in its quote.',
      ru: 'Символ бессрочного контракта, например BTC/USDT:USDT. По умолчанию контракт той же монеты с расчётом в её котировке.',
    },
  },
} as const satisfies ParamsSpec;

export type PairParamsSpec = typeof PAIR_PARAMS;
export type PairParams = ParamsOf<PairParamsSpec>;
