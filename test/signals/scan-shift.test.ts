/** Of two processes that may scan one does; when it ends the other takes over and closes what nobody can vouch for. */
import { afterEach, expect, it } from 'vitest';
import { ScanRig } from './scan-rig.ts';

let rig: ScanRig;
afterEach(() => rig.close());

async function openSignal(): Promise<void> {
  rig = await ScanRig.open({ places: ['mexc'], scanners: ['mexc-spot-futures'] });
  rig.places.market('mexc', 'spot', 'ABC', { bid: 1, ask: 1.001 });
  rig.places.market('mexc', 'futures', 'ABC', { bid: 1.03, ask: 1.031 });
}

it('scans in one process only, and a polite end closes what is open and gives the turn away', async () => {
  await openSignal();
  const one = rig.start('one');
  await rig.until('it opens', () => rig.last('ABC') !== undefined);
  const other = rig.start('other');
  await rig.until('the other has asked', () => rig.database.query('select 1 from leases').then((rows) => rows.length === 1));
  expect(other.work).toBeNull();
  await rig.stop(one);
  expect(rig.last('ABC')).toMatchObject({ state: 'closed', closeReason: 'scanner_stopped' });
  await rig.until('the other scans', () => other.work !== null);
  await rig.until('it opens again', () => rig.last('ABC')?.state === 'open');
  expect(rig.news.at(-1)?.epoch).toBeGreaterThan(rig.news[0]?.epoch ?? 0);
});

it('closes what a scanner that vanished has left open, whose word nobody will hear again', async () => {
  await openSignal();
  rig.start('one');
  await rig.until('it opens', () => rig.last('ABC') !== undefined);
  const { id = '' } = rig.last('ABC') ?? {};
  await rig.until('it is kept', async () => (await rig.database.store.signals.get(id)) !== null);
  // The lease has run out while its holder was away.
  await rig.database.query(`update leases set owner = 'nobody', expires_at = clock_timestamp() - interval '1 second' where subject = 'scanner:signals'`);
  rig.start('other');
  await rig.until('it is closed', async () => (await rig.database.store.signals.get(id))?.closeReason === 'scanner_stopped');
  await rig.until('it opens anew', async () => (await rig.database.store.signals.leftOpen(10)).length === 1);
  expect((await rig.database.store.signals.leftOpen(10))[0]?.id).not.toBe(id);
});
