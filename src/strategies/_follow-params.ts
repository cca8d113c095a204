/** The settings of a bot that follows signals, and what it may be told. */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { SIGNAL_CALL } from '#core/signal-call.ts';
import type { CommandSpec } from '#core/strategy.ts';
import { percentField } from './_fields.ts';
import { MOVE_STOP, POSITION_FIELDS } from './_position-fields.ts';

export const FOLLOW_PARAMS = {
  ...POSITION_FIELDS,
  sizing: {
    kind: 'choice',
    options: ['share', 'risk'],
    default: 'share',
    title: { en: 'Size', ru: 'Размер' },
    help: {
      en: 'share: share_percent of what is free. risk: as much as loses risk_percent of it at the stop, within share_percent. Left out: share.',
      ru: 'share: share_percent от свободного. risk: столько, чтобы на стопе потерять risk_percent от него, но не больше share_percent. По умолчанию share.',
    },
  },
  share_percent: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    max: '100',
    default: '100',
    title: { en: 'Share for a signal', ru: 'Доля на сигнал' },
    help: {
      en: 'Per cent of the free budget one signal may use at most. Left out: 100.',
      ru: 'Сколько процентов свободного бюджета может занять один сигнал. По умолчанию 100.',
    },
  },
  risk_percent: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    max: '100',
    default: '1',
    title: { en: 'Risk of a signal', ru: 'Риск на сигнал' },
    help: {
      en: 'With sizing risk: per cent of the free budget that is lost from the entries to the stop, fees aside. Left out: 1.',
      ru: 'Для sizing risk: сколько процентов свободного бюджета теряется от входов до стопа, без комиссий. По умолчанию 1.',
    },
  },
  max_deviation_percent: {
    kind: 'decimal',
    min: '0',
    max: '50',
    default: '0.5',
    title: { en: 'Deviation from the entry', ru: 'Отклонение от входа' },
    help: {
      en: 'An entry is taken at once while the market is at most so many per cent worse than its price. Left out: 0.5.',
      ru: 'Вход исполняется сразу, пока рынок хуже его цены не больше чем на столько процентов. По умолчанию 0.5.',
    },
  },
  wait_for_entry: {
    kind: 'boolean',
    default: true,
    title: { en: 'Wait for the entry', ru: 'Ждать цены входа' },
    help: {
      en: 'true: an entry whose price is further away waits as a limit order while the signal is valid. false: it is not made. Left out: true.',
      ru: 'true: вход, до цены которого дальше, ждёт лимитным ордером, пока сигнал действует. false: пропускается. По умолчанию true.',
    },
  },
  valid_minutes: {
    kind: 'integer',
    min: 1,
    max: 525_600,
    default: 60,
    title: { en: 'Valid for', ru: 'Срок действия' },
    help: {
      en: 'Minutes to enter within, where the signal says nothing else. Left out: 60.',
      ru: 'Сколько минут можно входить, если в сигнале не сказано иное. По умолчанию 60.',
    },
  },
  default_stop_percent: percentField(
    { en: 'Stop without a stop', ru: 'Стоп по умолчанию' },
    {
      en: 'Where a signal has no stop: so many per cent from its furthest entry. Left out: no stop.',
      ru: 'Если в сигнале нет стопа: на столько процентов от самого дальнего входа. По умолчанию без стопа.',
    },
    '99',
  ),
} as const satisfies ParamsSpec;

export type FollowParams = ParamsOf<typeof FOLLOW_PARAMS>;

const OF_SIGNAL = {
  ...SIGNAL_CALL.id,
  optional: true,
  title: { en: 'Signal', ru: 'Сигнал' },
  help: {
    en: 'Id of the signal meant; another than the one in hand is refused. Left out: the one in hand.',
    ru: 'Какой сигнал имеется в виду; если исполняется другой, команда отклоняется. По умолчанию текущий.',
  },
} as const;

export const FOLLOW_COMMANDS = {
  signal: {
    title: { en: 'Signal', ru: 'Сигнал' },
    help: {
      en: 'Opens a position with these entries, targets and stop. One at a time: while one is open the next is refused.',
      ru: 'Открывает позицию с этими входами, целями и стопом. По одной: пока позиция открыта, следующий сигнал отклоняется.',
    },
    params: SIGNAL_CALL,
  },
  close_signal: {
    title: { en: 'Close', ru: 'Закрыть' },
    help: { en: 'Withdraws all orders and closes the position at market.', ru: 'Снимает все ордера и закрывает позицию по рынку.' },
    params: { id: OF_SIGNAL },
  },
  cancel_entries: {
    title: { en: 'Cancel the entries', ru: 'Отменить входы' },
    help: {
      en: 'Withdraws what has not been entered; what is open keeps its targets and its stop.',
      ru: 'Снимает неисполненные входы; открытое сохраняет цели и стоп.',
    },
    params: { id: OF_SIGNAL },
  },
  change_signal: {
    title: { en: 'Change the signal', ru: 'Изменить сигнал' },
    help: {
      en: 'Puts what is not filled yet in line with the signal as it says now: nothing entered, it begins anew; otherwise open entries are withdrawn, the stop moves, and so do the targets while none was reached. A signal that never came is followed.',
      ru: 'Приводит неисполненное к сигналу в новой редакции: если входа не было, начинает заново; иначе снимает входы, переносит стоп, а цели переносит, пока не достигнута ни одна. Неизвестный сигнал исполняется.',
    },
    params: SIGNAL_CALL,
  },
  break_even: {
    title: { en: 'Stop to break-even', ru: 'Стоп в безубыток' },
    help: {
      en: 'Puts the stop where closing loses nothing after fees; only while the market is beyond it.',
      ru: 'Ставит стоп туда, где закрытие с учётом комиссий без убытка; только если рынок уже дальше.',
    },
    params: { id: OF_SIGNAL },
  },
  move_stop: { ...MOVE_STOP, params: { id: OF_SIGNAL, ...MOVE_STOP.params } },
} as const satisfies Readonly<Record<string, CommandSpec>>;
