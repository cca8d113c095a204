/** A second address of e-mail is told things once its user has shown the code that a real mail server took there, and never before. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emailChannel } from '#adapters/channels/email.ts';
import { randomIds } from '#adapters/ids.ts';
import { memoryCounter } from '#adapters/request-counts/memory.ts';
import { aesVault } from '#adapters/vault.ts';
import { CODE_SPAN_MS, CODES_PER_ADDRESS, CODES_PER_USER, MAX_MAIL_ADDRESSES, MailAddresses, TRIES_PER_USER } from '#app/notices/mail-addresses.ts';
import type { Channel } from '#core/notices/channel.ts';
import { firstSettings } from '#core/notices/settings.ts';
import { openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { makeUser } from '#test/support/trading-world.ts';
import { MailServer } from './smtp-server.ts';

const HOUR_MS = 3_600_000;

let database: TestStore;
let server: MailServer;
let mail: Channel;
let clock: ManualClock;
let addresses: MailAddresses;
let ann: string;
beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  server = new MailServer();
  await server.start();
  mail = emailChannel({ url: server.url, from: 'bots@example.org' });
  clock = new ManualClock();
  const vault = aesVault(randomBytes(32).toString('base64'));
  addresses = new MailAddresses({ store: database.store, clock, ids: randomIds, vault, requestCounter: memoryCounter(clock), mail });
  ann = await makeUser(database.store);
});
afterEach(async () => {
  await mail.close();
  await server.close();
});
afterAll(() => database.drop());

const told = async (userId: string): Promise<readonly string[]> => (await database.store.notices.targets(userId)).map(({ address }) => address);

function lastCode(): string {
  const code = /(?:Code|Код): (\S+)/.exec(server.mails.at(-1)?.parsed.text ?? '')?.[1];
  if (code === undefined) throw new Error('no code was sent');
  return code;
}

const add = async (address: string, userId = ann): Promise<void> => {
  await addresses.ask(userId, address);
  await addresses.confirm(userId, address, lastCode());
};

describe('an address', () => {
  it('is added by the code that was sent there, by whoever asked for it, and stands once', async () => {
    const [registered] = await told(ann);
    const eve = await makeUser(database.store);
    await addresses.ask(ann, 'Alerts@Example.org');
    expect(server.mails.map(({ to, parsed }) => [to, parsed.subject])).toEqual([[['Alerts@example.org'], 'Argosy: Your code for this address']]);
    const code = lastCode();
    expect(await told(ann)).toEqual([registered]);
    for (const [userId, address, tried] of [
      [eve, 'alerts@example.org', code],
      [ann, 'other@example.org', code],
      [ann, 'alerts@example.org', `${code.slice(0, -1)}!`],
      [ann, 'alerts@example.org', ''],
    ] as const)
      await expect(addresses.confirm(userId, address, tried)).rejects.toMatchObject({ code: 'validation_failed', issues: [{ field: 'code' }] });
    await addresses.confirm(ann, 'alerts@example.org', ` ${code} `);
    await addresses.confirm(ann, 'alerts@example.org', code);
    expect(new Set(await told(ann))).toEqual(new Set(['alerts@example.org', registered]));
    expect(await told(ann)).toHaveLength(2);
    expect(await told(eve)).toHaveLength(1);
  });

  it('needs a code that is not too old; the mail says until when, in the language of its user', async () => {
    await database.store.notices.putSettings(ann, firstSettings('ru'), 0);
    await clock.advance(CODE_SPAN_MS - (clock.now() % CODE_SPAN_MS));
    const expiresAt = await addresses.ask(ann, 'a@example.org');
    expect(expiresAt).toBe(clock.now() + 2 * CODE_SPAN_MS);
    expect(server.mails[0]?.parsed.subject).toBe('Argosy: Код для этого адреса');
    expect(server.mails[0]?.parsed.text).toContain(new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' '));
    const code = lastCode();
    await clock.advance(2 * CODE_SPAN_MS - 1);
    await addresses.confirm(ann, 'a@example.org', code);
    await clock.advance(1);
    await expect(addresses.confirm(ann, 'a@example.org', code)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('that takes no mail, and a server that is away, are told apart, and nothing is added', async () => {
    server.mailboxes.set('gone@example.org', { code: 550, text: '5.1.1 no such mailbox' });
    await expect(addresses.ask(ann, 'gone@example.org')).rejects.toMatchObject({ code: 'validation_failed', issues: [{ field: 'address' }] });
    await server.close();
    await expect(addresses.ask(ann, 'a@example.org')).rejects.toMatchObject({ code: 'mail_unavailable' });
    expect(await told(ann)).toHaveLength(1);
  });
});

describe('limits', () => {
  it('are of the codes one user may have sent in an hour', async () => {
    for (let count = 0; count < CODES_PER_USER; count += 1) await addresses.ask(ann, `a${count}@example.org`);
    await expect(addresses.ask(ann, 'b@example.org')).rejects.toMatchObject({ code: 'rate_limited' });
    await clock.advance(HOUR_MS);
    await addresses.ask(ann, 'b@example.org');
    expect(server.mails).toHaveLength(CODES_PER_USER + 1);
  });

  it('are of the codes that one address gets in a day, whoever asks and however it is written', async () => {
    for (let count = 0; count < CODES_PER_ADDRESS; count += 1)
      await addresses.ask(await makeUser(database.store), count % 2 === 0 ? 'v@example.org' : 'V@Example.org');
    await expect(addresses.ask(ann, 'v@example.org')).rejects.toMatchObject({ code: 'rate_limited' });
    expect(server.mails).toHaveLength(CODES_PER_ADDRESS);
    await clock.advance(24 * HOUR_MS);
    await addresses.ask(ann, 'v@example.org');
  });

  it('are of the codes one user may try in an hour, right ones included', async () => {
    await addresses.ask(ann, 'a@example.org');
    for (let count = 0; count < TRIES_PER_USER; count += 1) await expect(addresses.confirm(ann, 'a@example.org', `no${count}`)).rejects.toThrow();
    await expect(addresses.confirm(ann, 'a@example.org', lastCode())).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('are of the addresses one user may have', async () => {
    for (let count = 1; count < MAX_MAIL_ADDRESSES; count += 1) await add(`a${count}@example.org`);
    await expect(addresses.ask(ann, 'more@example.org')).rejects.toMatchObject({ code: 'too_many_kept' });
    expect(await told(ann)).toHaveLength(MAX_MAIL_ADDRESSES);
    await add('a1@example.org');
    expect(await told(ann), 'one that is there is no other').toHaveLength(MAX_MAIL_ADDRESSES);
  });
});

it('over HTTP the code is in no answer and no log, and without a mail server there is none', async () => {
  const api = await openApi(database.store, { channels: ['email'], mail });
  try {
    const user = await api.user();
    const asked = await user.call('POST', '/notifications/mail-addresses', { address: ' her@example.org ' });
    expect(asked).toMatchObject({ status: 202, body: { address: 'her@example.org' } });
    const code = lastCode();
    expect(asked.text).not.toContain(code);
    const added = await user.call('POST', '/notifications/mail-addresses/confirm', { address: 'her@example.org', code });
    expect(added).toMatchObject({ status: 201, body: { channel: 'email', is_on: true, secret: null } });
    expect(JSON.stringify(api.lines)).not.toContain(code);
    expect(await user.call('POST', '/notifications/mail-addresses', { address: 'nobody' })).toMatchObject({ status: 422 });
  } finally {
    await api.server.close();
  }
  const bare = await openApi(database.store);
  try {
    const user = await bare.user();
    expect(await user.call('POST', '/notifications/mail-addresses', { address: 'her@example.org' })).toMatchObject({
      status: 503,
      problem: { code: 'mail_unavailable' },
    });
  } finally {
    await bare.server.close();
  }
});
