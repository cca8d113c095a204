/** How each event type is told: one template with a title and a text, in Russian and English; see `wording.ts` for how they are written. */
import type { FactType } from '../facts.ts';
import type { Text } from '../params.ts';
import type { Severity, Sound } from './notice.ts';

export interface NoticeTemplate {
  readonly severity: Severity;
  readonly sound: Sound;
  /** Comes so often that it is gathered into digests unless its user wants otherwise. */
  readonly isNoisy?: true;
  readonly title: Text;
  readonly text: Text;
}

const ORDER = {
  en: '[{side:side} {quantity:number} {symbol}][ at {price:number}][ ({mode:paper})]',
  ru: '[{side:side} {quantity:number} {symbol}][ по {price:number}][ ({mode:paper})]',
};
const REASON = { en: '\n[Reason: {reason}]', ru: '\n[Причина: {reason}]' };
const BOT = { en: '[{bot}][ on {symbol}][ ({mode:paper})]', ru: '[{bot}][ на {symbol}][ ({mode:paper})]' };
const OF_BOT = '[{bot}: ]';

const order = (before = ''): Text => ({ en: `${before}${ORDER.en}`, ru: `${before}${ORDER.ru}` });
const withReason = ({ en, ru }: Text): Text => ({ en: `${en}${REASON.en}`, ru: `${ru}${REASON.ru}` });

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
  bot_stopped: { severity: 'info', sound: 'chime', title: { en: 'Bot stopped', ru: 'Бот остановлен' }, text: withReason(BOT) },
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
    text: { en: `${ORDER.en}\n[{reason}]\n[{message}]`, ru: `${ORDER.ru}\n[{reason}]\n[{message}]` },
  },
  bot_error: {
    severity: 'critical',
    sound: 'alarm',
    title: { en: '[{bot}: ]The bot has stopped with an error', ru: '[{bot}: ]Бот остановился из-за ошибки' },
    text: { en: '[{symbol}]\n[{reason}]', ru: '[{symbol}]\n[{reason}]' },
  },
  target_reached: {
    severity: 'info',
    sound: 'coin',
    title: { en: `${OF_BOT}Target reached`, ru: `${OF_BOT}Цель достигнута` },
    text: { en: '[{symbol}]\n[{text}]', ru: '[{symbol}]\n[{text}]' },
  },
  strategy_note: { severity: 'info', sound: 'none', title: { en: '[{bot}: ]Note', ru: '[{bot}: ]Заметка' }, text: { en: '[{text}]', ru: '[{text}]' } },
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
    title: { en: 'Signal[: {symbol}][, {net_percent:number}%]', ru: 'Сигнал[: {symbol}][, {net_percent:number}%]' },
    text: {
      en: '[{scanner}]\n[Buy at {buy_venue}, sell at {sell_venue}]\n[{text}]',
      ru: '[{scanner}]\n[Купить на {buy_venue}, продать на {sell_venue}]\n[{text}]',
    },
  },
  signal_closed: {
    severity: 'info',
    sound: 'none',
    isNoisy: true,
    title: { en: 'Signal over[: {symbol}]', ru: 'Сигнал закрыт[: {symbol}]' },
    text: { en: '[{scanner}]\n[At best {peak_percent:number}%]\n[{reason}]', ru: '[{scanner}]\n[В лучший момент {peak_percent:number}%]\n[{reason}]' },
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
    text: { en: '[{reason}]', ru: '[{reason}]' },
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
    text: { en: 'What is part of it is closed until you renew it. Your bots go on.', ru: 'Его возможности закрыты до продления. Боты продолжают работу.' },
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
