/** The switch of the owner's account at Telegram, on a process as it is started: on, it waits for a login and says so; off, there is nothing of it. */
import { afterEach, expect, it } from 'vitest';
import { startArgosy } from '#test/support/argosy-process.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { until } from '#test/support/until.ts';

const TEST_MS = 120_000;
const HASH = '0badcafe77310badcafe77310badcafe';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function checksOf(environment: Readonly<Record<string, string>>): Promise<() => Promise<Readonly<Record<string, string>>>> {
  const database = await createTestDatabase();
  cleanUps.push(() => database.drop());
  const argosy = await startArgosy({ DATABASE_URL: database.url, ARGOSY_ROLES: 'api,telegram', ...environment });
  cleanUps.push(() => argosy.stop());
  return async () => {
    const text = await (await fetch(new URL('/health', argosy.root))).text();
    expect(text).not.toContain(HASH);
    return (JSON.parse(text) as { readonly checks: Readonly<Record<string, string>> }).checks;
  };
}

it('waits for a login once it is switched on', { timeout: TEST_MS }, async () => {
  const api = { ARGOSY_TELEGRAM_USER_API_ID: '12345', ARGOSY_TELEGRAM_USER_API_HASH: HASH };
  const checks = await checksOf({ ARGOSY_TELEGRAM_USER: 'on', ...api });
  await until(async () => (await checks())['telegram_user'] === 'degraded', 'it has the lease and no session');
});

it('is nowhere while it is off', { timeout: TEST_MS }, async () => {
  expect(Object.keys(await (await checksOf({}))())).not.toContain('telegram_user');
});
