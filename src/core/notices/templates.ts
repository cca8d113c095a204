/** How each event type is told: one template with a title and a text, in Russian and English; see `wording.ts` for how they are written. */
import type { FactType } from '../facts.ts';
import type { Text } from '../params.ts';
import type { Severity, Sound } from './notice.ts';

export interface NoticeTemplate {
  readonly severity: Severity;
  readonly sound: Sound;
  /** Comes so often that it is gathered into digests unless its user wants otherwise. */
  readonly isNoisy?: true;
  /** Told outside the application only where its user names it among the events of a channel. */
  readonly isForTheAsking?: true;
  readonly title: Text;
  readonly text: Text;
}

const ORDER = {
  en: '[{side:side} {quantity:number} {symbol}][ at {price:number}][ ({mode:paper})]',
  ru: '[{side:side} {quantity:number} {symbol}][ по {price:number}][ ({mode:paper})]',
};
/** Our own code in words first; what the exchange has said is an addition. */
const REASON = '\n[{code:why}]\n[{reason:reason}]';
const WHY = '\n[{code:why}]\n[{reason:said}]';
const BOT = { en: '[{bot}][ on {symbol}][ ({mode:paper})]', ru: '[{bot}][ на {symbol}][ ({mode:paper})]' };
const OF_BOT = '[{bot}: ]';

const order = (before = ''): Text => ({ en: `${before}${ORDER.en}`, ru: `${before}${ORDER.ru}` });
const withReason = ({ en, ru }: Text): Text => ({ en: `${en}${REASON}`, ru: `${ru}${REASON}` });

/** Of a type that this version does not know, because a newer one has told it. */
const UNKNOWN = { severity: 'info', sound: 'none', title: { en: 'Something has happened', ru: 'Произошло событие' }, text: { en: '', ru: '' } } as const;

export function templateOf(type: FactType): NoticeTemplate {
  return Object.hasOwn(TEMPLATES, type) ? TEMPLATES[type] : UNKNOWN;
}

export const TEMPLATES: Readonly<Record<FactType, NoticeTemplate>> = {
  bot_created: {
    severity: 'info',
    sound: 'none',
    title: { en: 'Bot created', ru: 'Бот создан' },
    text: BOT,
  },
  bot_started: { severity: 'info', sound: 'chime', title: { en: 'Bot started', ru: 'Бот запущен' }, text: BOT },
  bot_stopped: {
    severity: 'info',
    sound: 'chime',
    title: { en: 'Bot stopped', ru: 'Бот остановлен' },
    text: { en: `${BOT.en}\n[Reason: {reason:phrase}]`, ru: `${BOT.ru}\n[Причина: {reason:phrase}]` },
  },
  order_placed: {
    severity: 'info',
    sound: 'none',
    isNoisy: true,
    title: { en: `${OF_BOT}Order placed`, ru: `${OF_BOT}Ордер выставлен` },
    text: order(),
  },
  order_filled: {
    severity: 'info',
    sound: 'coin',
    title: { en: `${OF_BOT}Order filled`, ru: `${OF_BOT}Ордер исполнен` },
    text: order(),
  },
  order_cancelled: {
    severity: 'info',
    sound: 'none',
    isNoisy: true,
    title: { en: `${OF_BOT}Order cancelled`, ru: `${OF_BOT}Ордер отменён` },
    text: withReason(order()),
  },
  order_rejected: {
    severity: 'warning',
    sound: 'knock',
    title: { en: `${OF_BOT}The exchange rejected an order`, ru: `${OF_BOT}Биржа отклонила ордер` },
    text: withReason(order()),
  },
  exchange_error: {
    severity: 'warning',
    sound: 'knock',
    title: { en: `${OF_BOT}[{account}: ]Trouble with the exchange`, ru: `${OF_BOT}[{account}: ]Сбой в работе с биржей` },
    text: { en: `${ORDER.en}${WHY}\n[{message:said}]`, ru: `${ORDER.ru}${WHY}\n[{message:said}]` },
  },
  bot_error: {
    severity: 'critical',
    sound: 'alarm',
    title: { en: '[{bot}: ]The bot has stopped with an error', ru: '[{bot}: ]Бот остановился из-за ошибки' },
    text: { en: `[{symbol}]${WHY}`, ru: `[{symbol}]${WHY}` },
  },
  target_reached: {
    severity: 'info',
    sound: 'coin',
    title: { en: `${OF_BOT}Target reached`, ru: `${OF_BOT}Цель достигнута` },
    text: { en: '[{symbol}]\n[{text}]', ru: '[{symbol}]\n[{text}]' },
  },
  strategy_note: {
    severity: 'info',
    sound: 'none',
    title: { en: '[{bot}: ]Note', ru: '[{bot}: ]Заметка' },
    text: { en: '[{code:why}]\n[{text:said}]', ru: '[{code:why}]\n[{text:said}]' },
  },
  order_action: {
    severity: 'warning',
    sound: 'knock',
    title: { en: `${OF_BOT}An automatic action was not carried out`, ru: `${OF_BOT}Автодействие не выполнено` },
    text: withReason(order()),
  },
  risk_denied: {
    severity: 'warning',
    sound: 'knock',
    title: { en: `${OF_BOT}Order held back by a limit`, ru: `${OF_BOT}Ордер остановлен ограничением` },
    text: withReason(order()),
  },
  signal_opened: {
    severity: 'info',
    sound: 'chime',
    isNoisy: true,
    isForTheAsking: true,
    title: { en: 'Signal[: {symbol}][, {net_percent:number}% net]', ru: 'Сигнал[: {symbol}][, чистыми {net_percent:number}%]' },
    text: {
      en: `[{scanner_en}]
[{net_percent:number}% after all costs at {size:number} {quote}][, worth it up to {max_size:number} {quote}]
[Buy: {buy_venue}, {buy_market:market} {buy_symbol}][ (price {buy_age_seconds:duration} old)]
[Sell: {sell_venue}, {sell_market:market} {sell_symbol}][ (price {sell_age_seconds:duration} old)]
[Free plan: as it was {delay_seconds:duration} ago]
[Signal {signal_id}]`,
      ru: `[{scanner_ru}]
[{net_percent:number}% после всех издержек на {size:number} {quote}][, имеет смысл до {max_size:number} {quote}]
[Купить: {buy_venue}, {buy_market:market} {buy_symbol}][ (цене {buy_age_seconds:duration})]
[Продать: {sell_venue}, {sell_market:market} {sell_symbol}][ (цене {sell_age_seconds:duration})]
[Бесплатный тариф: так было {delay_seconds:duration} назад]
[Сигнал {signal_id}]`,
    },
  },
  signal_closed: {
    severity: 'info',
    sound: 'none',
    isNoisy: true,
    isForTheAsking: true,
    title: { en: 'Signal over[: {symbol}]', ru: 'Сигнал закрыт[: {symbol}]' },
    text: {
      en: `[{scanner_en}]
[Lasted {lasted_seconds:duration}][, at best {peak_percent:number}% net]
[Acting on it would have paid {paid_percent:number}% after all costs at {size:number} {quote}]
[{unpaid:unpaid}]
[{reason:close}]
[Signal {signal_id}]`,
      ru: `[{scanner_ru}]
[Длился {lasted_seconds:duration}][, в лучший момент {peak_percent:number}% чистыми]
[Сделка по нему принесла бы {paid_percent:number}% после всех издержек на {size:number} {quote}]
[{unpaid:unpaid}]
[{reason:close}]
[Сигнал {signal_id}]`,
    },
  },
  signals_beyond: {
    severity: 'info',
    sound: 'none',
    isNoisy: true,
    isForTheAsking: true,
    title: { en: 'More signals than are told one by one[: {count:number}]', ru: 'Сигналы сверх лимита уведомлений[: {count:number}]' },
    text: {
      en: '[In the hour from {hour:time}.][ The best: {best_symbol}, {best_percent:number}% net.]\nRaise your thresholds or mute coins to hear of fewer.',
      ru: '[За час с {hour:time}.][ Лучший: {best_symbol}, {best_percent:number}% чистыми.]\nПоднимите пороги или заглушите монеты, чтобы их было меньше.',
    },
  },
  alert_triggered: {
    severity: 'warning',
    sound: 'alarm',
    title: { en: 'Alert[: {kind:alert}][, {name}]', ru: 'Оповещение[: {kind:alert}][, {name}]' },
    text: {
      en: '[{symbol}][{bot}][{account}]\n[now {value:number}][ {unit}][, set to {threshold:number}][ {unit}]',
      ru: '[{symbol}][{bot}][{account}]\n[сейчас {value:number}][ {unit}][, порог {threshold:number}][ {unit}]',
    },
  },
  model_trained: { severity: 'info', sound: 'chime', title: { en: 'Model trained', ru: 'Модель обучена' }, text: { en: '[{name}]', ru: '[{name}]' } },
  backtest_finished: {
    severity: 'info',
    sound: 'chime',
    title: { en: 'Backtest finished', ru: 'Бэктест завершён' },
    text: { en: '[{strategy}][ on {symbol}]', ru: '[{strategy}][ на {symbol}]' },
  },
  optimization_finished: {
    severity: 'info',
    sound: 'chime',
    title: { en: 'Optimisation finished', ru: 'Подбор параметров завершён' },
    text: { en: '[{strategy}][ on {symbol}]', ru: '[{strategy}][ на {symbol}]' },
  },
  job_failed: {
    severity: 'warning',
    sound: 'knock',
    title: { en: 'A task has failed[: {title_en}]', ru: 'Задача не выполнена[: {title_ru}]' },
    text: { en: WHY, ru: WHY },
  },
  login_new_device: {
    severity: 'warning',
    sound: 'knock',
    title: { en: 'Login from a new device', ru: 'Вход с нового устройства' },
    text: {
      en: '[From {address}.][ {device}.] If it was not you, change the password and close the other sessions.',
      ru: '[С адреса {address}.][ {device}.] Если это не вы, смените пароль и закройте остальные сеансы.',
    },
  },
  login_failures: {
    severity: 'warning',
    sound: 'knock',
    title: { en: 'Somebody tries your password', ru: 'Кто-то подбирает ваш пароль' },
    text: {
      en: '[{count:number} failed logins in a row][, the last from {address}]. If it was not you, make sure that the password is a strong one.',
      ru: '[Неудачных попыток входа подряд: {count:number}][, последняя с адреса {address}]. Если это не вы, убедитесь, что пароль надёжный.',
    },
  },
  plan_expiring: {
    severity: 'warning',
    sound: 'chime',
    title: { en: 'Your plan[ {plan:plan}] ends soon', ru: 'Тариф[ {plan:plan}] скоро закончится' },
    text: { en: '[It ends {expires_at:time}.]', ru: '[Действует до {expires_at:time}.]' },
  },
  plan_expired: {
    severity: 'warning',
    sound: 'chime',
    title: { en: 'Your plan[ {plan:plan}] has ended', ru: 'Тариф[ {plan:plan}] закончился' },
    text: {
      en: '[{cause:plan_end}]\nWhat is part of it is closed until you renew it. Your bots go on.',
      ru: '[{cause:plan_end}]\nЕго возможности закрыты до продления. Боты продолжают работу.',
    },
  },
  channel_disabled: {
    severity: 'critical',
    sound: 'knock',
    title: { en: 'Notifications switched off[: {channel:channel}]', ru: 'Уведомления отключены[: {channel:channel}]' },
    text: {
      en: '[{hint}]\n[Reason: {reason}]\nSwitch it on again in the settings.',
      ru: '[{hint}]\n[Причина: {reason}]\nВключить снова можно в настройках.',
    },
  },
  telegram_session_ended: {
    severity: 'critical',
    sound: 'knock',
    title: { en: 'Telegram has ended the session[ of {name}]', ru: 'Telegram завершил сеанс[ {name}]' },
    text: {
      en: 'Channels are not read as you any more.[ Telegram says {reason}.] Log in again on the server: argosy telegram login. Where it was left off is remembered.',
      ru: 'Каналы от вашего имени больше не читаются.[ Ответ Telegram: {reason}.] Войдите заново на сервере: argosy telegram login. Чтение продолжится с того же места.',
    },
  },
  notification_test: {
    severity: 'info',
    sound: 'chime',
    title: { en: 'A test', ru: 'Проверка' },
    text: { en: 'Notifications arrive here.', ru: 'Уведомления приходят сюда.' },
  },
};
