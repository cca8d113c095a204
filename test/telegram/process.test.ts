/** The bot as a process of its own: what it was told before it was killed is done once, and answered by the next one. */
import { afterEach, expect, it } from 'vitest';
import { ApiClient } from '#test/crash/api-client.ts';
import { type ArgosyProcess, startArgosy } from '#test/support/argosy-process.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { until } from '#test/support/until.ts';
import { TelegramSimulator } from './simulator.ts';

const ANN = 4_821;
const TEST_MS = 240_000;

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

it('starts a bot once and answers, though it is killed between the two', { timeout: TEST_MS }, async () => {
  const telegram = new TelegramSimulator();
  await telegram.start();
  cleanUps.push(() => telegram.close());
  const database = await createTestDatabase();
  cleanUps.push(() => database.drop());
  const start = async (): Promise<ArgosyProcess> => {
    const bot = { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot };
    const argosy = await startArgosy({ DATABASE_URL: database.url, ARGOSY_ROLES: 'api,telegram', ...bot });
    cleanUps.push(() => argosy.stop());
    return argosy;
  };
  const first = await start();
  const api = new ApiClient(first.root);
  await api.enter('owner@example.org', 'correct horse battery staple');
  const { bid } = await api.get<{ bid: string }>('/market/ticker?exchange=paper&symbol=BTC%2FUSDT');
  const config = { levels: 4, investment: '1000', lower_price: (Number(bid) * 0.8).toFixed(2), upper_price: (Number(bid) * 1.2).toFixed(2) };
  await api.post('/bots', { name: 'Grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config });
  const { code } = await api.post<{ code: string }>('/users/me/telegram-link');
  telegram.say(ANN, `/start ${code}`);
  await until(() => telegram.toldTo(ANN).length === 1, 'the chat is linked');

  telegram.fail('sendMessage', { kind: 'hang' });
  telegram.say(ANN, '/startbot Grid');
  const deeds = () => database.query("select id from audit_log where action = 'bot_wanted'");
  const answers = () => telegram.calls.filter(({ method, parameters }) => method === 'sendMessage' && String(parameters['text']).includes('is starting'));
  await until(() => answers().length === 1, 'it has done so and is about to answer');
  expect(await deeds()).toHaveLength(1);
  await first.kill();
  expect(telegram.toldTo(ANN)).toHaveLength(1);

  await start();
  await until(() => telegram.toldTo(ANN).length === 2, 'the next process answers');
  expect(telegram.toldTo(ANN).at(-1)?.text).toBe('Grid is starting.');
  expect(await deeds()).toHaveLength(1);
});
