/** The scanner as a process: what `npm start` runs of it, alone and in a place where nothing can be reached. */
import { afterEach, expect, it } from 'vitest';
import { freePort } from '#test/crash/processes.ts';
import { type ArgosyProcess, startArgosy } from '#test/support/argosy-process.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { until } from '#test/support/until.ts';
import { Places } from './places.ts';

let database: TestStore;
let places: Places;
let argosy: ArgosyProcess | null = null;
afterEach(async () => {
  await argosy?.stop();
  argosy = null;
  await places.close();
  await database.drop();
});

async function start(urls: Readonly<Record<string, string>>): Promise<() => Promise<unknown>> {
  const port = await freePort();
  const environment = {
    ARGOSY_ROLES: 'scanner',
    ARGOSY_SCAN: 'mexc,dexscreener',
    ARGOSY_MONITOR_PORT: String(port),
    HOST: '127.0.0.1',
    ARGOSY_VENUE_URLS: JSON.stringify(urls),
  };
  argosy = await startArgosy({ ...environment, DATABASE_URL: database.url });
  return async () => {
    const answer = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { readonly details: readonly { readonly name: string }[] };
    return answer.details.find(({ name }) => name === 'signals');
  };
}

it('scans, keeps signals, and closes them when it is told to end', async () => {
  database = await createTestStore();
  places = await Places.open();
  places.market('mexc', 'spot', 'ABC', { bid: 1, ask: 1.001 });
  places.market('mexc', 'futures', 'ABC', { bid: 1.03, ask: 1.031 });
  const health = await start(places.urls);
  await until(async () => (await database.store.signals.leftOpen(5)).length === 1, 'a signal is kept');
  expect(await health()).toMatchObject({ status: 'ok', figures: { mode: 'scanning', open: 1 } });
  await argosy?.stop();
  argosy = null;
  const { items } = await database.store.signals.list({}, 'opened_at', { limit: 5, cursor: null });
  expect(items).toMatchObject([{ state: 'closed', closeReason: 'scanner_stopped' }]);
});

it('stays up where nothing can be reached, and its health says so', async () => {
  database = await createTestStore();
  places = await Places.open();
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const health = await start({ mexc: nowhere, dexscreener: nowhere });
  await until(async () => (await health()) !== undefined && ((await health()) as { status: string }).status === 'degraded', 'the health says so');
  expect(await health()).toMatchObject({ detail: 'no place can be reached: no signals are looked for', figures: { mexc_list_problem: 'venue_unavailable' } });
});
