/** Why something did not go as wished, in the user's language: texts of our own codes; what an exchange has said is only quoted. */
import { ERRORS } from '../errors.ts';
import type { Text } from '../params.ts';
import type { DenialCode } from '../risk-view.ts';

interface Reason extends Text {
  /** There is no figure beside it that would have to be quoted. */
  readonly saysAll?: true;
}

const DENIALS: Readonly<Record<DenialCode, Reason>> = {
  order_invalid: { en: 'The order is not a valid one.', ru: 'Ордер составлен неверно.' },
  size_below_minimum: { en: 'The size is below the minimum of the exchange.', ru: 'Размер меньше минимума биржи.' },
  size_above_maximum: { en: 'The size is above the maximum of the exchange.', ru: 'Размер больше максимума биржи.' },
  notional_below_minimum: { en: 'The order is worth less than the minimum of the exchange.', ru: 'Сумма ордера меньше минимума биржи.' },
  notional_above_limit: { en: 'The order is worth more than the limit for one order.', ru: 'Сумма ордера больше предела на один ордер.' },
  price_outside_limits: { en: 'The exchange does not take such a price.', ru: 'Биржа не принимает такую цену.' },
  price_outside_collar: { en: 'The price is too far from the market.', ru: 'Цена слишком далека от рыночной.' },
  no_market_price: { en: 'No price of the market is known yet.', ru: 'Рыночная цена ещё не известна.', saysAll: true },
  budget_exceeded: { en: 'The budget is not enough.', ru: 'Бюджета не хватает.' },
  holding_exceeded: { en: 'More would be sold than is held.', ru: 'Продаётся больше, чем есть в наличии.' },
  too_many_open_orders: { en: 'Too many orders are open.', ru: 'Слишком много открытых ордеров.' },
  order_rate_exceeded: { en: 'Too many orders within a minute.', ru: 'Слишком много ордеров за минуту.' },
  trading_halted: { en: 'Trading is halted for this bot.', ru: 'Торговля этого бота приостановлена.', saysAll: true },
  reduce_only: { en: 'Only orders that reduce may be placed.', ru: 'Можно только уменьшать позицию.' },
};

const OTHERS: Readonly<Record<string, Reason>> = {
  cancelled_on_request: { en: 'It was cancelled as asked.', ru: 'Отменён по запросу.', saysAll: true },
  cancelled_by_exchange: {
    en: 'The exchange, or somebody there, has cancelled it; nobody here asked for that.',
    ru: 'Отменён биржей или кем-то на бирже; отсюда об этом не просили.',
    saysAll: true,
  },
  expired_at_exchange: { en: 'What was left of it has expired at the exchange.', ru: 'Срок остатка ордера на бирже истёк.', saysAll: true },
  gone_at_exchange: { en: 'The exchange does not know it any more.', ru: 'Биржа больше не знает этого ордера.', saysAll: true },
  never_placed: { en: 'The exchange never received it.', ru: 'Биржа его не получила.', saysAll: true },
  rejected_by_venue: { en: 'The exchange rejected it after accepting it.', ru: 'Биржа отклонила ордер, хотя сначала приняла.', saysAll: true },
  cancelled_before_sent: { en: 'It was cancelled before it was sent.', ru: 'Отменён до отправки.', saysAll: true },
  not_sent_in_time: { en: 'It could not be sent in time.', ru: 'Не удалось отправить вовремя.', saysAll: true },
  not_sent: { en: 'It was not sent to the exchange.', ru: 'Не отправлен на биржу.' },
  late: { en: 'It reached the exchange too late.', ru: 'Пришёл на биржу слишком поздно.', saysAll: true },
  not_supported: { en: 'The exchange takes no such order.', ru: 'Биржа не принимает такие ордера.' },
  not_whole_contracts: { en: 'The size is not a whole number of contracts.', ru: 'Размер не составляет целого числа контрактов.' },
  stop_passed: { en: 'The price has passed the stop already.', ru: 'Цена уже прошла уровень стопа.' },
  liquidated_by_exchange: {
    en: 'The exchange has liquidated the position, or a part of it: it had run out of margin.',
    ru: 'Биржа ликвидировала позицию или её часть: маржи не хватило.',
    saysAll: true,
  },
  unknown_order_found: {
    en: 'An order at the exchange carries our mark and is not in our books; look at it by hand.',
    ru: 'На бирже есть ордер с нашей меткой, которого нет в учёте; проверьте его вручную.',
  },
  ended_order_rests: {
    en: 'An order rests at the exchange that is over in our books; it is being cancelled.',
    ru: 'На бирже стоит ордер, который по учёту завершён; он отменяется.',
  },
  position_differs: {
    en: 'The position at the exchange is not the one that the bot counts: something else trades it, and orders of the bot may close too much or too little.',
    ru: 'Позиция на бирже не совпадает с учётом бота: ею торгует кто-то ещё, и ордера бота могут закрыть слишком много или мало.',
  },
  below_minimum: { en: 'It is too little for an order at this exchange.', ru: 'Слишком мало для ордера на этой бирже.' },
  price_out_of_range: { en: 'The price is outside what the exchange takes.', ru: 'Цена вне пределов, которые принимает биржа.' },
  place_again_refused: { en: 'The exchange refused the order that was placed again.', ru: 'Биржа отклонила повторный ордер.' },
  placed_again_enough: { en: 'It was placed again often enough and stays cancelled.', ru: 'Повторных попыток было достаточно, ордер остаётся отменённым.' },
  stop_watched: { en: 'The exchange did not take the stop; the price is watched from here.', ru: 'Биржа не приняла стоп; за ценой следим отсюда.' },
  exit_failed: { en: 'Several orders in a row came to nothing; the action gives up.', ru: 'Несколько ордеров подряд не удались; действие прекращено.' },
};

/** Sentences by which runs end, as they stand on the tape. */
const PHRASES: Readonly<Record<string, string>> = {
  'stopped by the user': 'остановлен пользователем',
  'panic: cancelled and sold by the user': 'паника: пользователь всё отменил и продал',
  'all rounds are done': 'все круги пройдены',
  'the exchange has closed the position by itself': 'биржа сама закрыла позицию',
  'a leg could be neither covered nor closed': 'одну из сторон не удалось ни закрыть, ни покрыть',
};

function reasonOf(code: unknown): Reason | null {
  if (typeof code !== 'string') return null;
  if (Object.hasOwn(DENIALS, code)) return DENIALS[code as DenialCode];
  if (Object.hasOwn(OTHERS, code)) return OTHERS[code] ?? null;
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS].title : null;
}

/** What a code of ours means; `null` for one of an exchange, or none. */
export function whyText(code: unknown, language: keyof Text): string | null {
  return reasonOf(code)?.[language] ?? null;
}

/** `words`, made inert, as the addition to what their code means: quoted, or left out where that says all; as they are without a code. */
export function saidText(words: string, code: unknown, language: keyof Text): string | null {
  const isTold = typeof code === 'string' && code !== '';
  if (!isTold) return words;
  const reason = reasonOf(code);
  const quoted = language === 'en' ? `“${words}”` : `«${words}»`;
  if (reason !== null) return reason.saysAll === true ? null : quoted;
  return language === 'en' ? `The exchange says: ${quoted}` : `Ответ биржи: ${quoted}`;
}

export function phraseText(sentence: string, language: keyof Text): string {
  return language === 'ru' && Object.hasOwn(PHRASES, sentence) ? (PHRASES[sentence] ?? sentence) : sentence;
}
