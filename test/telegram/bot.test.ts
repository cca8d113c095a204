/** The bot against a server that speaks the Bot API: linking, acting, refusing, and what becomes of it when processes die. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { CODES_PER_CHAT } from '#app/telegram/links.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { CHAT_PACE, STALE_MS } from '#edges/telegram/conversation.ts';
import { PANIC_ENDS_MS } from '#edges/telegram/screens/bots.ts';
import type { Caller } from '#test/e2e/_api.ts';
import { BOT_ID, type BotRig, botRig, WEBHOOK_SECRET } from './bot-rig.ts';

const open = botRig();
const ANN = 4_821;
const EVE = 666;

const wishOf = async ({ database }: BotRig, id: string): Promise<string> =>
  (await database.query<{ desired: string }>('select desired from bots where id = $1', [id]))[0]?.desired ?? 'gone';
/** A bot that is at work as far as the database says. */
/** Where news of a user are told by Telegram, and whether they are at present. */
const chatsOf = async ({ api }: BotRig, user: Caller) =>
  (await api.store.notices.targets(user.id)).filter(({ channel }) => channel === 'telegram').map(({ address, isOn }) => [address, isOn]);
const HOUR_MS = 3_600_000;
const basesIn = (text: string): string[] => [...text.matchAll(/^(\w+) · net/gm)].map(([, base]) => base ?? '');

/** As their scanner keeps them, each with a point of its opening. */
async function keepSignals({ api }: BotRig, signals: readonly Parameters<typeof aSignal>[0][]): Promise<void> {
  const lease = await api.store.leases.acquire('scanner:signals', 'tests', 60_000);
  if (lease === null) throw new Error('the lease is held by another');
  const kept = signals.map(aSignal);
  const points = kept.map(({ id, openedAt, entryPercent, exitPercent, netPercent, maxSizeQuote }) => ({
    ...{ signalId: id, at: openedAt, entryPercent, exitPercent, netPercent, maxSizeQuote },
  }));
  await api.store.signals.keep(lease, { signals: kept, points, outcomes: [] });
}
const putToWork = ({ database }: BotRig, id: string) => database.query("update bots set desired = 'running', status = 'running' where id = $1", [id]);

describe('linking', () => {
  it('takes a code of the site once, and tells news in that chat from then on', async () => {
    const rig = open();
    const { api, telegram } = rig;
    rig.listen('one');
    const user = await api.user('ann@example.org');
    await rig.until(() => telegram.calls.some(({ method }) => method === 'setMyCommands'), 'it has introduced itself');
    const answer = await user.call('POST', '/users/me/telegram-link');
    const { code, url } = answer.body as unknown as { readonly code: string; readonly url: string };
    expect(url).toBe(`https://t.me/argosy_test_bot?start=${code}`);
    const [told] = await rig.say(ANN, `/start ${code}`);
    expect(told).toContain('Done: this chat belongs to');
    expect((await user.call('GET', '/users/me/telegram-link')).body).toMatchObject({ linked: true, chat_hint: '4821' });
    expect(await chatsOf(rig, user)).toEqual([[String(ANN), true]]);
    expect((await rig.say(EVE, `/start ${code}`))[0]).toContain('wrong, used or older');
    const deeds = await rig.database.query<{ action: string }>("select action from audit_log where action like 'telegram%'");
    expect(deeds.map(({ action }) => action)).toEqual(['telegram_linked']);
  });

  it('refuses a code after ten minutes, and one that another was asked for after', async () => {
    const rig = open();
    const { api, clock } = rig;
    rig.listen('one');
    const late = await rig.codeOf(await api.user());
    await clock.advance(10 * 60_000 + 1);
    expect((await rig.say(ANN, `/start ${late}`))[0]).toContain('wrong, used or older');
    const user = await api.user();
    const first = await rig.codeOf(user);
    const second = await rig.codeOf(user);
    expect((await rig.say(ANN, `/start ${first}`))[0]).toContain('wrong, used or older');
    expect((await rig.say(ANN, `/start ${second}`))[0]).toContain('Done');
  });

  it('gives one chat of two that race with the same code', async () => {
    const rig = open();
    const { api, telegram, database } = rig;
    const user = await api.user();
    const code = await rig.codeOf(user);
    const updates = [11, 12, 13, 14].map((chat) => telegram.say(chat, `/start ${code}`));
    rig.listen('one');
    for (const update of updates) await rig.settled(update);
    const answers = [11, 12, 13, 14].map((chat) => telegram.toldTo(chat).map(({ text }) => text.slice(0, 4)));
    expect(answers.flat().filter((text) => text === 'Done')).toHaveLength(1);
    expect(await database.query('select user_id from telegram_links')).toEqual([{ user_id: user.id }]);
  });

  it('does not let a chat guess codes, nor tell whether one was right when there were too many', async () => {
    const rig = open();
    const { api } = rig;
    rig.listen('one');
    const code = await rig.codeOf(await api.user());
    for (let guess = 0; guess < CODES_PER_CHAT.capacity; guess += 1)
      expect((await rig.say(EVE, `/start ${'x'.repeat(21)}${guess}`))[0]).toContain('wrong, used');
    expect((await rig.say(EVE, `/start ${code}`))[0]).toContain('Too many wrong codes');
    expect((await rig.say(ANN, `/start ${code}`))[0]).toContain('Done');
  });

  it('leaves a chat with its user until he unlinks it, and moves a user to his newest chat', async () => {
    const rig = open();
    const { api, telegram } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    const other = await api.user();
    expect((await rig.say(ANN, `/start ${await rig.codeOf(other)}`))[0]).toContain('belongs to another user');
    expect((await rig.say(ANN + 1, `/start ${await rig.codeOf(ann)}`))[0]).toContain('Done');
    expect(telegram.toldTo(ANN).at(-1)?.text).toContain('linked with another chat');
    expect(await chatsOf(rig, ann)).toEqual([[String(ANN + 1), true]]);
    await rig.say(ANN + 1, '/unlink');
    expect(await rig.press(ANN + 1, 'Yes, unlink')).toContain('Unlinked');
    expect(await chatsOf(rig, ann)).toEqual([]);
    expect((await rig.say(ANN + 1, '/bots'))[0]).toContain('To link this chat');
  });

  it('refuses a code where there is no bot', async () => {
    const rig = open();
    const { api } = rig;
    const { openApi } = await import('#test/e2e/_api.ts');
    const bare = await openApi(api.store);
    onTestFinished(() => bare.server.close());
    expect((await (await bare.user()).call('POST', '/users/me/telegram-link')).problem.code).toBe('telegram_unavailable');
  });
});

describe('a linked chat', () => {
  it('shows bots and what they have, and starts and stops them as HTTP does', async () => {
    const rig = open();
    const { database } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    const id = await rig.bot(ann, 'Calm grid');
    expect((await rig.say(ANN, '/bots'))[0]).toContain('Calm grid · BTC/USDT · paper');
    expect(await rig.press(ANN, 'Calm grid')).toContain('It has never run.');
    expect(await rig.press(ANN, 'Start')).toBe('Calm grid is starting.');
    expect(await wishOf(rig, id)).toBe('running');
    expect((await rig.say(ANN, '/status'))[0]).toContain('starting: 1');
    expect((await rig.say(ANN, '/stopbot calm'))[0]).toContain('Calm grid is stopping');
    expect(await wishOf(rig, id)).toBe('stopped');
    expect((await rig.say(ANN, '/startbot'))[0]).toBe('Which bot shall start?');
    expect(rig.buttons(ANN)[0]?.text).toContain('Calm grid');
    expect((await rig.say(ANN, '/orders'))[0]).toBe('No open orders.');
    expect((await rig.say(ANN, '/balance'))[0]).toContain('paper');
    expect((await rig.say(ANN, 'hello'))[0]).toContain('/help');
    const deeds = await database.query<{ action: string; actor_id: string; address: string }>(
      "select action, actor_id, address from audit_log where action = 'bot_wanted' order by id",
    );
    expect(deeds).toEqual([
      { action: 'bot_wanted', actor_id: ann.id, address: 'telegram' },
      { action: 'bot_wanted', actor_id: ann.id, address: 'telegram' },
    ]);
  });

  it('shows signals by plan and own choices, as HTTP does', async () => {
    const rig = open();
    rig.listen('one');
    const [ann, eve] = [await rig.linked(ANN), await rig.linked(EVE)];
    await ann.call('PUT', `/admin/users/${ann.id}/subscription`, { plan: 'vip' });
    await keepSignals(rig, [
      { id: 'old', base: 'OLD', netPercent: '0.9', openedAt: rig.clock.now() - HOUR_MS },
      { id: 'new', base: 'NEW', netPercent: '3', openedAt: rig.clock.now() - 1_000 },
      { id: 'odd', base: 'ODD', netPercent: '900', openedAt: rig.clock.now() - HOUR_MS, quarantine: 'implausible' },
      ...Array.from({ length: 11 }, (_, index) => ({ id: `c${index}`, base: `C${index}`, netPercent: '0.5', openedAt: rig.clock.now() - HOUR_MS })),
    ]);
    const [now = ''] = await rig.say(ANN, '/signals');
    expect(basesIn(now).slice(0, 2)).toEqual(['NEW', 'OLD']);
    expect(now).toContain('Signals · 13');
    expect(now).toContain('OLD · net +0.9% on 500 USDT, up to 2,400 USDT\nbuy mexc spot, sell mexc futures · 1 h');
    expect(basesIn(await rig.press(ANN, '›'))).toHaveLength(5);
    expect(basesIn(await rig.press(ANN, '›'))).toHaveLength(3);
    const [late = ''] = await rig.say(EVE, '/signals');
    expect(late).toContain('Signals · 10\nFree plan: 1 min late');
    expect(basesIn(late)[0]).toBe('OLD');
    expect((await ann.call('PUT', '/signals/choices', { muted_symbols: ['NEW'], min_net_percent: '0.6' })).status).toBe(200);
    expect(basesIn((await rig.say(ANN, '/signals'))[0] ?? '')).toEqual(['OLD']);
    expect((await ann.call('PUT', '/signals/choices', {})).status).toBe(200);
    expect((await eve.call('DELETE', '/signals/old')).status).toBe(204);
    expect(basesIn((await rig.say(EVE, '/signals'))[0] ?? '')).not.toContain('OLD');
    expect(basesIn((await rig.say(ANN, '/signals'))[0] ?? '')).toContain('OLD');
  });

  it('panics after a second look, once, and not with a button that is too old', async () => {
    const rig = open();
    const { clock, telegram } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    const id = await rig.bot(ann, 'Calm grid');
    await putToWork(rig, id);
    await rig.say(ANN, '/panic Calm grid');
    expect(await wishOf(rig, id)).toBe('running');
    const [yes] = rig.buttons(ANN);
    expect(yes?.text).toBe('Yes, close everything');
    await clock.advance(PANIC_ENDS_MS + 1_000);
    await rig.press(ANN, 'Yes, close everything');
    expect(await wishOf(rig, id)).toBe('running');
    expect(telegram.calls.findLast(({ method }) => method === 'answerCallbackQuery')?.parameters['text']).toContain('too old');
    await rig.say(ANN, '/panic Calm grid');
    expect(await rig.press(ANN, 'Cancel')).toBe('Nothing was done.');
    await rig.say(ANN, '/panic Calm grid');
    const button = rig.buttons(ANN)[0];
    expect(await rig.press(ANN, 'Yes, close everything')).toContain('cancelling all orders');
    expect(await wishOf(rig, id)).toBe('panicked');
    // Pressed again before the screen changed.
    await rig.settled(telegram.press(ANN, button?.message.messageId ?? 0, button?.callback_data ?? ''));
    expect(await wishOf(rig, id)).toBe('panicked');
  });

  it('panics for every bot at work and for no other', async () => {
    const rig = open();
    rig.listen('one');
    const ann = await rig.linked(ANN);
    const ids = [await rig.bot(ann, 'One'), await rig.bot(ann, 'Two'), await rig.bot(ann, 'Three')];
    for (const id of ids.slice(0, 2)) await putToWork(rig, id);
    await rig.say(ANN, '/panic');
    expect(await rig.press(ANN, 'All of them')).toContain('2 bots');
    expect(await rig.press(ANN, 'Yes, close everything')).toContain('under way for 2 bots');
    expect(await Promise.all(ids.map((id) => wishOf(rig, id)))).toEqual(['panicked', 'panicked', 'stopped']);
  });

  it("finds nothing of another user's, whatever it is told", async () => {
    const rig = open();
    const { telegram } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    await rig.linked(EVE);
    const id = await rig.bot(ann, 'Calm grid');
    for (const words of ['/bot', '/startbot', '/stopbot', '/panic']) {
      expect((await rig.say(EVE, `${words} ${id}`))[0], words).toBe('There is no such bot. /bots lists yours.');
      expect((await rig.say(EVE, `${words} Calm grid`))[0], words).toBe('There is no such bot. /bots lists yours.');
    }
    expect((await rig.say(EVE, '/bots'))[0]).toContain('No bots yet');
    // Ann's own button in Eve's chat: it was not made for it.
    await rig.say(ANN, `/bot ${id}`);
    const start = rig.buttons(ANN).find(({ text }) => text.includes('Start'));
    const before = telegram.toldTo(EVE).length;
    await rig.settled(telegram.press(EVE, 1, start?.callback_data ?? ''));
    expect(telegram.toldTo(EVE)).toHaveLength(before);
    expect(telegram.calls.findLast(({ method }) => method === 'answerCallbackQuery')?.parameters['text']).toBe('This button is not for here.');
    // Eve in Ann's chat, as only a forged update could have it.
    await rig.press(ANN, 'Start', EVE);
    // And a button of her own, with his bot in it.
    for (const verb of ['bot', 'start', 'stop', 'askPanic', 'panic', 'balance'] as const) {
      await rig.settled(telegram.press(EVE, 1, rig.signed(EVE, verb, id)));
      expect(telegram.toldTo(EVE).at(-1)?.text, verb).toContain('Not found');
    }
    expect(await wishOf(rig, id)).toBe('stopped');
  });

  it('speaks its language, chosen in the chat for everything that is told', async () => {
    const rig = open();
    const { api } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    await rig.say(ANN, '/language');
    expect(await rig.press(ANN, 'Русский')).toBe('На каком языке говорить?');
    expect((await rig.say(ANN, '/orders'))[0]).toBe('Открытых ордеров нет.');
    expect((await api.store.notices.settings(ann.id)).language).toBe('ru');
  });

  it('chooses what is told in it', async () => {
    const rig = open();
    const { api } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    await rig.say(ANN, '/notifications');
    await rig.press(ANN, 'Order placed');
    const { events, isOn } = (await api.store.notices.settings(ann.id)).channels.telegram ?? {};
    expect(isOn).toBe(true);
    expect(events).not.toContain('order_placed');
    expect(events).toContain('order_filled');
    await rig.press(ANN, 'Order placed');
    expect((await api.store.notices.settings(ann.id)).channels.telegram).toEqual({ isOn: true, events: null, minimumSeverity: null });
    await rig.press(ANN, '›');
    const telegramEvents = async () => (await api.store.notices.settings(ann.id)).channels.telegram?.events ?? null;
    await rig.press(ANN, '▫️ Signal');
    expect(await telegramEvents()).toEqual(expect.arrayContaining(['order_placed', 'signal_opened']));
    expect(await telegramEvents()).not.toContain('signal_closed');
    await rig.press(ANN, '✅ Signal');
    expect(await telegramEvents(), 'all but what is for the asking').toBeNull();
    expect(await rig.press(ANN, 'switch all off')).toBe('Notifications in this chat');
    expect((await api.store.notices.settings(ann.id)).channels.telegram?.isOn).toBe(false);
  });

  it('does not act on words from while nobody listened', async () => {
    const rig = open();
    const { telegram, clock } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    const id = await rig.bot(ann, 'Calm grid');
    // The conversation's clock is far behind the one that dates messages; now it is far ahead.
    await clock.advance(Date.now() - clock.now() + STALE_MS + 60_000);
    await rig.settled(telegram.say(ANN, '/startbot Calm grid'));
    expect(telegram.toldTo(ANN).at(-1)?.text).toContain('I was away');
    expect(await wishOf(rig, id)).toBe('stopped');
    await rig.settled(telegram.say(ANN, '/bots'));
    expect(telegram.toldTo(ANN).at(-1)?.text).toContain('Calm grid');
  });

  it('is held to a pace, told so once, and heard again later', async () => {
    const rig = open();
    const { telegram, clock } = rig;
    rig.listen('one');
    const updates = Array.from({ length: CHAT_PACE.capacity + 5 }, () => telegram.say(EVE, '/help'));
    for (const update of updates) await rig.settled(update);
    expect(telegram.toldTo(EVE)).toHaveLength(CHAT_PACE.capacity + 1);
    expect(telegram.toldTo(EVE).at(-1)?.text).toBe('One thing at a time, please.');
    await clock.advance(CHAT_PACE.refillMs * 2);
    await rig.settled(telegram.say(EVE, '/help'));
    expect(telegram.toldTo(EVE)).toHaveLength(CHAT_PACE.capacity + 2);
  });
});

describe('the bot', () => {
  it('refuses groups, and leaves one that it was added to', async () => {
    const rig = open();
    const { telegram } = rig;
    rig.listen('one');
    expect(await rig.say(-100_123, '/bots', { chatType: 'supergroup', fromId: ANN })).toEqual(['I talk in private chats only.']);
    const chat = { id: -100_124, type: 'group' };
    await rig.settled(telegram.push({ my_chat_member: { chat, from: { id: ANN }, new_chat_member: { status: 'member' } } }));
    expect(telegram.calls.at(-1)).toMatchObject({ method: 'leaveChat', parameters: { chat_id: -100_124 } });
  });

  it('leaves those in peace who block it, and tells news again once they take it back', async () => {
    const rig = open();
    const { telegram } = rig;
    rig.listen('one');
    const ann = await rig.linked(ANN);
    const member = (status: string) =>
      telegram.push({ my_chat_member: { chat: { id: ANN, type: 'private' }, from: { id: ANN }, new_chat_member: { status } } });
    await rig.settled(member('kicked'));
    expect(await chatsOf(rig, ann)).toEqual([[String(ANN), false]]);
    await rig.settled(member('member'));
    expect(await chatsOf(rig, ann)).toEqual([[String(ANN), true]]);
    telegram.blocked.add(ANN);
    const calls = telegram.calls.length;
    await rig.settled(telegram.say(ANN, '/help'));
    expect(telegram.calls.slice(calls).filter(({ method }) => method === 'sendMessage')).toHaveLength(1);
  });

  it('answers when Telegram asks for patience, loses the way or is away for a moment', async () => {
    const rig = open();
    const { telegram } = rig;
    rig.listen('one');
    telegram.fail('sendMessage', { kind: 'refuse', code: 429, description: 'Too Many Requests: retry after 1', retryAfterSeconds: 0 });
    expect((await rig.say(ANN, '/help'))[0]).toContain('To link this chat');
    telegram.fail('sendMessage', { kind: 'gateway' });
    expect((await rig.say(ANN, '/help'))[0]).toContain('To link this chat');
    telegram.fail('getUpdates', { kind: 'cut' });
    expect((await rig.say(ANN, '/help'))[0]).toContain('To link this chat');
  });

  it('hears each update once, however often Telegram hands it out', async () => {
    const rig = open();
    const { telegram } = rig;
    rig.listen('one');
    await rig.linked(ANN);
    telegram.repeatsUpdates = true;
    const before = telegram.toldTo(ANN).length;
    await rig.settled(telegram.say(ANN, '/help'));
    const polls = () => telegram.calls.filter(({ method }) => method === 'getUpdates').length;
    const seen = polls();
    await rig.until(() => polls() > seen + 3, 'it has asked again');
    await rig.settled(telegram.say(ANN, '/settings'));
    expect(
      telegram
        .toldTo(ANN)
        .slice(before)
        .map(({ text }) => text.split('\n')[0]),
    ).toEqual(['What I can do', 'Settings']);
    await rig.until(() => rig.counted.settled === 3, 'all three are counted');
    expect(rig.counted).toEqual({ received: 3, settled: 3, failed: 0 });
  });

  it('answers after another process what one that died had taken, and acts once', async () => {
    const rig = open();
    const { telegram, database, api } = rig;
    const first = rig.listen('one');
    const ann = await rig.linked(ANN);
    const id = await rig.bot(ann, 'Calm grid');
    await first.close();
    // It dies after the deed and before the answer: taken, done, not settled; its turn runs out.
    await api.store.chatUpdates.takeTurn(BOT_ID, 'dead', 0);
    const update = telegram.say(ANN, '/startbot Calm grid');
    await api.store.chatUpdates.receive(BOT_ID, [
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
    expect(await api.store.chatUpdates.claim(BOT_ID, 'dead', [], 8, 60_000)).toHaveLength(1);
    await ann.call('POST', `/bots/${id}/start`);
    rig.listen('two');
    await rig.settled(update);
    expect(telegram.toldTo(ANN).at(-1)?.text).toBe('Calm grid is starting.');
    const deeds = await database.query("select 1 from audit_log where action = 'bot_wanted'");
    expect(deeds).toHaveLength(1);
    await rig.until(
      async () => (await database.query('select 1 from telegram_updates where update is not null')).length === 0,
      'nothing that was said is kept',
    );
  });

  it('leaves to the next process what it could not answer before its end', async () => {
    const rig = open();
    const { telegram } = rig;
    const first = rig.listen('one');
    telegram.fail('sendMessage', { kind: 'gateway' });
    const update = telegram.say(ANN, '/help');
    await rig.until(() => telegram.calls.some(({ method }) => method === 'sendMessage'), 'it has tried');
    await first.close();
    expect(telegram.toldTo(ANN)).toEqual([]);
    rig.listen('two');
    await rig.settled(update);
    expect(telegram.toldTo(ANN)).toHaveLength(1);
  });

  it('is one process at a time; another takes over where one ends', async () => {
    const rig = open();
    const { telegram } = rig;
    const first = rig.listen('one');
    expect((await rig.say(ANN, '/help'))[0]).toContain('To link');
    rig.listen('two');
    await rig.say(ANN, '/help');
    expect(telegram.toldTo(ANN)).toHaveLength(2);
    await first.close();
    await rig.until(() => telegram.calls.at(-1)?.method === 'getUpdates', 'the other asks');
    expect((await rig.say(ANN, '/help'))[0]).toContain('To link');
    expect(telegram.toldTo(ANN)).toHaveLength(3);
  });
});

describe('updates that Telegram brings', () => {
  it('are dealt with once each, and taken from nobody else', async () => {
    const rig = open();
    const { api, telegram } = rig;
    const address = await api.server.listen({ host: '127.0.0.1', port: 0 });
    const url = `${address}/api/v1/telegram/updates`;
    // It says so until it is heard.
    telegram.fail('setWebhook', { kind: 'gateway' });
    rig.listen('one', { url, secret: WEBHOOK_SECRET });
    await rig.until(() => telegram.webhook !== null, 'it has said where');
    const update = telegram.say(ANN, '/help');
    await rig.settled(update);
    await telegram.repeat(update);
    await rig.settled(telegram.say(ANN, '/help'));
    expect(telegram.toldTo(ANN)).toHaveLength(2);
    const forged = JSON.stringify({ update_id: 5, message: { message_id: 1, date: 1, chat: { id: EVE, type: 'private' }, from: { id: EVE }, text: '/help' } });
    const headers = { 'content-type': 'application/json' };
    for (const secret of [undefined, 'wrong', `${WEBHOOK_SECRET}x`]) {
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
