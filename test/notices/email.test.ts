import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emailChannel } from '#adapters/channels/email.ts';
import { noticeRig } from './rig.ts';
import { MailServer } from './smtp-server.ts';

const rig = noticeRig();
let mail: MailServer;
beforeEach(async () => {
  mail = new MailServer();
  await mail.start();
});
afterEach(() => mail.close());

describe('notices by e-mail', () => {
  it('reach the address of a user as text and HTML, and his list in the application', async () => {
    const { serve, user, tell, store } = rig();
    serve(emailChannel({ url: mail.url, from: null }));
    const ann = await user('ann@example.org', 'ru');
    await tell(ann, 'order_rejected', { bot: 'Сетка', symbol: 'BTC/USDT', side: 'buy', quantity: '0.010', price: '64250.10', reason: 'мало средств' });
    await expect.poll(() => mail.mails.length).toBe(1);
    const [got] = mail.mails;
    expect(got).toMatchObject({ to: ['ann@example.org'], isEncrypted: true });
    expect(got?.parsed).toMatchObject({ subject: 'Argosy: Сетка: Биржа отклонила ордер', from: { name: 'Argosy', address: 'argosy@127.0.0.1' } });
    expect(got?.parsed.text).toContain('Покупка 0,01 BTC/USDT по 64\u00a0250,1\nПричина: мало средств');
    expect(got?.parsed.html).toContain('<p>Покупка 0,01 BTC/USDT по 64\u00a0250,1<br>Причина: мало средств</p>');
    const list = await store.notices.list(ann, { limit: 10, cursor: null }, false);
    expect(list.items).toMatchObject([{ type: 'order_rejected', readAt: null, data: { bot: 'Сетка' } }]);
    expect(await store.notices.unread(ann)).toBe(1);
  });

  it('survive a server that is away, and go out when it is back', async () => {
    const { serve, user, tell, states } = rig();
    await mail.close();
    serve(emailChannel({ url: mail.url, from: null }));
    await tell(await user('ann@example.org'), 'bot_error', { bot: 'Grid' });
    await expect.poll(async () => (await rig().database.query('select problem from deliveries where problem is not null')).length).toBe(1);
    await mail.start();
    await expect.poll(() => mail.mails.length).toBe(1);
    await expect.poll(states).toEqual(['sent']);
  });

  it('end where there is no mailbox any more, and its user reads of it in the application', async () => {
    const { serve, user, tell, store, states } = rig();
    serve(emailChannel({ url: mail.url, from: null }));
    mail.mailboxes.set('ann@example.org', { code: 550, text: '5.1.1 no such user here' });
    const ann = await user('ann@example.org');
    await tell(ann, 'bot_error', { bot: 'Grid' });
    await expect.poll(async () => (await store.notices.targets(ann))[0]).toMatchObject({ isOn: false, offReason: expect.stringContaining('550') });
    await expect
      .poll(async () => (await store.notices.list(ann, { limit: 10, cursor: null }, false)).items.map(({ type }) => type))
      .toEqual(['channel_disabled', 'bot_error']);
    expect(await states()).toEqual(['dead']);
  });

  it.each([
    ['a server that will not relay', { code: 554, text: '5.7.1 relaying denied' }],
    ['a message that is disliked', { code: 550, text: '5.7.1 blocked as spam' }],
  ])('are dead letters, and no reason to leave the mailbox, with %s', async (_, refusal) => {
    const { serve, user, tell, store, states } = rig();
    serve(emailChannel({ url: mail.url, from: null }));
    mail.mailboxes.set('ann@example.org', refusal);
    const ann = await user('ann@example.org');
    await tell(ann, 'bot_error', { bot: 'Grid' });
    await expect.poll(states).toEqual(['dead']);
    expect(await store.notices.targets(ann)).toMatchObject([{ isOn: true }]);
    mail.mailboxes.clear();
    const [letter] = (await store.notices.deliveries(ann, 'dead', { limit: 10, cursor: null })).items;
    expect(letter).toMatchObject({ channel: 'email', hint: 'ann@example.org', tries: 1, problem: expect.stringContaining('refused') });
    expect(await store.notices.retry(ann, letter?.id ?? '')).toBe(true);
    await expect.poll(states).toEqual(['sent']);
  });

  it('wait where the mailbox is full for now', async () => {
    const { serve, user, tell, database } = rig();
    serve(emailChannel({ url: mail.url, from: null }));
    mail.mailboxes.set('ann@example.org', { code: 452, text: '4.2.2 mailbox full' });
    await tell(await user('ann@example.org'), 'bot_error', { bot: 'Grid' });
    await expect
      .poll(async () => (await database.query('select state, problem from deliveries'))[0])
      .toEqual({
        state: 'waiting',
        problem: 'the mail server has put it off (452)',
      });
  });
});
