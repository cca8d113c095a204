import { expect, it } from 'vitest';
import type { Deed } from '#core/audit.ts';
import type { NewFact } from '#core/facts.ts';
import type { Store } from '#core/store/store.ts';
import { FailedLogins } from './failed-logins.ts';

function rig() {
  const facts: NewFact[] = [];
  const deeds: Deed[] = [];
  const store = {
    users: { byEmail: async (email: string) => (email === 'ann@example.org' ? { id: 'ann' } : null) },
    facts: { add: async (fact: NewFact) => void facts.push(fact) },
    audit: { add: async (deed: Deed) => void deeds.push(deed) },
  } as unknown as Store;
  return { facts, deeds, failed: new FailedLogins({ store, clock: { now: () => 9, after: () => () => undefined } }) };
}

it('tells a user and the audit log of five wrong passwords in a row, and of each time they have doubled', async () => {
  const { facts, deeds, failed } = rig();
  for (let count = 1; count <= 21; count += 1) await failed.note('ann@example.org', '203.0.113.7');
  expect(facts.map(({ type, userId, data }) => [type, userId, data])).toEqual(
    [5, 10, 20].map((count) => ['login_failures', 'ann', { count, address: '203.0.113.7' }]),
  );
  expect(deeds.map(({ action, ownerId, details }) => [action, ownerId, details['count']])).toEqual([5, 10, 20].map((count) => ['logins_failed', 'ann', count]));
});

it('begins anew with the right password, and tells nobody of an e-mail that nobody has', async () => {
  const { facts, failed } = rig();
  for (let count = 1; count <= 4; count += 1) await failed.note('ann@example.org', '203.0.113.7');
  failed.forget('ann@example.org');
  for (let count = 1; count <= 4; count += 1) await failed.note('ann@example.org', '203.0.113.7');
  for (let count = 1; count <= 5; count += 1) await failed.note('nobody@example.org', '203.0.113.7');
  expect(facts).toEqual([]);
});
