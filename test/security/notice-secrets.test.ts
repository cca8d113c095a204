/**
 * What opens a way to a user, or to whoever tells him, never comes out on any of those ways: not in a message, not in a log line, not in a
 * reason that is kept, not in a row of the database in clear, whether messages arrive or not.
 */
import { generateKeyPairSync } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { apnsChannel } from '#adapters/channels/apns.ts';
import { browserChannel, makeVapidKeys } from '#adapters/channels/browser.ts';
import { discordChannel } from '#adapters/channels/discord.ts';
import { emailChannel } from '#adapters/channels/email.ts';
import { fcmChannel } from '#adapters/channels/fcm.ts';
import { openOutgoing } from '#adapters/channels/outgoing.ts';
import { slackChannel } from '#adapters/channels/slack.ts';
import { telegramChannel } from '#adapters/channels/telegram.ts';
import { webhookChannel } from '#adapters/channels/webhook.ts';
import { systemClock } from '#adapters/clock.ts';
import { openTelegram } from '#adapters/telegram.ts';
import { Http2Peer, HttpPeer } from '#test/notices/http-peer.ts';
import { PushBrowser } from '#test/notices/push-browser.ts';
import { noticeRig } from '#test/notices/rig.ts';
import { MailServer } from '#test/notices/smtp-server.ts';
import { TelegramSimulator } from '#test/telegram/simulator.ts';

const rig = noticeRig();

async function peers() {
  const [mail, telegram, web, apple] = [new MailServer(), new TelegramSimulator(), new HttpPeer(), new Http2Peer()];
  await Promise.all([mail.start(), telegram.start(), web.start(), apple.start()]);
  onTestFinished(async () => {
    await Promise.all([mail.close(), telegram.close(), web.close(), apple.close()]);
  });
  return { mail, telegram, web, apple };
}

it('keeps every secret of every channel, whether messages arrive, are refused or find nobody', async () => {
  const { mail, telegram, web, apple } = await peers();
  const { serve, user, set, reach, tell, database, lines, states } = rig();
  const rsa = String(generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const ec = String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const vapid = makeVapidKeys();
  const browser = new PushBrowser().subscription(`${web.url}/push/CANARYendpoint`);
  const secrets = [
    telegram.token,
    'smtp-password',
    'CANARYhook',
    'CANARYshared',
    'CANARYdiscord',
    'CANARYslack',
    'CANARYendpoint',
    'CANARYandroid',
    'CANARYiphone',
    'CANARYaccess',
    'CANARYapikey',
    browser.keys.auth,
    vapid.privateKey,
    rsa.slice(60, 120),
    ec.slice(40, 90),
  ];
  web.answer = (path) => (path === '/token' ? { status: 200, body: '{"access_token":"CANARYaccess"}' } : { status: 200 });
  const account = { project_id: 'argosy', client_email: 'a@example.org', private_key: rsa, token_uri: `${web.url}/token` };
  const freely = () => openOutgoing({ allowsPrivate: true });
  for (const channel of [
    emailChannel({ url: mail.url, from: null }),
    telegramChannel(openTelegram({ token: telegram.token, apiRoot: telegram.apiRoot })),
    browserChannel(freely(), { keys: vapid, subject: 'mailto:a@example.org' }),
    webhookChannel(freely(), systemClock),
    discordChannel(freely()),
    slackChannel(freely()),
    fcmChannel(freely(), account, systemClock, web.url),
    apnsChannel({ key: ec, keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', topic: 'org.example', root: apple.url }, systemClock),
  ])
    serve(channel);

  const ann = await user('ann@example.org');
  await set(ann);
  await reach(ann, 'telegram', '7001');
  await reach(ann, 'browser', JSON.stringify(browser));
  await reach(ann, 'webhook', JSON.stringify({ url: `${web.url}/in/CANARYhook`, secret: 'CANARYshared' }));
  await reach(ann, 'discord', `${web.url}/api/webhooks/CANARYdiscord`);
  await reach(ann, 'slack', `${web.url}/services/CANARYslack`);
  await reach(ann, 'fcm', 'CANARYandroid');
  await reach(ann, 'apns', 'CANARYiphone');
  const CHANNELS = 8;
  const data = { bot: 'Grid', reason: 'why', api_key: 'CANARYapikey', account: { secret: 'CANARYapikey' } };

  await tell(ann, 'bot_error', { ...data, account: undefined });
  await expect.poll(async () => (await states()).filter((state) => state === 'sent').length).toBe(CHANNELS);
  // Refused by all.
  web.answer = (path) => (path === '/token' ? { status: 200, body: '{"access_token":"CANARYaccess"}' } : { status: 400, body: path });
  apple.answer = { status: 400, body: 'CANARYiphone' };
  telegram.fail('sendMessage', { kind: 'refuse', code: 400, description: `Bad Request: /bot${telegram.token}/sendMessage` });
  mail.refusal = { code: 554, text: 'disliked, smtp-password' };
  await tell(ann, 'bot_error', data);
  await expect.poll(async () => (await states()).filter((state) => state === 'dead').length).toBe(CHANNELS);
  // Nobody there.
  await Promise.all([mail.close(), telegram.close(), web.close(), apple.close()]);
  await tell(ann, 'bot_error', data);
  const failed = async () => (await database.query("select 1 from deliveries where state = 'waiting' and problem is not null")).length;
  await expect.poll(failed).toBe(CHANNELS);

  const messages = [
    ...mail.mails.map(({ raw }) => raw),
    ...telegram.messages.map(({ parameters }) => JSON.stringify(parameters)),
    ...apple.taken.map(({ body }) => body.toString()),
    // To Firebase the device is named in the message itself.
    ...web.taken.map(({ body }) => body.toString().replace('"token":"CANARYandroid"', '')).filter((body) => !body.startsWith('grant_type')),
  ].join('\n');
  const log = JSON.stringify(lines, (_, value: unknown) => (value instanceof Error ? `${value.stack} ${JSON.stringify(value)} ${String(value.cause)}` : value));
  const dump: string[] = [];
  for (const { name } of await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  )) {
    // The fact itself holds what its maker has put in; nothing of it is told that no template names.
    if (name !== 'facts' && name !== 'notifications') dump.push(JSON.stringify(await database.query(`select * from ${name}`)));
  }
  expect(messages.length).toBeGreaterThan(1_000);
  expect(log).toContain('refused for good');
  for (const secret of secrets) {
    expect(messages, 'in a message').not.toContain(secret);
    expect(dump.join('\n'), 'in the database').not.toContain(secret);
    expect(log, 'in the log').not.toContain(secret);
  }
});
