import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { telegramChannel } from '#adapters/channels/telegram.ts';
import { openTelegram } from '#adapters/telegram.ts';
import type { Channel } from '#core/notices/channel.ts';
import { TelegramSimulator } from '#test/telegram/simulator.ts';
import { noticeRig } from './rig.ts';

const rig = noticeRig();
let simulator: TelegramSimulator;
let channel: Channel;
beforeEach(async () => {
  simulator = new TelegramSimulator();
  await simulator.start();
  channel = telegramChannel(openTelegram({ token: simulator.token, apiRoot: simulator.apiRoot }));
});
afterEach(() => simulator.close());

const texts = (chat: number) => simulator.toldTo(chat).flatMap(({ text }) => [...text.matchAll(/N(\d+)/g)].map(([, number]) => Number(number)));
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

async function ann(chat = '7'): Promise<string> {
  const id = await rig().user(`ann${chat}@example.org`);
  await rig().set(id, { channels: { email: { isOn: false, events: null, minimumSeverity: null } } });
  await rig().reach(id, 'telegram', chat);
  return id;
}

describe('notices in a chat of Telegram', () => {
  it('come in the order of the events, each once, although Telegram asks to wait and drops connections', async () => {
    const user = await ann();
    simulator.limits = { perChatPerSecond: 1 };
    simulator.fail('sendMessage', { kind: 'refuse', code: 429, description: 'Too Many Requests: retry after 1', retryAfterSeconds: 1 });
    simulator.fail('sendMessage', { kind: 'cut' });
    for (const number of numbers(50)) await rig().tell(user, 'strategy_note', { bot: 'Grid', text: `N${number}.` });
    rig().serve(channel);
    await expect.poll(() => texts(7).length).toBe(50);
    expect(texts(7)).toEqual(numbers(50));
  });

  it('are shared by couriers so that each goes out once and in order', async () => {
    const users = await Promise.all([1, 2, 3, 4].map((number) => ann(String(number))));
    for (const number of numbers(20)) for (const user of users) await rig().tell(user, 'strategy_note', { text: `N${number}.` });
    for (const _ of [1, 2, 3]) rig().serve(telegramChannel(openTelegram({ token: simulator.token, apiRoot: simulator.apiRoot })));
    await expect.poll(() => [1, 2, 3, 4].map((chat) => texts(chat).length)).toEqual([20, 20, 20, 20]);
    for (const chat of [1, 2, 3, 4]) expect(texts(chat)).toEqual(numbers(20));
  });

  it('end when the bot is blocked, of which its user is told elsewhere', async () => {
    const user = await ann();
    simulator.blocked.add(7);
    rig().serve(channel);
    await rig().tell(user, 'bot_error', { bot: 'Grid' });
    const kinds = async () => (await rig().store.notices.list(user, { limit: 9, cursor: null }, false)).items.map(({ type }) => type);
    await expect.poll(kinds).toEqual(['channel_disabled', 'bot_error']);
    expect(simulator.calls.filter(({ method }) => method === 'sendMessage')).toHaveLength(1);
  });

  it('of one chat that hangs hold up no other', async () => {
    const [slow, quick] = [await ann('1'), await ann('2')];
    simulator.fail('sendMessage', { kind: 'hang' });
    rig().serve(channel);
    await rig().tell(slow, 'bot_error', { bot: 'Slow' });
    await expect.poll(() => simulator.calls.length).toBe(1);
    await rig().tell(quick, 'bot_error', { bot: 'Quick' });
    await expect.poll(() => simulator.toldTo(2).length).toBe(1);
    expect(await rig().database.query('select problem from deliveries where problem is not null'), 'the first still hangs').toEqual([]);
    expect(simulator.toldTo(1)).toEqual([]);
  });

  it('that were gathered come as one message when they are due', async () => {
    const user = await ann();
    const soon = { everyMinutes: 5, events: ['order_placed'] as const };
    await rig().set(user, { digest: soon, channels: { email: { isOn: false, events: null, minimumSeverity: null } } });
    rig().serve(channel);
    for (const number of numbers(3)) await rig().tell(user, 'order_placed', { bot: `N${number}.` });
    await rig().tell(user, 'bot_error', { bot: 'Now' });
    await expect.poll(() => simulator.messages.length).toBe(1);
    expect(simulator.messages[0]?.text).toContain('Now');
    await rig().database.query("update deliveries set due_at = clock_timestamp() where state = 'waiting'");
    await expect.poll(() => simulator.messages.length).toBe(2);
    expect(simulator.messages[1]?.text).toMatch(/^3 events/);
    expect(texts(7)).toEqual([0, 1, 2]);
  });
});
