/** Logging in as a person: phone, code, password. What is typed goes to Telegram and is kept nowhere. */
import { SentCode } from '@mtcute/core';
import { checkPassword, sendCode, signIn } from '@mtcute/core/methods.js';
import type { CodeWay, TelegramLogin } from '#core/telegram-user/port.ts';
import { refusal, TelegramClient, type TelegramUserOptions } from './client.ts';

export function openTelegramLogin(options: TelegramUserOptions): TelegramLogin {
  const client = new TelegramClient(options);
  let asked: { readonly phone: string; readonly phoneCodeHash: string } | null = null;
  let name: string | null = null;
  let isKept = false;
  return {
    askCode: async (phone) => {
      if (!/^\+?[\d ()-]{5,25}$/.test(phone)) return refusal('phone_refused', 'it is not a phone number');
      const answer = await client.attempt((library) => sendCode(library, { phone }));
      if (!answer.isOk) return answer;
      // A phone that is in already would need no code; there is no session yet that could be.
      if (!(answer.result instanceof SentCode)) return refusal('refused', 'Telegram sends no code');
      asked = { phone, phoneCodeHash: answer.result.phoneCodeHash };
      return { isOk: true, result: WAYS[answer.result.type] ?? 'other' };
    },
    enterCode: async (phoneCode) => {
      if (asked === null) return refusal('code_refused', 'no code was asked for');
      const { phone, phoneCodeHash } = asked;
      const answer = await client.attempt((library) => signIn(library, { phone, phoneCodeHash, phoneCode: phoneCode.trim() }));
      if (!answer.isOk) return answer.description === 'SESSION_PASSWORD_NEEDED' ? { isOk: true, result: 'password_needed' } : answer;
      name = answer.result.displayName;
      return { isOk: true, result: 'in' };
    },
    enterPassword: async (password) => {
      const answer = await client.attempt((library) => checkPassword(library, password));
      if (!answer.isOk) return answer;
      name = answer.result.displayName;
      return { isOk: true, result: 'in' };
    },
    finish: async (keep) => {
      const answer = await client.attempt((library) => library.exportSession());
      if (!answer.isOk || name === null) throw new Error('a login that is not done has no session');
      const result = await keep({ session: answer.result, name });
      isKept = true;
      return result;
    },
    close: async () => {
      if (name !== null && !isKept) await client.ask({ _: 'auth.logOut' });
      await client.close();
    },
  };
}

const WAYS: Readonly<Record<string, CodeWay>> = { app: 'app', sms: 'sms', call: 'call', flash_call: 'call', missed_call: 'call' };
