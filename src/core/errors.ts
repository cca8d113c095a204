/**
 * The closed list of error codes: for each its HTTP status, what happened and what to do, in both languages.
 * `docs/errors.md` is generated from it, and every problem the API answers with carries one of these codes.
 */
import type { Text } from './params.ts';

interface ErrorEntry {
  readonly status: number;
  readonly title: Text;
  readonly remedy: Text;
}

export const ERRORS = {
  validation_failed: {
    status: 422,
    title: { en: 'Some fields are not valid', ru: 'Некоторые поля заполнены неверно' },
    remedy: { en: 'Correct the fields listed in `errors` and send the request again.', ru: 'Исправьте поля из списка `errors` и повторите запрос.' },
  },
  malformed_request: {
    status: 400,
    title: { en: 'The request could not be read', ru: 'Запрос не удалось прочитать' },
    remedy: {
      en: 'Send valid JSON with the header `Content-Type: application/json`.',
      ru: 'Отправьте корректный JSON с заголовком `Content-Type: application/json`.',
    },
  },
  payload_too_large: {
    status: 413,
    title: { en: 'The request is too large', ru: 'Запрос слишком большой' },
    remedy: { en: 'Send less at once; the limit stands in `detail`.', ru: 'Отправьте меньше данных за раз; предел указан в `detail`.' },
  },
  unauthenticated: {
    status: 401,
    title: { en: 'Not logged in', ru: 'Вход не выполнен' },
    remedy: {
      en: 'Log in and send the access token as `Authorization: Bearer …`.',
      ru: 'Войдите и передайте токен доступа в заголовке `Authorization: Bearer …`.',
    },
  },
  invalid_credentials: {
    status: 401,
    title: { en: 'Wrong e-mail or password', ru: 'Неверная почта или пароль' },
    remedy: { en: 'Check both and try again.', ru: 'Проверьте почту и пароль и попробуйте ещё раз.' },
  },
  refresh_token_invalid: {
    status: 401,
    title: { en: 'The refresh token is not valid', ru: 'Токен обновления недействителен' },
    remedy: { en: 'Log in again.', ru: 'Войдите заново.' },
  },
  refresh_token_reused: {
    status: 401,
    title: { en: 'The refresh token was used before; the session has been closed', ru: 'Токен обновления уже использован; сеанс закрыт' },
    remedy: { en: 'Log in again. If it was not you who used it, change the password.', ru: 'Войдите заново. Если токен использовали не вы, смените пароль.' },
  },
  forbidden: {
    status: 403,
    title: { en: 'Not allowed', ru: 'Недостаточно прав' },
    remedy: { en: 'Ask the owner of this installation.', ru: 'Обратитесь к владельцу установки.' },
  },
  plan_required: {
    status: 403,
    title: { en: 'Your plan does not include this', ru: 'Ваш тариф этого не включает' },
    remedy: { en: 'Get the plan VIP: redeem a code, pay, or ask the owner.', ru: 'Нужен тариф VIP: активируйте код, оплатите или обратитесь к владельцу.' },
  },
  plan_not_for_taking: {
    status: 403,
    title: { en: 'A plan cannot be taken like this', ru: 'Так сменить тариф нельзя' },
    remedy: { en: 'Redeem a code, pay for it, or ask the owner.', ru: 'Активируйте код, оплатите тариф или обратитесь к владельцу.' },
  },
  signature_invalid: {
    status: 403,
    title: { en: 'The signature does not prove the sender', ru: 'Подпись не подтверждает отправителя' },
    remedy: {
      en: 'Sign the time and the exact body with the shared secret, and send it within five minutes.',
      ru: 'Подпишите время и точное тело запроса общим секретом и отправьте в течение пяти минут.',
    },
  },
  origin_refused: {
    status: 403,
    title: { en: 'Pages of this origin may not connect', ru: 'Страницам с этого адреса подключаться нельзя' },
    remedy: { en: 'Add the origin to ARGOSY_ORIGINS if it is yours.', ru: 'Если адрес ваш, добавьте его в ARGOSY_ORIGINS.' },
  },
  code_invalid: {
    status: 422,
    title: { en: 'This code cannot be redeemed', ru: 'Этот код нельзя активировать' },
    remedy: { en: 'Check the code letter by letter, or ask for a new one.', ru: 'Проверьте код по буквам или запросите новый.' },
  },
  code_over: {
    status: 409,
    title: { en: 'This code is over', ru: 'Код уже недействителен' },
    remedy: { en: 'Nothing to do; it cannot be redeemed any more.', ru: 'Делать ничего не нужно: активировать его уже нельзя.' },
  },
  plan_endless: {
    status: 409,
    title: { en: 'Your plan has no end', ru: 'У вашего тарифа нет срока' },
    remedy: { en: 'Keep the code for later or for somebody else.', ru: 'Оставьте код на потом или для другого.' },
  },
  registration_closed: {
    status: 403,
    title: { en: 'Registration is not open', ru: 'Регистрация закрыта' },
    remedy: { en: 'Ask the owner of this installation for an account.', ru: 'Попросите владельца установки завести учётную запись.' },
  },
  not_found: {
    status: 404,
    title: { en: 'Not found', ru: 'Не найдено' },
    remedy: { en: 'Check the id and the path.', ru: 'Проверьте идентификатор и путь.' },
  },
  method_not_allowed: {
    status: 405,
    title: { en: 'This path does not take this method', ru: 'Этот путь не поддерживает такой метод' },
    remedy: { en: 'See /docs for the methods of each path.', ru: 'Методы каждого пути описаны в /docs.' },
  },
  key_in_use: {
    status: 409,
    title: { en: 'These keys are already stored', ru: 'Эти ключи уже добавлены' },
    remedy: {
      en: 'Use the exchange account named in `detail`; two accounts on one key would promise the same funds twice.',
      ru: 'Используйте счёт, указанный в `detail`: два счёта на одном ключе обещали бы одни и те же средства дважды.',
    },
  },
  email_taken: {
    status: 409,
    title: { en: 'This e-mail is already registered', ru: 'Эта почта уже зарегистрирована' },
    remedy: { en: 'Log in instead.', ru: 'Выполните вход.' },
  },
  account_in_use: {
    status: 409,
    title: { en: 'Bots still use this exchange account', ru: 'Этот счёт ещё используют боты' },
    remedy: { en: 'Delete the bots listed in `detail` first.', ru: 'Сначала удалите ботов из `detail`.' },
  },
  signal_not_tradable: {
    status: 409,
    title: { en: 'No bot can act on this signal now', ru: 'По этому сигналу сейчас нельзя создать бота' },
    remedy: {
      en: 'The reason stands in `detail`; take an open signal of spot against its perpetual at one exchange.',
      ru: 'Причина указана в `detail`; выберите открытый сигнал «спот — фьючерс» на одной бирже.',
    },
  },
  bot_running: {
    status: 409,
    title: { en: 'The bot is running', ru: 'Бот работает' },
    remedy: { en: 'Stop the bot first.', ru: 'Сначала остановите бота.' },
  },
  bot_state_conflict: {
    status: 409,
    title: { en: 'The bot cannot do this in its present state', ru: 'В текущем состоянии бот не может это выполнить' },
    remedy: {
      en: 'The state stands in `detail`; wait for it to change or choose another action.',
      ru: 'Состояние указано в `detail`; дождитесь его смены или выберите другое действие.',
    },
  },
  insufficient_funds: {
    status: 409,
    title: { en: 'The account does not hold enough', ru: 'На счёте недостаточно средств' },
    remedy: { en: 'Lower the investment or add funds; the figures stand in `detail`.', ru: 'Уменьшите сумму или пополните счёт; цифры указаны в `detail`.' },
  },
  position_taken: {
    status: 409,
    title: { en: 'The position in this instrument is in use', ru: 'Позиция по этому инструменту уже занята' },
    remedy: {
      en: 'An account has one position in a perpetual: close the one named in `detail`, stop the bot named there, or take another instrument or account.',
      ru: 'По бессрочному контракту у счёта одна позиция: закройте позицию или остановите бота из `detail` либо выберите другой инструмент или счёт.',
    },
  },
  order_not_open: {
    status: 409,
    title: { en: 'The order is not open any more', ru: 'Ордер уже не активен' },
    remedy: { en: 'Read the order; its status says how it ended.', ru: 'Запросите ордер: статус покажет, чем он завершился.' },
  },
  idempotency_key_reused: {
    status: 409,
    title: { en: 'This Idempotency-Key belongs to another request', ru: 'Этот Idempotency-Key относится к другому запросу' },
    remedy: {
      en: 'Take a new key for a new order; to learn how the first one stands, read the order named in `detail`.',
      ru: 'Для нового ордера возьмите новый ключ; состояние первого смотрите по ордеру из `detail`.',
    },
  },
  order_denied: {
    status: 422,
    title: { en: 'The order was refused before it was sent', ru: 'Ордер отклонён до отправки' },
    remedy: { en: 'The reason stands in `detail`; nothing was placed.', ru: 'Причина указана в `detail`; ничего не выставлено.' },
  },
  symbol_unknown: {
    status: 422,
    title: { en: 'The exchange does not trade this symbol', ru: 'Биржа не торгует этой парой' },
    remedy: { en: 'Use a symbol such as BTC/USDT that the exchange lists.', ru: 'Укажите пару из списка биржи, например BTC/USDT.' },
  },
  exchange_unknown: {
    status: 422,
    title: { en: 'This exchange is not supported', ru: 'Эта биржа не поддерживается' },
    remedy: { en: 'Choose one of the exchanges named in `detail`.', ru: 'Выберите биржу из списка в `detail`.' },
  },
  strategy_unknown: {
    status: 422,
    title: { en: 'There is no such strategy', ru: 'Такой стратегии нет' },
    remedy: { en: 'Choose one of the strategies named in `detail`.', ru: 'Выберите стратегию из списка в `detail`.' },
  },
  program_invalid: {
    status: 422,
    title: { en: 'The strategy cannot be taken as it is', ru: 'Стратегию нельзя принять в таком виде' },
    remedy: {
      en: 'Correct the places listed in `errors`, each with file, line and column, and send it again.',
      ru: 'Исправьте места из списка `errors` (файл, строка, столбец) и отправьте снова.',
    },
  },
  strategy_in_use: {
    status: 409,
    title: { en: 'Bots still use this strategy', ru: 'Эту стратегию ещё используют боты' },
    remedy: { en: 'Stop or delete the bots named in `detail` first.', ru: 'Сначала остановите или удалите ботов из `detail`.' },
  },
  sandbox_unavailable: {
    status: 503,
    title: { en: 'Strategies of users cannot be run right now', ru: 'Пользовательские стратегии сейчас нельзя запустить' },
    remedy: { en: 'Try again shortly; bots that run go on.', ru: 'Повторите попытку чуть позже; работающие боты продолжают.' },
  },
  key_rejected: {
    status: 422,
    title: { en: 'The exchange does not accept these keys', ru: 'Биржа не принимает эти ключи' },
    remedy: {
      en: 'Check key, secret, passphrase and the IP restriction at the exchange.',
      ru: 'Проверьте ключ, секрет, пароль ключа и ограничение по IP на бирже.',
    },
  },
  account_mode_unsupported: {
    status: 422,
    title: { en: 'The exchange account is in a mode that cannot be used', ru: 'Счёт на бирже в режиме, который не поддерживается' },
    remedy: {
      en: 'Change the account mode at the exchange as `detail` says, then try again.',
      ru: 'Смените режим счёта на бирже, как указано в `detail`, и повторите.',
    },
  },
  key_can_withdraw: {
    status: 422,
    title: { en: 'Keys that may withdraw are refused', ru: 'Ключи с правом вывода не принимаются' },
    remedy: { en: 'Make a key with trading only and without the withdrawal permission.', ru: 'Создайте ключ только для торговли, без права вывода.' },
  },
  key_cannot_trade: {
    status: 422,
    title: { en: 'The keys may not trade', ru: 'У ключей нет права торговать' },
    remedy: { en: 'Allow spot trading for the key at the exchange.', ru: 'Разрешите ключу спотовую торговлю на бирже.' },
  },
  venue_unavailable: {
    status: 503,
    title: { en: 'The exchange does not answer', ru: 'Биржа не отвечает' },
    remedy: { en: 'Nothing was changed; try again shortly.', ru: 'Ничего не изменено; повторите попытку чуть позже.' },
  },
  venue_rate_limited: {
    status: 503,
    title: { en: 'The exchange asks us to slow down', ru: 'Биржа просит снизить частоту запросов' },
    remedy: { en: 'Wait for the time in `Retry-After`.', ru: 'Подождите время из заголовка `Retry-After`.' },
  },
  candles_invalid: {
    status: 422,
    title: { en: 'The candles cannot be used', ru: 'Свечи непригодны' },
    remedy: {
      en: 'The line and the reason stand in `detail`; repair the file and try again.',
      ru: 'Строка и причина указаны в `detail`; исправьте файл и повторите.',
    },
  },
  strategy_changed: {
    status: 409,
    title: { en: 'The strategy has changed since', ru: 'Стратегия с тех пор изменилась' },
    remedy: {
      en: 'Run the backtest again with the present version.',
      ru: 'Повторите бэктест на нынешней версии.',
    },
  },
  backtest_unfinished: {
    status: 409,
    title: { en: 'The backtest has no result', ru: 'У бэктеста нет результата' },
    remedy: {
      en: 'Wait until its `state` is `done`; one that failed or was cancelled says why and has none.',
      ru: 'Дождитесь состояния `done`; у неудавшегося или отменённого результата нет, причина указана.',
    },
  },
  too_many_kept: {
    status: 409,
    title: { en: 'There are too many of these', ru: 'Таких уже слишком много' },
    remedy: { en: 'Delete or cancel some; `detail` names the limit.', ru: 'Удалите или отмените лишние; предел указан в `detail`.' },
  },
  backtest_too_large: {
    status: 422,
    title: { en: 'The backtest is too large', ru: 'Бэктест слишком велик' },
    remedy: {
      en: 'Choose a shorter period, longer candles, or settings that trade less; `detail` names the limit.',
      ru: 'Возьмите период короче, свечи длиннее или настройки, которые торгуют реже; предел указан в `detail`.',
    },
  },
  history_missing: {
    status: 422,
    title: { en: 'There is no history of this', ru: 'Такой истории нет' },
    remedy: {
      en: 'Download it first (`argosy data download`), or ask for what `argosy data list` shows.',
      ru: 'Сначала загрузите её (`argosy data download`) или выберите из того, что показывает `argosy data list`.',
    },
  },
  history_damaged: {
    status: 500,
    title: { en: 'A file of the history is damaged', ru: 'Файл истории повреждён' },
    remedy: {
      en: 'Run `argosy data check --repair`: it puts the file aside and loads its month again.',
      ru: 'Выполните `argosy data check --repair`: файл будет отложен, а его месяц загружен заново.',
    },
  },
  history_unavailable: {
    status: 503,
    title: { en: 'The directory of the history cannot be used', ru: 'Каталог истории недоступен' },
    remedy: {
      en: 'Look at the disk and at the rights of the directory named in `detail`, then try again.',
      ru: 'Проверьте диск и права на каталог из `detail` и повторите.',
    },
  },
  telegram_unavailable: {
    status: 409,
    title: { en: 'This installation has no Telegram bot', ru: 'У этой установки нет бота Telegram' },
    remedy: { en: 'Its owner makes one with @BotFather and sets TELEGRAM_BOT_TOKEN.', ru: 'Владелец создаёт бота у @BotFather и задаёт TELEGRAM_BOT_TOKEN.' },
  },
  mail_unavailable: {
    status: 503,
    title: { en: 'Mail cannot be sent now', ru: 'Сейчас письмо отправить нельзя' },
    remedy: {
      en: 'Try again shortly; where no mail server is configured, the owner sets SMTP_URL.',
      ru: 'Повторите чуть позже; если почтовый сервер не настроен, владелец задаёт SMTP_URL.',
    },
  },
  rate_limited: {
    status: 429,
    title: { en: 'Too many requests', ru: 'Слишком много запросов' },
    remedy: { en: 'Wait for the time in `Retry-After`.', ru: 'Подождите время из заголовка `Retry-After`.' },
  },
  lease_lost: {
    status: 503,
    title: { en: 'Another process has taken over', ru: 'Управление перешло к другому процессу' },
    remedy: { en: 'Nothing to do: the other process goes on.', ru: 'Ничего делать не нужно: работу продолжает другой процесс.' },
  },
  trading_killed: {
    status: 409,
    title: { en: 'The kill switch is on', ru: 'Включён аварийный стоп' },
    remedy: { en: 'Switch it off when the reason is gone.', ru: 'Выключите его, когда причина устранена.' },
  },
  observe_only: {
    status: 409,
    title: { en: 'This installation observes only and sends no orders', ru: 'Установка в режиме наблюдения и не отправляет ордера' },
    remedy: {
      en: 'When no other copy of it trades on the same accounts, its owner ends this: `argosy resume` or POST /api/v1/admin/trading/resume.',
      ru: 'Убедитесь, что другая её копия не торгует на тех же счетах; затем владелец снимает режим: `argosy resume` или POST /api/v1/admin/trading/resume.',
    },
  },
  store_unavailable: {
    status: 503,
    title: { en: 'The database does not answer', ru: 'База данных не отвечает' },
    remedy: { en: 'Nothing was changed; try again shortly.', ru: 'Ничего не изменено; повторите попытку чуть позже.' },
  },
  store_conflict: {
    status: 409,
    title: { en: 'Another write was first', ru: 'Другая запись успела раньше' },
    remedy: { en: 'Read the present state and try again.', ru: 'Прочитайте текущее состояние и повторите.' },
  },
  configuration_invalid: {
    status: 500,
    title: { en: 'The configuration is not valid', ru: 'Ошибка в конфигурации' },
    remedy: { en: 'Correct the variables named in the message and start again.', ru: 'Исправьте переменные из сообщения и запустите снова.' },
  },
  job_state_conflict: {
    status: 409,
    title: { en: 'This does not fit the state of the job', ru: 'Действие не подходит к состоянию задания' },
    remedy: { en: 'Read where the job stands; `detail` says what is possible.', ru: 'Посмотрите состояние задания; `detail` говорит, что возможно.' },
  },
  delivery_state_conflict: {
    status: 409,
    title: { en: 'This notice cannot be sent again', ru: 'Это уведомление нельзя отправить повторно' },
    remedy: {
      en: 'Only one that was given up on is sent again, and only while its address is switched on.',
      ru: 'Повторно отправляются только недоставленные уведомления, пока их адрес включён.',
    },
  },
  address_taken: {
    status: 409,
    title: { en: 'This chat belongs to another user', ru: 'Этот чат привязан к другому пользователю' },
    remedy: { en: 'Unlink it there first.', ru: 'Сначала отвяжите его там.' },
  },
  internal_error: {
    status: 500,
    title: { en: 'Something broke on our side', ru: 'Внутренняя ошибка' },
    remedy: { en: 'Look in the log for the `request_id` of this answer.', ru: 'Найдите в журнале `request_id` этого ответа.' },
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal the caller has earned or must know of: bad input, a conflict, a missing thing. Answered to the user as it is. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Fields at fault, where the refusal names some. */
  readonly issues: readonly { readonly field: string; readonly message: string }[];
  /** When trying again makes sense, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, detail: string, issues: readonly { readonly field: string; readonly message: string }[] = [], retryAfterMs?: number) {
    super(detail);
    this.name = 'AppError';
    this.code = code;
    this.issues = issues;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An operation beyond a port failed. `unknown` means that it may have taken effect all the same. Made only in adapters. */
export class PortError extends Error {
  readonly code: ErrorCode;
  readonly outcome: 'failed' | 'unknown';
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly outcome: 'failed' | 'unknown'; readonly retryAfterMs?: number; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'PortError';
    this.code = code;
    this.outcome = options.outcome;
    this.retryAfterMs = options.retryAfterMs;
  }
}
