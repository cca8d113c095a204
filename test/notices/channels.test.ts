import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { importSPKI, jwtVerify } from 'jose';
import { expect, it } from 'vitest';
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
import { TelegramSimulator } from '#test/telegram/simulator.ts';
import { channelConformance } from './conformance.ts';
import { Http2Peer, HttpPeer, type PeerAnswer } from './http-peer.ts';
import { PushBrowser } from './push-browser.ts';
import { MailServer } from './smtp-server.ts';

const freely = () => openOutgoing({ allowsPrivate: true });
const LINK = /https?:\/\/evil/;

channelConformance('telegram', async () => {
  const simulator = new TelegramSimulator();
  await simulator.start();
  const refuse = (code: number, description: string, retryAfterSeconds?: number) => () =>
    simulator.fail('sendMessage', { kind: 'refuse', code, description, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }, 1);
  return {
    channel: telegramChannel(openTelegram({ token: simulator.token, apiRoot: simulator.apiRoot })),
    address: '7001',
    received: async () => simulator.messages.map(({ text }) => text),
    raw: () => simulator.messages.map(({ raw }) => raw),
    faults: {
      gone: () => simulator.blocked.add(7001),
      refused: refuse(400, "Bad Request: can't parse entities"),
      busy: refuse(429, 'Too Many Requests', 7),
      confused: refuse(502, 'Bad Gateway'),
    },
    busyMs: 7_000,
    goAway: () => simulator.close(),
    close: () => simulator.close(),
    live: [/<script|<a |<!|<@/, LINK, /@everyone/, /\/panic/],
  };
});

channelConformance('email', async () => {
  const server = new MailServer();
  await server.start();
  return {
    channel: emailChannel({ url: server.url, from: 'argosy@example.org' }),
    address: 'ann@example.org',
    received: async () => server.mails.map(({ parsed }) => `${parsed.subject}\n${parsed.text}`),
    raw: () => server.mails.map(({ parsed, to }) => `${JSON.stringify(parsed.headers)}\n${parsed.html}\n${to.join()}`),
    faults: {
      gone: () => server.mailboxes.set('ann@example.org', { code: 550, text: '5.1.1 no such user' }),
      refused: () => {
        server.refusal = { code: 554, text: 'disliked' };
      },
      busy: () => server.mailboxes.set('ann@example.org', { code: 450, text: '4.2.1 come back' }),
      confused: () => server.mailboxes.set('ann@example.org', { code: 421, text: 'closing' }),
    },
    goAway: () => server.close(),
    close: () => server.close(),
    live: [/<script|<a /, /"key":"bcc"/, /victim@example/, LINK],
  };
});

interface Web {
  readonly peer: HttpPeer;
  readonly raw: () => readonly string[];
}

function webFaults(peer: HttpPeer, gone: number | null, refused: number, path = '') {
  const answer = (wanted: PeerAnswer) => () => {
    peer.answer = (asked) => (asked.includes(path) ? wanted : { status: 200, body: '{"access_token":"x"}' });
  };
  return {
    gone: gone === null ? null : answer({ status: gone }),
    refused: answer({ status: refused }),
    busy: answer({ status: 429, headers: { 'retry-after': '3' } }),
    confused: answer({ status: 503, body: 'x'.repeat(200_000) }),
  };
}

async function web(): Promise<Web> {
  const peer = new HttpPeer();
  await peer.start();
  return { peer, raw: () => peer.taken.map(({ body }) => body.toString('utf8')) };
}

channelConformance('webhook', async () => {
  const { peer } = await web();
  // Its values are for programs and stay as they are; its words are for people.
  const words = () =>
    peer.taken.map(({ body }) =>
      (JSON.parse(body.toString()) as { notices: { title: string; text: string }[] }).notices.map(({ title, text }) => `${title}\n${text}`).join('\n'),
    );
  return {
    channel: webhookChannel(freely(), systemClock),
    address: JSON.stringify({ url: `${peer.url}/in/secret-path`, secret: 'shared-secret' }),
    received: async () => words(),
    raw: words,
    faults: webFaults(peer, 410, 400),
    busyMs: 3_000,
    goAway: () => peer.close(),
    close: () => peer.close(),
    live: [LINK],
  };
});

it('a webhook is signed over its time and body with the shared secret', async () => {
  const { peer } = await web();
  const channel = webhookChannel(freely(), { ...systemClock, now: () => 1_763_640_000_999 });
  const message = { key: 'ключ 1', language: 'en', severity: 'info', title: 't', plain: '', html: '', telegram: '', sound: 'none', notices: [] } as const;
  await channel.send(JSON.stringify({ url: peer.url, secret: 'shared-secret' }), message);
  const [taken] = peer.taken;
  const signature = createHmac('sha256', 'shared-secret').update(`1763640000.${taken?.body.toString()}`).digest('hex');
  expect(taken?.headers).toMatchObject({ 'x-argosy-signature': `t=1763640000,v1=${signature}`, 'x-argosy-id': encodeURIComponent('ключ 1') });
  await peer.close();
});

channelConformance('discord', async () => {
  const { peer, raw } = await web();
  return {
    channel: discordChannel(freely()),
    address: `${peer.url}/api/webhooks/1/secret`,
    received: async () =>
      peer.taken.map(({ body }) => {
        const { embeds } = JSON.parse(body.toString()) as { embeds: { title: string; description: string }[] };
        return embeds.map(({ title, description }) => `${title}\n${description}`.replace(/\\(.)/g, '$1')).join('\n');
      }),
    raw,
    faults: webFaults(peer, 404, 400),
    busyMs: 3_000,
    goAway: () => peer.close(),
    close: () => peer.close(),
    live: [LINK, /@everyone/, /[^\\]\[link/, /"parse":\["/],
  };
});

channelConformance('slack', async () => {
  const { peer, raw } = await web();
  return {
    channel: slackChannel(freely()),
    address: `${peer.url}/services/secret`,
    received: async () =>
      peer.taken.map(({ body }) => {
        const { blocks } = JSON.parse(body.toString()) as { blocks: { text: { text: string } }[] };
        return blocks.map(({ text }) => text.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).join('\n');
      }),
    raw,
    faults: webFaults(peer, 404, 400),
    busyMs: 3_000,
    goAway: () => peer.close(),
    close: () => peer.close(),
    live: [LINK, /<[@!]/, /"type":"mrkdwn"/],
  };
});

const VAPID = makeVapidKeys();
channelConformance('browser', async () => {
  const { peer } = await web();
  const browser = new PushBrowser();
  const shown = () => peer.taken.map(({ body }) => browser.read(body) as { title: string; text: string });
  return {
    channel: browserChannel(freely(), { keys: VAPID, subject: 'mailto:argosy@example.org' }),
    address: JSON.stringify(browser.subscription(`${peer.url}/push/secret`)),
    received: async () => shown().map(({ title, text }) => `${title}\n${text}`),
    raw: () => shown().map((payload) => JSON.stringify(payload)),
    faults: webFaults(peer, 410, 413),
    busyMs: 3_000,
    goAway: () => peer.close(),
    close: () => peer.close(),
    live: [LINK],
  };
});

it('a push to a browser proves by the VAPID key who sends it, and replaces its own repetition', async () => {
  const { peer } = await web();
  const browser = new PushBrowser();
  const channel = browserChannel(freely(), { keys: VAPID, subject: 'mailto:argosy@example.org' });
  const message = { key: 'k', language: 'en', severity: 'critical', title: 't', plain: 'x', html: '', telegram: '', sound: 'alarm', notices: [] } as const;
  for (const _ of [1, 2]) await channel.send(JSON.stringify(browser.subscription(`${peer.url}/push`)), message);
  const [first, second] = peer.taken;
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(String(first?.headers['authorization'])) ?? [];
  expect(key).toBe(VAPID.publicKey);
  const point = Buffer.from(key, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
  const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const { payload } = await jwtVerify(token, await importSPKI(String(spki), 'ES256'), { audience: peer.url });
  expect(payload.sub).toBe('mailto:argosy@example.org');
  expect(first?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '86400', topic: expect.stringMatching(/^[\w-]{32}$/) });
  expect(second?.headers['topic']).toBe(first?.headers['topic']);
  expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(false);
  await peer.close();
});

const RSA = generateKeyPairSync('rsa', { modulusLength: 2_048 });
channelConformance('fcm', async () => {
  const { peer } = await web();
  peer.answer = (path) => (path === '/token' ? { status: 200, body: '{"access_token":"x"}' } : { status: 200 });
  const account = {
    project_id: 'argosy',
    client_email: 'argosy@example.org',
    private_key: String(RSA.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    token_uri: `${peer.url}/token`,
  };
  const sent = () => peer.taken.filter(({ path }) => path !== '/token').map(({ body }) => body.toString());
  return {
    channel: fcmChannel(freely(), account, systemClock, peer.url),
    address: 'device-secret-token',
    received: async () => sent().map((body) => Object.values((JSON.parse(body) as { message: { notification: object } }).message.notification).join('\n')),
    raw: sent,
    faults: webFaults(peer, 404, 400, 'messages:send'),
    busyMs: 3_000,
    goAway: () => peer.close(),
    close: () => peer.close(),
    live: [LINK],
  };
});

const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
channelConformance('apns', async () => {
  const peer = new Http2Peer();
  await peer.start();
  const key = String(EC.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const channel = apnsChannel({ key, keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', topic: 'org.example.argosy', root: peer.url }, systemClock);
  const set = (status: number) => () => {
    peer.answer = { status };
  };
  return {
    channel,
    address: 'device-secret-token',
    received: async () => peer.taken.map(({ body }) => Object.values((JSON.parse(body.toString()) as { aps: { alert: object } }).aps.alert).join('\n')),
    raw: () => peer.taken.map(({ body }) => body.toString()),
    faults: { gone: set(410), refused: set(400), busy: set(429), confused: set(503) },
    goAway: () => peer.close(),
    close: async () => {
      await channel.close();
      await peer.close();
    },
    live: [LINK],
  };
});
