/** `argosy telegram login`: the owner logs in at Telegram, so that channels can be read by his account. What he types is not shown and not kept. */
import { keepSession, mayLogIn } from '#app/telegram-user/user-login.ts';
import { AppError } from '#core/errors.ts';
import type { CodeWay, TelegramLogin, TelegramUserAnswer, TelegramUserProblem } from '#core/telegram-user/port.ts';
import { type CliCommand, speaker } from '../command.ts';
import type { Operator } from '../operator.ts';
import { refusalOf, userParts } from './parts.ts';

/** How often a code, or a password, may be mistyped. Telegram counts too. */
export const MAX_TRIES = 3;

export const telegramLogin: CliCommand = {
  usage: 'login',
  summary: { en: 'log in at Telegram, to read channels by your own account', ru: 'войти в Telegram, чтобы читать каналы от своего имени' },
  run: async (operator) => {
    const say = speaker(operator);
    const { name, email } = await operator.database.use(async (store) => {
      const parts = await userParts(operator, store);
      const owner = await mayLogIn(parts);
      const login = parts.users.logIn();
      try {
        await enter(operator, login);
        return await login.finish(async (made) => {
          await keepSession(owner.userId, made, parts);
          return { name: made.name, email: owner.email };
        });
      } finally {
        await login.close();
      }
    });
    operator.terminal.print(
      say(
        `Logged in at Telegram as ${name}, for ${email}. Telegram lists it under Settings → Devices as "Argosy". The role telegram begins to read within seconds.`,
        `Выполнен вход в Telegram: ${name}, для ${email}. В Telegram он виден в «Настройки → Устройства» как «Argosy». Роль telegram начнёт читать через несколько секунд.`,
      ),
    );
    return 0;
  },
};

async function enter(operator: Operator, login: TelegramLogin): Promise<void> {
  const say = speaker(operator);
  const way = await answerTo(operator, say('Phone number with country code: ', 'Номер телефона с кодом страны: '), (phone) => login.askCode(phone));
  operator.terminal.print(sentBy(operator, way));
  const step = await answerTo(operator, say('Code: ', 'Код: '), (code) => login.enterCode(code), 'code_refused');
  if (step === 'in') return;
  await answerTo(operator, say('Password (two-step verification): ', 'Облачный пароль: '), (password) => login.enterPassword(password), 'password_refused');
}

/** Asks until it is taken; what is `mistyped` may be tried again. Throws AppError `validation_failed`. */
async function answerTo<Result>(
  operator: Operator,
  question: string,
  give: (typed: string) => Promise<TelegramUserAnswer<Result>>,
  mistyped?: TelegramUserProblem,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const typed = await operator.terminal.askSecret(question);
    if (typed === null)
      throw new AppError('validation_failed', speaker(operator)('Nothing was typed: run this at a terminal.', 'Ничего не введено: запустите это в терминале.'));
    const answer = await give(typed);
    if (answer.isOk) return answer.result;
    if (answer.problem !== mistyped || tries >= MAX_TRIES) throw refusalOf(operator, answer);
    operator.terminal.print(refusalOf(operator, answer).message);
  }
}

function sentBy(operator: Operator, way: CodeWay): string {
  const say = speaker(operator);
  if (way === 'app') return say('Telegram has sent a code to your apps of Telegram.', 'Telegram отправил код в ваши приложения Telegram.');
  if (way === 'sms') return say('Telegram has sent a code by SMS.', 'Telegram отправил код по SMS.');
  if (way === 'call') return say('Telegram tells the code by a call.', 'Telegram сообщит код звонком.');
  return say('Telegram has sent a code.', 'Telegram отправил код.');
}
