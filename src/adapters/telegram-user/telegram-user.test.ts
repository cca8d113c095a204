/** The account of a person at Telegram, by the library as it is, against a server that speaks its protocol. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MtprotoSimulator } from '#test/telegram/mtproto/simulator.ts';
import { telegramUsers } from './telegram-user.ts';

let telegram: MtprotoSimulator;
beforeEach(async () => {
  telegram = await MtprotoSimulator.open();
});
afterEach(() => telegram.close());

const users = (more = {}) => telegramUsers({ apiId: telegram.api.id, apiHash: telegram.api.hash, version: '1', standIn: telegram.address, ...more });

async function loggedIn(): Promise<string> {
  const login = users().logIn();
  expect(await login.askCode(telegram.account.phone)).toEqual({ isOk: true, result: 'app' });
  expect(await login.enterCode(telegram.account.code)).toEqual({ isOk: true, result: 'in' });
  const { session, name } = await login.finish();
  expect(name).toBe('Ann Owner');
  await login.close();
  return session;
}

it('logs in and reads a post', async () => {
  const session = await loggedIn();
  const channel = telegram.channel(1234, 'calls');
  telegram.say(channel, 1, 'old');
  const user = users().open(session);
  onTestFinished(() => user.close());
  const found = await user.find('@calls');
  if (!found.isOk) throw new Error(found.description);
  expect(found.result).toMatchObject({ channelId: '1234', chatId: '-1000000001234', title: 'calls', place: { pts: 11, lastMessageId: 1 } });
  telegram.say(channel, 2, 'new');
  const changes = await user.changes(found.result, found.result.place);
  expect(changes).toMatchObject({ isOk: true, result: { news: [{ kind: 'said', messageId: '2', text: 'new', edit: 0 }], isFinal: true } });
});
