/** Alerts as the worker watches them: set over HTTP, told in the list of notices. */
import { afterEach, expect, it } from 'vitest';
import { ApiClient } from '#test/crash/api-client.ts';
import { startArgosy } from '#test/support/argosy-process.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { until } from '#test/support/until.ts';

const TEST_MS = 240_000;

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Notices {
  readonly items: readonly { readonly type: string; readonly title: string; readonly text: string }[];
}

it('an alert on a demonstration market that moves is told to its user', { timeout: TEST_MS }, async () => {
  const database = await createTestDatabase();
  cleanUps.push(() => database.drop());
  const argosy = await startArgosy({ DATABASE_URL: database.url, ARGOSY_ROLES: 'api,worker' });
  cleanUps.push(() => argosy.stop());
  const api = new ApiClient(argosy.root);
  await api.enter('owner@example.org', 'correct horse battery staple');
  const condition = { kind: 'price_moves', exchange: 'paper', symbol: 'BTC/USDT', percent: '0.0001', window_minutes: 5 };
  const { id } = await api.post<{ id: string }>('/alerts', { condition, note: 'it moves' });
  const told = async () => (await api.get<Notices>('/notifications')).items.find(({ type }) => type === 'alert_triggered');
  await until(async () => (await told()) !== undefined, 'it is told');
  expect((await told())?.title).toBe('Alert: Price has moved, it moves');
  expect((await told())?.text).toMatch(/^BTC\/\S*USDT\nnow −?[\d.]+ %, set to 0\.0001 %$/);
  expect(await api.get(`/alerts/${id}`)).toMatchObject({ enabled: false, times_triggered: 1 });
});
