import { expect, it } from 'vitest';
import { aesVault } from '#adapters/vault.ts';
import { createTestStore } from '#test/support/database.ts';
import { openVapid } from './_vapid.ts';

it('makes the key of the installation once, for all of its processes, and keeps it sealed', async () => {
  const database = await createTestStore();
  try {
    const vault = aesVault(Buffer.alloc(32, 7).toString('base64'));
    const [first, second] = await Promise.all([openVapid({ store: database.store, vault }), openVapid({ store: database.store, vault })]);
    expect(second).toEqual(first);
    expect(await openVapid({ store: database.store, vault })).toEqual(first);
    expect(Buffer.from(first.publicKey, 'base64url')).toHaveLength(65);
    expect(JSON.stringify(await database.query('select * from kept_secrets'))).not.toContain(first.privateKey);
    await expect(openVapid({ store: database.store, vault: aesVault(Buffer.alloc(32, 8).toString('base64')) })).rejects.toMatchObject({
      code: 'configuration_invalid',
    });
  } finally {
    await database.drop();
  }
});
