/** The bot against a server that speaks the Bot API: linking, acting, refusing, and what becomes of it when processes die. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { CODES_PER_CHAT } from '#app/telegram/links.ts';
import { CHAT_PACE, STALE_MS } from '#edges/telegram/conversation.ts';
import { PANIC_ENDS_MS } from '#edges/telegram/screens/bots.ts';
import type { Caller } from '#test/e2e/_api.ts';
import { type BotRig, botRig } from './bot-rig.ts';

const rig = botRig();
const ANN = 4_821;
const EVE = 666;

const codeOf = async (user: Caller): Promise<string> =>
  ((await user.call('POST', '/users/me/telegram-link')).body as unknown as { readonly code: string }).code;
const wishOf = async ({ database }: BotRig, id: string): Promise<string> =>
  (await database.query<{ desired: string }>('select desired from bots where id = $1', [id]))[0]?.desired ?? 'gone';
/** A bot that is at work as far as the database says. */
/** Where news of a user are told by Telegram, and whether they are at present. */
const chatsOf = async ({ api }: BotRig, user: Caller) =>
  (await api.store.notices.targets(user.id)).filter(({ channel }) => channel === 'telegram').map(({ address, isOn }) => [address, isOn]);
const putToWork = ({ database }: BotRig, id: string) => database.query("update bots set desired = 'running', status = 'running' where id = $1", [id]);

describe('linking', () => {
  it('takes a code of the site once, and tells news in that chat from then on', async () => {
    const { api, say, listen, until, telegram } = rig();
    listen('one');
    const user = await api.user('ann@example.org');
    await until(() => telegram.calls.some(({ method }) => method === 'setMyCommands'), 'it has introduced itself');
    const answer = await user.call('POST', '/users/me/telegram-link');
    const { code, url } = answer.body as unknown as { readonly code: string; readonly url: string };
    expect(url).toBe(`https://t.me/argosy_test_bot?start=${code}`);
    const [told] = await say(ANN, `/start ${code}`);
    expect(told).toContain('Done: this chat belongs to');
    expect((await user.call('GET', '/users/me/telegram-link')).body).toMatchObject({ linked: true, chat_hint: '4821' });
    expect(await chatsOf(rig(), user)).toEqual([[String(ANN), true]]);
    expect((await say(EVE, `/start ${code}`))[0]).toContain('wrong, used or older');
    const deeds = await rig().database.query<{ action: string; actor_id: string | null }>("select action from audit_log where action like 'telegram%'");
    expect(deeds.map(({ action }) => action)).toEqual(['telegram_linked']);
  });

  it('refuses a code after ten minutes, and one that another was asked for after', async () => {
    const { api, say, listen, clock } = rig();
    listen('one');
    const late = await codeOf(await api.user());
    await clock.advance(10 * 60_000 + 1);
    expect((await say(ANN, `/start ${late}`))[0]).toContain('wrong, used or older');
    const user = await api.user();
    const first = await codeOf(user);
    const second = await codeOf(user);
    expect((await say(ANN, `/start ${first}`))[0]).toContain('wrong, used or older');
    expect((await say(ANN, `/start ${second}`))[0]).toContain('Done');
  });

  it('gives one chat of two that race with the same code', async () => {
    const { api, telegram, listen, settled, database } = rig();
    const user = await api.user();
    const code = await codeOf(user);
    const updates = [11, 12, 13, 14].map((chat) => telegram.say(chat, `/start ${code}`));
    listen('one');
    for (const update of updates) await settled(update);
    const answers = [11, 12, 13, 14].map((chat) => telegram.toldTo(chat).map(({ text }) => text.slice(0, 4)));
    expect(answers.flat().filter((text) => text === 'Done')).toHaveLength(1);
    expect(await database.query('select user_id from telegram_links')).toEqual([{ user_id: user.id }]);
  });

  it('does not let a chat guess codes, nor tell whether one was right when there were too many', async () => {
    const { api, say, listen } = rig();
    listen('one');
    const code = await codeOf(await api.user());
    for (let guess = 0; guess < CODES_PER_CHAT.capacity; guess += 1) expect((await say(EVE, `/start ${'x'.repeat(21)}${guess}`))[0]).toContain('wrong, used');
    expect((await say(EVE, `/start ${code}`))[0]).toContain('Too many wrong codes');
    expect((await say(ANN, `/start ${code}`))[0]).toContain('Done');
  });

  it('leaves a chat with its user until he unlinks it, and moves a user to his newest chat', async () => {
    const { api, say, listen, linked, press, telegram } = rig();
    listen('one');
    const ann = await linked(ANN);
    const other = await api.user();
    expect((await say(ANN, `/start ${await codeOf(other)}`))[0]).toContain('belongs to another user');
    expect((await say(ANN + 1, `/start ${await codeOf(ann)}`))[0]).toContain('Done');
    expect(telegram.toldTo(ANN).at(-1)?.text).toContain('linked with another chat');
    expect(await chatsOf(rig(), ann)).toEqual([[String(ANN + 1), true]]);
    await say(ANN + 1, '/unlink');
    expect(await press(ANN + 1, 'Yes, unlink')).toContain('Unlinked');
    expect(await chatsOf(rig(), ann)).toEqual([]);
    expect((await say(ANN + 1, '/bots'))[0]).toContain('To link this chat');
  });

  it('refuses a code where there is no bot', async () => {
    const { api } = rig();
    const { openApi } = await import('#test/e2e/_api.ts');
    const bare = await openApi(api.store);
    onTestFinished(() => bare.server.close());
    expect((await (await bare.user()).call('POST', '/users/me/telegram-link')).problem.code).toBe('telegram_unavailable');
  });
});

describe('a linked chat', () => {
  it('shows bots and what they have, and starts and stops them as HTTP does', async () => {
    const { say, press, listen, linked, bot, database, buttons } = rig();
    listen('one');
    const ann = await linked(ANN);
    const id = await bot(ann, 'Calm grid');
    expect((await say(ANN, '/bots'))[0]).toContain('Calm grid · BTC/USDT · paper');
    expect(await press(ANN, 'Calm grid')).toContain('It has never run.');
    expect(await press(ANN, 'Start')).toBe('Calm grid is starting.');
    expect(await wishOf(rig(), id)).toBe('running');
    expect((await say(ANN, '/status'))[0]).toContain('starting: 1');
    expect((await say(ANN, '/stopbot calm'))[0]).toContain('Calm grid is stopping');
    expect(await wishOf(rig(), id)).toBe('stopped');
    expect((await say(ANN, '/startbot'))[0]).toBe('Which bot shall start?');
    expect(buttons(ANN)[0]?.text).toContain('Calm grid');
    expect((await say(ANN, '/orders'))[0]).toBe('No open orders.');
    expect((await say(ANN, '/balance'))[0]).toContain('paper');
    expect((await say(ANN, '/signals'))[0]).toBe('There are no signals yet.');
    expect((await say(ANN, 'hello'))[0]).toContain('/help');
    const deeds = await database.query<{ action: string; actor_id: string; address: string }>(
      "select action, actor_id, address from audit_log where action = 'bot_wanted' order by id",
    );
    expect(deeds).toEqual([
      { action: 'bot_wanted', actor_id: ann.id, address: 'telegram' },
      { action: 'bot_wanted', actor_id: ann.id, address: 'telegram' },
    ]);
  });

  it('panics after a second look, once, and not with a button that is too old', async () => {
    const { say, press, listen, linked, bot, clock, telegram, buttons, settled } = rig();
    listen('one');
    const ann = await linked(ANN);
    const id = await bot(ann, 'Calm grid');
    await putToWork(rig(), id);
    await say(ANN, '/panic Calm grid');
    expect(await wishOf(rig(), id)).toBe('running');
    const [yes] = buttons(ANN);
    expect(yes?.text).toBe('Yes, close everything');
    await clock.advance(PANIC_ENDS_MS + 1_000);
    await press(ANN, 'Yes, close everything');
    expect(await wishOf(rig(), id)).toBe('running');
    expect(telegram.calls.findLast(({ method }) => method === 'answerCallbackQuery')?.parameters['text']).toContain('too old');
    await say(ANN, '/panic Calm grid');
    expect(await press(ANN, 'Cancel')).toBe('Nothing was done.');
    await say(ANN, '/panic Calm grid');
    const button = buttons(ANN)[0];
    expect(await press(ANN, 'Yes, close everything')).toContain('cancelling all orders');
    expect(await wishOf(rig(), id)).toBe('panicked');
    // Pressed again before the screen changed.
    await settled(telegram.press(ANN, button?.message.messageId ?? 0, button?.callback_data ?? ''));
    expect(await wishOf(rig(), id)).toBe('panicked');
  });

  it('panics for every bot at work and for no other', async () => {
    const { say, press, listen, linked, bot } = rig();
    listen('one');
    const ann = await linked(ANN);
    const ids = [await bot(ann, 'One'), await bot(ann, 'Two'), await bot(ann, 'Three')];
    for (const id of ids.slice(0, 2)) await putToWork(rig(), id);
    await say(ANN, '/panic');
    expect(await press(ANN, 'All of them')).toContain('2 bots');
    expect(await press(ANN, 'Yes, close everything')).toContain('under way for 2 bots');
    expect(await Promise.all(ids.map((id) => wishOf(rig(), id)))).toEqual(['panicked', 'panicked', 'stopped']);
  });

  it("finds nothing of another user's, whatever it is told", async () => {
    const { say, press, listen, linked, bot, telegram, buttons, settled } = rig();
    listen('one');
    const ann = await linked(ANN);
    await linked(EVE);
    const id = await bot(ann, 'Calm grid');
    for (const words of ['/bot', '/startbot', '/stopbot', '/panic']) {
      expect((await say(EVE, `${words} ${id}`))[0], words).toBe('There is no such bot. /bots lists yours.');
      expect((await say(EVE, `${words} Calm grid`))[0], words).toBe('There is no such bot. /bots lists yours.');
    }
    expect((await say(EVE, '/bots'))[0]).toContain('No bots yet');
    // Ann's own button in Eve's chat: it was not made for it.
    await say(ANN, `/bot ${id}`);
    const start = buttons(ANN).find(({ text }) => text.includes('Start'));
    const before = telegram.toldTo(EVE).length;
    await settled(telegram.press(EVE, 1, start?.callback_data ?? ''));
    expect(telegram.toldTo(EVE)).toHaveLength(before);
    expect(telegram.calls.findLast(({ method }) => method === 'answerCallbackQuery')?.parameters['text']).toBe('This button is not for here.');
    // Eve in Ann's chat, as only a forged update could have it.
    await press(ANN, 'Start', EVE);
    // And a button of her own, with his bot in it.
    for (const verb of ['bot', 'start', 'stop', 'askPanic', 'panic', 'balance'] as const) {
      await settled(telegram.press(EVE, 1, rig().signed(EVE, verb, id)));
      expect(telegram.toldTo(EVE).at(-1)?.text, verb).toContain('Not found');
    }
    expect(await wishOf(rig(), id)).toBe('stopped');
  });

  it('speaks its language, chosen in the chat for everything that is told', async () => {
    const { api, say, press, listen, linked } = rig();
    listen('one');
    const ann = await linked(ANN);
    await say(ANN, '/language');
    expect(await press(ANN, 'Русский')).toBe('На каком языке говорить?');
    expect((await say(ANN, '/orders'))[0]).toBe('Открытых ордеров нет.');
    expect((await api.store.notices.settings(ann.id)).language).toBe('ru');
  });

  it('chooses what is told in it', async () => {
    const { api, say, press, listen, linked } = rig();
    listen('one');
    const ann = await linked(ANN);
    await say(ANN, '/notifications');
    await press(ANN, 'Order placed');
    const { events, isOn } = (await api.store.notices.settings(ann.id)).channels.telegram ?? {};
    expect(isOn).toBe(true);
    expect(events).not.toContain('order_placed');
    expect(events).toContain('order_filled');
    await press(ANN, 'Order placed');
    expect((await api.store.notices.settings(ann.id)).channels.telegram).toEqual({ isOn: true, events: null, minimumSeverity: null });
    expect(await press(ANN, 'switch all off')).toBe('Notifications in this chat');
    expect((await api.store.notices.settings(ann.id)).channels.telegram?.isOn).toBe(false);
  });

  it('does not act on words from while nobody listened', async () => {
    const { listen, linked, bot, telegram, clock, settled } = rig();
    listen('one');
    const ann = await linked(ANN);
    const id = await bot(ann, 'Calm grid');
    // The conversation's clock is far behind the one that dates messages; now it is far ahead.
    await clock.advance(Date.now() - clock.now() + STALE_MS + 60_000);
    await settled(telegram.say(ANN, '/startbot Calm grid'));
    expect(telegram.toldTo(ANN).at(-1)?.text).toContain('I was away');
    expect(await wishOf(rig(), id)).toBe('stopped');
    await settled(telegram.say(ANN, '/bots'));
    expect(telegram.toldTo(ANN).at(-1)?.text).toContain('Calm grid');
  });

  it('is held to a pace, told so once, and heard again later', async () => {
    const { listen, telegram, settled, clock } = rig();
    listen('one');
    const updates = Array.from({ length: CHAT_PACE.capacity + 5 }, () => telegram.say(EVE, '/help'));
    for (const update of updates) await settled(update);
    expect(telegram.toldTo(EVE)).toHaveLength(CHAT_PACE.capacity + 1);
    expect(telegram.toldTo(EVE).at(-1)?.text).toBe('One thing at a time, please.');
    await clock.advance(CHAT_PACE.refillMs * 2);
    await settled(telegram.say(EVE, '/help'));
    expect(telegram.toldTo(EVE)).toHaveLength(CHAT_PACE.capacity + 2);
  });
});

describe('the bot', () => {
  it('refuses groups, and leaves one that it was added to', async () => {
    const { say, listen, telegram, settled } = rig();
    listen('one');
    expect(await say(-100_123, '/bots', { chatType: 'supergroup', fromId: ANN })).toEqual(['I talk in private chats only.']);
    const chat = { id: -100_124, type: 'group' };
    await settled(telegram.push({ my_chat_member: { chat, from: { id: ANN }, new_chat_member: { status: 'member' } } }));
    expect(telegram.calls.at(-1)).toMatchObject({ method: 'leaveChat', parameters: { chat_id: -100_124 } });
  });

  it('leaves those in peace who block it, and tells news again once they take it back', async () => {
    const { listen, linked, telegram, settled } = rig();
    listen('one');
    const ann = await linked(ANN);
    const member = (status: string) =>
      telegram.push({ my_chat_member: { chat: { id: ANN, type: 'private' }, from: { id: ANN }, new_chat_member: { status } } });
    await settled(member('kicked'));
    expect(await chatsOf(rig(), ann)).toEqual([[String(ANN), false]]);
    await settled(member('member'));
    expect(await chatsOf(rig(), ann)).toEqual([[String(ANN), true]]);
    telegram.blocked.add(ANN);
    const calls = telegram.calls.length;
    await settled(telegram.say(ANN, '/help'));
    expect(telegram.calls.slice(calls).filter(({ method }) => method === 'sendMessage')).toHaveLength(1);
  });

  it('answers when Telegram asks for patience, loses the way or is away for a moment', async () => {
    const { say, listen, telegram } = rig();
    listen('one');
    telegram.fail('sendMessage', { kind: 'refuse', code: 429, description: 'Too Many Requests: retry after 1', retryAfterSeconds: 0 });
    expect((await say(ANN, '/help'))[0]).toContain('To link this chat');
    telegram.fail('sendMessage', { kind: 'gateway' });
    expect((await say(ANN, '/help'))[0]).toContain('To link this chat');
    telegram.fail('getUpdates', { kind: 'cut' });
    expect((await say(ANN, '/help'))[0]).toContain('To link this chat');
  });

  it('hears each update once, however often Telegram hands it out', async () => {
    const { listen, linked, telegram, settled, until } = rig();
    listen('one');
    await linked(ANN);
    telegram.repeatsUpdates = true;
    const before = telegram.toldTo(ANN).length;
    await settled(telegram.say(ANN, '/help'));
    const polls = () => telegram.calls.filter(({ method }) => method === 'getUpdates').length;
    const seen = polls();
    await until(() => polls() > seen + 3, 'it has asked again');
    await settled(telegram.say(ANN, '/settings'));
    expect(
      telegram
        .toldTo(ANN)
        .slice(before)
        .map(({ text }) => text.split('\n')[0]),
    ).toEqual(['What I can do', 'Settings']);
  });

  it('answers after another process what one that died had taken, and acts once', async () => {
    const { listen, linked, bot, telegram, settled, database, until, api } = rig();
    const first = listen('one');
    const ann = await linked(ANN);
    const id = await bot(ann, 'Calm grid');
    await first.close();
    // It dies after the deed and before the answer: taken, done, not settled; its turn runs out.
    await api.store.chatUpdates.takeTurn('110201543', 'dead', 0);
    const update = telegram.say(ANN, '/startbot Calm grid');
    await api.store.chatUpdates.receive('110201543', [
      {
        updateId: update,
        chatId: String(ANN),
        update: {
          update_id: update,
          message: { message_id: 9, date: 1_700_000_000, chat: { id: ANN, type: 'private' }, from: { id: ANN }, text: '/startbot Calm grid' },
        },
        receivedAt: 1,
      },
    ]);
    expect(await api.store.chatUpdates.claim('110201543', 'dead', [], 8, 60_000)).toHaveLength(1);
    await ann.call('POST', `/bots/${id}/start`);
    listen('two');
    await settled(update);
    expect(telegram.toldTo(ANN).at(-1)?.text).toBe('Calm grid is starting.');
    const deeds = await database.query("select 1 from audit_log where action = 'bot_wanted'");
    expect(deeds).toHaveLength(1);
    await until(async () => (await database.query('select 1 from telegram_updates where update is not null')).length === 0, 'nothing that was said is kept');
  });

  it('is one process at a time; another takes over where one ends', async () => {
    const { listen, say, telegram, until } = rig();
    const first = listen('one');
    expect((await say(ANN, '/help'))[0]).toContain('To link');
    listen('two');
    await say(ANN, '/help');
    expect(telegram.toldTo(ANN)).toHaveLength(2);
    await first.close();
    await until(() => telegram.calls.at(-1)?.method === 'getUpdates', 'the other asks');
    expect((await say(ANN, '/help'))[0]).toContain('To link');
    expect(telegram.toldTo(ANN)).toHaveLength(3);
  });
});

describe('updates that Telegram brings', () => {
  it('are dealt with once each, and taken from nobody else', async () => {
    const { api, listen, telegram, settled, webhookSecret, until } = rig();
    const address = await api.server.listen({ host: '127.0.0.1', port: 0 });
    const url = `${address}/api/v1/telegram/updates`;
    listen('one', { webhook: { url, secret: webhookSecret } });
    await until(() => telegram.webhook !== null, 'it has said where');
    const update = telegram.say(ANN, '/help');
    await settled(update);
    await telegram.repeat(update);
    await settled(telegram.say(ANN, '/help'));
    expect(telegram.toldTo(ANN)).toHaveLength(2);
    const forged = JSON.stringify({ update_id: 5, message: { message_id: 1, date: 1, chat: { id: EVE, type: 'private' }, from: { id: EVE }, text: '/help' } });
    const headers = { 'content-type': 'application/json' };
    for (const secret of [undefined, 'wrong', `${webhookSecret}x`]) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }) },
        body: forged,
      });
      expect(answer.status).toBe(404);
    }
    expect(telegram.calls.some(({ method }) => method === 'getUpdates')).toBe(false);
    expect(telegram.toldTo(EVE)).toEqual([]);
  });
});
