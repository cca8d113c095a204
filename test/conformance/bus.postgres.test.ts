import { expect, it, onTestFinished } from 'vitest';
import { postgresBus } from '#adapters/bus/postgres.ts';
import { systemClock } from '#adapters/clock.ts';
import { FaultProxy } from '#test/chaos/proxy.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import { type BusRig, busConformance, busNetworkConformance } from './bus.ts';

async function rig(): Promise<BusRig> {
  const database = await createTestDatabase();
  const address = new URL(database.url);
  return {
    open: async (world) => {
      // The embedded server is reached by its socket directory, and listens on loopback too.
      const host = address.hostname.startsWith('%2F') ? '127.0.0.1' : address.hostname;
      const proxy = await FaultProxy.open({ host, port: Number(address.port || 5432) }, Math.random);
      const through = new URL(database.url);
      through.host = new URL(proxy.url).host;
      return { bus: postgresBus({ ...world, url: through.href }), proxy };
    },
    close: () => database.drop(),
  };
}

busConformance('PostgreSQL', rig);
busNetworkConformance('PostgreSQL', rig);

it('a database is a bus of its own, and the server may end its connection at any time', async () => {
  const [here, elsewhere] = [await createTestDatabase(), await createTestDatabase()];
  const buses = [here, here, elsewhere].map(({ url }) => postgresBus({ url, clock: systemClock, log: quietLog() }));
  onTestFinished(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await Promise.all([here.drop(), elsewhere.drop()]);
  });
  await Promise.all(buses.map((bus) => bus.ready()));
  const heard: string[] = [];
  for (const [index, bus] of buses.entries())
    bus.subscribe(
      'orders',
      () => heard.push(`${index}`),
      () => heard.push(`gap ${index}`),
    );
  buses[0]?.publish('orders', {});
  await until(() => heard.length === 2, 'both on this database have heard');
  expect(heard.sort()).toEqual(['0', '1']);
  await here.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'argosy bus' and datname = current_database()`);
  await until(() => heard.includes('gap 0') && heard.includes('gap 1'), 'both were told of the gap');
  expect(heard).not.toContain('2');
  expect(heard).not.toContain('gap 2');
});
