import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_METRICS } from '#core/metrics.ts';
import type { Telegram } from '#core/telegram.ts';
import { TelegramSimulator } from '#test/telegram/simulator.ts';
import { openTelegram } from './telegram.ts';

let simulator: TelegramSimulator;
let telegram: Telegram;

beforeEach(async () => {
  simulator = new TelegramSimulator();
  await simulator.start();
  telegram = openTelegram({ token: simulator.token, apiRoot: simulator.apiRoot });
});
afterEach(async () => {
  telegram.close();
  await simulator.close();
});

const hello = (text = 'hello', patienceMs?: number) =>
  telegram.call<{ message_id: number }>('sendMessage', { chat_id: 7, text, parse_mode: 'HTML' }, patienceMs);

describe('the Telegram Bot API', () => {
  it('sends a message, and says its number', async () => {
    expect(await hello('<b>5 &lt; 6</b>')).toMatchObject({ isOk: true, result: { message_id: 1 } });
    expect(simulator.toldTo(7).map(({ text }) => text)).toEqual(['5 < 6']);
  });

  it('waits for updates as long as Telegram holds the answer back', async () => {
    const updates = telegram.call<readonly { update_id: number }[]>('getUpdates', { offset: 0, timeout: 5 }, 9_000);
    await expect.poll(() => simulator.calls.length).toBe(1);
    const number = simulator.say(7, '/start');
    expect(await updates).toMatchObject({ isOk: true, result: [{ update_id: number, message: { text: '/start' } }] });
  });

  it.each([
    ['too_many', { code: 429, description: 'Too Many Requests: retry after 3', retryAfterSeconds: 3 }, 3_000],
    ['too_many', { code: 429, description: 'Too Many Requests' }, 1_000],
    ['blocked', { code: 403, description: 'Forbidden: bot was blocked by the user' }, null],
    ['blocked', { code: 400, description: 'Bad Request: chat not found' }, null],
    ['invalid', { code: 400, description: "Bad Request: can't parse entities" }, null],
    ['unauthorized', { code: 401, description: 'Unauthorized' }, null],
    ['conflict', { code: 409, description: 'Conflict: terminated by other getUpdates request' }, null],
    ['unknown', { code: 502, description: 'Bad Gateway' }, null],
  ] as const)('tells %s by the answer', async (problem, answer, retryAfterMs) => {
    simulator.fail('sendMessage', { kind: 'refuse', ...answer });
    expect(await hello()).toEqual({ isOk: false, problem, description: answer.description, retryAfterMs });
    expect(simulator.messages).toEqual([]);
  });

  it('is unsure where an answer is missing or cannot be read', async () => {
    simulator.fail('sendMessage', { kind: 'loseAnswer' });
    expect(await hello()).toMatchObject({ problem: 'unknown' });
    expect(simulator.messages).toHaveLength(1);
    simulator.fail('sendMessage', { kind: 'gateway' });
    expect(await hello()).toMatchObject({ problem: 'unknown', description: 'Telegram has answered 502' });
    simulator.fail('sendMessage', { kind: 'hang' });
    expect(await hello('hello', 50)).toMatchObject({ problem: 'unknown' });
  });

  it('is sure that nothing arrived where nobody listens', async () => {
    await simulator.close();
    expect(await hello()).toMatchObject({ problem: 'unreachable' });
  });

  it('counts every call by what came of it, and how long it was asked to wait', async () => {
    const counted: unknown[] = [];
    const metrics = { ...NO_METRICS, countTelegramCall: (...call: unknown[]) => void counted.push(call) };
    telegram = openTelegram({ token: simulator.token, apiRoot: simulator.apiRoot, metrics });
    await hello();
    simulator.fail('sendMessage', { kind: 'refuse', code: 429, description: 'Too Many Requests: retry after 3', retryAfterSeconds: 3 });
    await hello();
    simulator.fail('sendMessage', { kind: 'refuse', code: 403, description: 'Forbidden: bot was blocked by the user' });
    await hello();
    telegram.close();
    await hello();
    expect(counted).toEqual([
      ['sendMessage', 'ok', 0],
      ['sendMessage', 'too_many', 3_000],
      ['sendMessage', 'blocked', 0],
    ]);
  });

  it('never says its token', async () => {
    simulator.fail('sendMessage', { kind: 'refuse', code: 400, description: `Bad Request: /bot${simulator.token}/sendMessage` });
    expect(JSON.stringify(await hello())).not.toContain(simulator.token);
  });

  it('obeys the limits of the simulator, which are those of Telegram', async () => {
    simulator.limits = { perChatPerSecond: 1 };
    expect(await hello()).toMatchObject({ isOk: true });
    expect(await hello()).toMatchObject({ problem: 'too_many', retryAfterMs: 1_000 });
  });
});
