/** The account of a person at Telegram, by the library as it is, against a server that speaks its protocol. */
import { Long } from '@mtcute/core';
import { readStringSession } from '@mtcute/core/utils.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ChannelChanges, FoundChannel, TelegramUser, TelegramUserAnswer } from '#core/telegram-user/port.ts';
import { MtprotoSimulator, type SimulatedChannel } from '#test/telegram/mtproto/simulator.ts';
import { made } from '#test/telegram/mtproto/wire.ts';
import { ALLOWED_REQUESTS, TelegramClient } from './client.ts';
import { dataCentres, isDataCentre } from './data-centres.ts';
import { MAX_CAUGHT_UP } from './session.ts';
import { telegramUsers } from './telegram-user.ts';

let telegram: MtprotoSimulator;
/** Agreeing on a key takes a second of arithmetic: once for those that only read. */
let session: string;
beforeAll(async () => {
  telegram = await MtprotoSimulator.open();
  session = await loggedIn();
});
afterAll(() => telegram.close());

const options = (more = {}) => ({ apiId: telegram.api.id, apiHash: telegram.api.hash, version: '1', standIn: telegram.address, ...more });
const users = (more = {}) => telegramUsers(options(more));

function login(more = {}) {
  const begun = users(more).logIn();
  onTestFinished(() => begun.close());
  return begun;
}

async function loggedIn(): Promise<string> {
  const begun = users().logIn();
  await begun.askCode(telegram.account.phone);
  await begun.enterCode(telegram.account.code);
  const { session: key } = await begun.finish(async (each) => each);
  await begun.close();
  return key;
}

async function reading(more = {}): Promise<TelegramUser> {
  const user = users(more).open(session);
  onTestFinished(() => user.close());
  return user;
}

function good<Result>(answer: TelegramUserAnswer<Result>): Result {
  if (!answer.isOk) throw new Error(`${answer.problem}: ${answer.description}`);
  return answer.result;
}

describe('a login', () => {
  it('is phone and code, and its session opens later', async () => {
    const begun = login();
    expect(await begun.askCode('+995 (555) 01-02-03')).toEqual({ isOk: true, result: 'app' });
    expect(await begun.enterCode(` ${telegram.account.code} `)).toEqual({ isOk: true, result: 'in' });
    const { session: made, name } = await begun.finish(async (each) => each);
    expect(name).toBe('Ann Owner');
    await begun.close();
    telegram.channel(1_234, 'calls');
    const user = users().open(made);
    onTestFinished(() => user.close());
    expect(await user.find('@calls')).toMatchObject({ isOk: true });
  });

  it('asks for the password of an account that has one, which never travels', async () => {
    telegram.account.password = 'correct horse';
    onTestFinished(() => {
      telegram.account.password = null;
    });
    const begun = login();
    await begun.askCode(telegram.account.phone);
    expect(await begun.enterCode(telegram.account.code)).toEqual({ isOk: true, result: 'password_needed' });
    expect(await begun.enterPassword('wrong horse')).toMatchObject({ isOk: false, problem: 'password_refused' });
    expect(await begun.enterPassword('correct horse')).toEqual({ isOk: true, result: 'in' });
  });

  it('goes to the data centre where the account lives, and its session stays there', async () => {
    const begun = login();
    telegram.refuse('auth.sendCode', 303, 'PHONE_MIGRATE_4');
    expect(await begun.askCode(telegram.account.phone)).toEqual({ isOk: true, result: 'app' });
    await begun.enterCode(telegram.account.code);
    const { session: made } = await begun.finish(async (each) => each);
    expect([readStringSession(made).primaryDcs.main.id, readStringSession(session).primaryDcs.main.id]).toEqual([4, 2]);
    const user = users().open(made);
    onTestFinished(() => user.close());
    expect(await user.find('@nobody')).toMatchObject({ problem: 'no_channel' });
  });

  it('says what is wrong', async () => {
    const begun = login();
    expect(await begun.askCode('my phone')).toMatchObject({ problem: 'phone_refused' });
    expect(await begun.askCode('+44 20 7946 0000')).toMatchObject({ problem: 'phone_refused', description: 'PHONE_NUMBER_INVALID' });
    expect(await begun.enterCode('1')).toMatchObject({ problem: 'code_refused' });
    await begun.askCode(telegram.account.phone);
    expect(await begun.enterCode('11111')).toMatchObject({ problem: 'code_refused', description: 'PHONE_CODE_INVALID' });
    expect(await login({ apiHash: 'f'.repeat(32) }).askCode(telegram.account.phone)).toMatchObject({ problem: 'api_refused' });
    telegram.refuse('auth.sendCode', 420, 'FLOOD_WAIT_31');
    expect(await begun.askCode(telegram.account.phone)).toMatchObject({ problem: 'wait', retryAfterMs: 31_000 });
  });

  it('that is given up, or could not be kept, leaves no session behind', async () => {
    const begun = users().logIn();
    await begun.askCode(telegram.account.phone);
    await begun.enterCode(telegram.account.code);
    const before = telegram.sessions;
    await expect(begun.finish(() => Promise.reject(new Error('the database is away')))).rejects.toThrow('away');
    await begun.close();
    expect(telegram.sessions).toBe(before - 1);
  });

  it('ends at Telegram, and is revoked from then on', async () => {
    const ending = await loggedIn();
    const before = telegram.sessions;
    const [first, second] = [users().open(ending), users().open(ending)];
    onTestFinished(async () => {
      await first.close();
      await second.close();
    });
    expect(await first.logOut()).toEqual({ isOk: true, result: null });
    expect(telegram.sessions).toBe(before - 1);
    expect(await second.find('@calls')).toMatchObject({ isOk: false, problem: 'revoked', description: 'AUTH_KEY_UNREGISTERED' });
  });
});

describe('a channel is found', () => {
  it('by its name and by its id, as the Bot API writes it', async () => {
    const channel = telegram.channel(1_234, 'Calls', { title: 'Calls of Bob' });
    telegram.say(channel, 7, 'old');
    const user = await reading();
    const found = { channelId: '1234', chatId: '-1000000001234', title: 'Calls of Bob', place: { pts: 11, lastMessageId: 7 } };
    expect(good(await user.find('@calls'))).toMatchObject(found);
    expect(good(await user.find('-1000000001234'))).toMatchObject(found);
  });

  it('among many chats of the account, whose other chats are let go', async () => {
    telegram.channel(2_222, null, { title: 'Private calls' });
    expect(good(await (await reading()).find('-1000000002222'))).toMatchObject({ title: 'Private calls' });
    expect(new Set(telegram.requests)).not.toContain('updates.getDifference');
  });

  it('or not, and says why', async () => {
    telegram.channel(5, 'group', { isGroup: true });
    telegram.channel(6, 'closed').isClosed = true;
    const user = await reading();
    expect(await user.find('@nobody')).toMatchObject({ isOk: false, problem: 'no_channel' });
    expect(await user.find('-1000000000077')).toMatchObject({ isOk: false, problem: 'no_channel' });
    expect(await user.find('-55')).toMatchObject({ isOk: false, problem: 'no_channel' });
    expect(await user.find('@somebody')).toMatchObject({ isOk: false, problem: 'not_a_channel' });
    expect(await user.find('@group')).toMatchObject({ isOk: false, problem: 'not_a_channel' });
    expect(await user.find('@closed')).toMatchObject({ isOk: false, problem: 'no_access' });
  });
});

describe('what happens in a channel', () => {
  let channel: SimulatedChannel;
  let found: FoundChannel;
  let user: TelegramUser;
  beforeEach(async () => {
    channel = telegram.channel(1_234, 'calls');
    telegram.say(channel, 1, 'old');
    user = await reading();
    found = good(await user.find('@calls'));
  });
  const chatId = '-1000000001234';
  const changes = async (place = found.place): Promise<ChannelChanges> => good(await user.changes(found, place));

  it('is told once, in its sequence, with the names that the Bot API gives', async () => {
    telegram.say(channel, 2, 'first', { date: 1_700_000_000 });
    telegram.say(channel, 3, 'answer', { date: 1_700_000_001, replyTo: { _: 'messageReplyHeader', replyToMsgId: 2 } });
    telegram.say(channel, 2, 'edited', { editDate: 1_700_000_060 });
    telegram.remove(channel, 1, 3);
    const { news, place, isFinal, nextAfterMs, hasGap } = await changes();
    const post = { kind: 'said', chatId, entities: [], replyTo: null };
    expect(news).toEqual([
      { ...post, messageId: '2', edit: 0, text: 'first', postedAt: 1_700_000_000_000 },
      { ...post, messageId: '3', edit: 0, text: 'answer', replyTo: '2', postedAt: 1_700_000_001_000 },
      { ...post, messageId: '2', edit: 1_700_000_060, text: 'edited', postedAt: 1_700_000_060_000 },
      { kind: 'withdrawn', chatId, messageId: '1' },
      { kind: 'withdrawn', chatId, messageId: '3' },
    ]);
    expect({ place, isFinal, nextAfterMs, hasGap }).toEqual({
      place: { pts: channel.pts, lastMessageId: 3 },
      isFinal: true,
      nextAfterMs: 1_000,
      hasGap: false,
    });
    expect((await changes(place)).news).toEqual([]);
  });

  it('shows an edit that nobody sees as the version before, as the Bot API does', async () => {
    telegram.say(channel, 1, 'old', { date: 1_700_000_000, editDate: 1_700_000_060, editHide: true });
    expect((await changes()).news).toMatchObject([{ messageId: '1', edit: 0, postedAt: 1_700_000_000_000 }]);
  });

  it('has marks by the names of the Bot API, and answers to other chats are none', async () => {
    const marks = ['Bold', 'Strike', 'TextUrl', 'Hashtag', 'CustomEmoji'].map((name, offset) =>
      made(`messageEntity${name}`, { offset, length: 1, ...(name === 'CustomEmoji' ? { documentId: Long.ONE } : {}) }),
    );
    const elsewhere = { _: 'messageReplyHeader', replyToMsgId: 9, replyToPeerId: { _: 'peerChannel', channelId: 77 } };
    telegram.say(channel, 2, 'marked', { entities: marks, replyTo: elsewhere });
    const [post] = (await changes()).news;
    const kinds = ['bold', 'strikethrough', 'text_link', 'hashtag', 'custom_emoji'];
    expect(post).toMatchObject({ replyTo: null, entities: kinds.map((kind, offset) => ({ kind, offset, length: 1 })) });
  });

  it('is no news where the channel only does something, or it is of another one', async () => {
    channel.pts += 2;
    const peerId = { _: 'peerChannel', channelId: 1_234 };
    const pinned = made('messageService', { id: 5, peerId, action: { _: 'messageActionPinMessage' } });
    const other = made('message', { id: 6, peerId: { _: 'peerChannel', channelId: 4_321 }, message: 'not ours' });
    channel.events.push({ pts: channel.pts - 1, message: pinned }, { pts: channel.pts, message: other });
    expect((await changes()).news).toEqual([]);
  });

  it('comes page by page', async () => {
    for (let id = 2; id <= 151; id += 1) telegram.say(channel, id, `post ${id}`);
    const first = await changes();
    expect({ count: first.news.length, isFinal: first.isFinal }).toEqual({ count: 100, isFinal: false });
    const second = await changes(first.place);
    expect({ count: second.news.length, isFinal: second.isFinal }).toEqual({ count: 50, isFinal: true });
  });

  it('is caught up from the last message that was seen where Telegram does not count it out', async () => {
    telegram.counted = 3;
    onTestFinished(() => {
      telegram.counted = 1_000;
    });
    for (let id = 2; id <= 121; id += 1) telegram.say(channel, id, `post ${id}`);
    const { news, place, hasGap } = await changes();
    expect(news.map(({ messageId }) => Number(messageId))).toEqual(Array.from({ length: 120 }, (_, index) => index + 2));
    expect({ place, hasGap }).toEqual({ place: { pts: channel.pts, lastMessageId: 121 }, hasGap: false });
    telegram.say(channel, 122, 'one more');
    expect((await changes(place)).news).toMatchObject([{ messageId: '122' }]);
  });

  it('is caught up to a bound only, the newest of it, and says so', async () => {
    telegram.counted = 3;
    onTestFinished(() => {
      telegram.counted = 1_000;
    });
    for (let id = 2; id <= MAX_CAUGHT_UP + 50; id += 1) telegram.say(channel, id, `post ${id}`);
    const { news, hasGap } = await changes();
    expect({ count: news.length, last: news.at(-1)?.messageId, hasGap }).toEqual({ count: MAX_CAUGHT_UP, last: String(MAX_CAUGHT_UP + 50), hasGap: true });
  });

  it('goes on where Telegram does not know the place any more', async () => {
    telegram.say(channel, 2, 'new');
    telegram.refuse('updates.getChannelDifference', 400, 'PERSISTENT_TIMESTAMP_INVALID');
    expect(await changes()).toMatchObject({ news: [{ messageId: '2' }], place: { pts: channel.pts, lastMessageId: 2 } });
  });

  it('waits for as long as Telegram says, and asks nothing by itself', async () => {
    telegram.refuse('updates.getChannelDifference', 420, 'FLOOD_WAIT_2');
    const before = telegram.requests.length;
    expect(await user.changes(found, found.place)).toEqual({ isOk: false, problem: 'wait', description: 'FLOOD_WAIT_%d', retryAfterMs: 2_000 });
    expect(telegram.requests.length).toBe(before + 1);
  });

  it.each([
    [401, 'SESSION_REVOKED', 'revoked'],
    [401, 'USER_DEACTIVATED_BAN', 'revoked'],
    [406, 'AUTH_KEY_DUPLICATED', 'revoked'],
    [406, 'CHANNEL_PRIVATE', 'no_access'],
    [500, 'PERSISTENT_TIMESTAMP_OUTDATED_X', 'unreachable'],
    [-503, 'Timeout', 'unreachable'],
    [400, 'SOMETHING_NEW', 'refused'],
  ])('answers %s %s as %s', async (code, text, problem) => {
    telegram.refuse('updates.getChannelDifference', code, text);
    expect(await user.changes(found, found.place)).toMatchObject({ isOk: false, problem });
  });

  it('is not known while Telegram is silent, and is told after the connection was cut', async () => {
    const hasty = await reading({ patienceMs: 1_000 });
    telegram.isSilent = true;
    onTestFinished(() => {
      telegram.isSilent = false;
    });
    expect(await hasty.changes(found, found.place)).toMatchObject({ isOk: false, problem: 'unreachable' });
    telegram.isSilent = false;
    telegram.cut();
    telegram.say(channel, 2, 'new');
    await expect
      .poll(async () => user.changes(found, found.place), { timeout: 30_000, interval: 100 })
      .toMatchObject({ isOk: true, result: { news: [{ text: 'new' }] } });
  });

  it('is asked for no more once it is closed, not even what is under way', async () => {
    telegram.isSilent = true;
    onTestFinished(() => {
      telegram.isSilent = false;
    });
    const asked = user.changes(found, found.place);
    await user.close();
    expect(await asked).toMatchObject({ isOk: false, problem: 'unreachable' });
    expect(await user.changes(found, found.place)).toMatchObject({ isOk: false, problem: 'unreachable' });
    await expect.poll(() => telegram.connections).toBe(0);
  });
});

describe('what is asked of Telegram', () => {
  it('reads, and is on the list; anything else does not leave the process', async () => {
    const user = await reading();
    const channel = telegram.channel(1_234, 'calls');
    const found = good(await user.find('@calls'));
    telegram.say(channel, 1, 'new');
    await user.changes(found, found.place);
    expect([...new Set(telegram.requests)].filter((name) => !ALLOWED_REQUESTS.has(name))).toEqual([]);
    const client = new TelegramClient(options());
    onTestFinished(() => client.close());
    for (const request of ['messages.sendMessage', 'channels.joinChannel', 'messages.readHistory', 'updates.getDifference'] as const)
      expect(await client.ask({ _: request } as never)).toMatchObject({ isOk: false });
    expect(telegram.requests.filter((name) => !ALLOWED_REQUESTS.has(name))).toEqual([]);
  });

  it.each([
    ['149.154.167.50', 443, true],
    ['91.108.56.130', 443, true],
    ['2001:67c:4e8:f002::a', 443, true],
    ['149.154.167.50', 22, false],
    ['127.0.0.1', 443, false],
    ['10.0.0.1', 443, false],
    ['169.254.169.254', 80, false],
    ['149.154.176.1', 443, false],
    ['::ffff:149.154.167.50', 443, false],
    ['2001:db8::1', 443, false],
    ['telegram.org', 443, false],
  ])('goes to %s port %s: %s', (address, port, isAllowed) => {
    expect(isDataCentre(address, port)).toBe(isAllowed);
  });

  it('goes nowhere else, whatever an answer names as a data centre', async () => {
    const elsewhere = { id: 4, ipAddress: '127.0.0.1', port: 9 };
    await expect(dataCentres(null).connect(elsewhere)).rejects.toThrow('not of Telegram');
    await expect(dataCentres(telegram.address).connect(elsewhere)).rejects.toThrow('not of Telegram');
  });
});
