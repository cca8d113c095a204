/** Wire shapes of notifications: the list, addresses, and what is under way. */
import { z } from 'zod';
import { severityOf, shownData, soundOf, wordsOfNotice } from '#core/notices/message.ts';
import { type NoticeRecord, SOUNDS } from '#core/notices/notice.ts';
import type { NotificationSettings } from '#core/notices/settings.ts';
import type { DeliveryRecord, NoticeTarget } from '#core/store/notices.ts';
import { channel, eventType, severity } from './notification-settings.ts';
import { idInput, isoTime, isoTimeOrNull, pageOf, pageQuery, timeOutput } from './shared-pieces.ts';

const MAX_URL = 2_048;
const Notification = z
  .object({
    id: z.string().describe('Number of the notice; the newer has the higher one.'),
    type: eventType.describe('What has happened.'),
    severity: severity.describe('How much it matters.'),
    title: z.string().describe('In one line, in your language.'),
    text: z.string().describe('More about it, in lines; may be empty.'),
    data: z.record(z.string(), z.unknown()).describe('The values its words are made of.'),
    bot_id: z.string().nullable().describe('The bot it is about.'),
    sound: z.enum(SOUNDS).describe('What to play.'),
    at: timeOutput.describe('When it happened.'),
    read_at: timeOutput.nullable().describe('When you read it; `null` while it is unread.'),
  })
  .meta({
    id: 'Notification',
    description: 'Something you are told.',
    examples: [
      {
        id: '42',
        type: 'order_filled',
        severity: 'info',
        title: 'Calm grid: Order filled',
        text: 'Buy 0.01 BTC/USDT at 64,250.1',
        data: { bot: 'Calm grid', side: 'buy', quantity: '0.010', symbol: 'BTC/USDT', price: '64250.10' },
        bot_id: '0198f5a4-2c1c-7c33-9b1e-cccc1d2b3c4d',
        sound: 'coin',
        at: '2026-11-20T08:00:00.000Z',
        read_at: null,
      },
    ],
  });

export const NotificationQuery = pageQuery({ unread: z.enum(['true', 'false']).default('false').describe('`true` for those that are unread only.') });

const NotificationItems = pageOf('NotificationItems', Notification, 'What you were told, the newest first.');
export const NotificationPage = NotificationItems.extend({ unread_count: z.int().describe('How many are unread in all; counted up to 1000.') }).meta({
  id: 'NotificationPage',
  description: 'What you were told, the newest first.',
  examples: [{ items: [], next_cursor: null, unread_count: 0 }],
});

export const UnreadCount = z
  .object({ unread_count: z.int().describe('How many are unread now; counted up to 1000.') })
  .meta({ id: 'UnreadCount', description: 'How many notices are unread.', examples: [{ unread_count: 0 }] });

export const ReadAllInput = z
  .strictObject({
    up_to: z
      .string()
      .regex(/^\d{1,18}$/, 'must be the id of a notice')
      .nullable()
      .default(null)
      .describe('Id of the newest that you have seen; `null` for all there are.'),
  })
  .meta({ id: 'ReadAllInput', description: 'Which notices you have read.', examples: [{ up_to: '42' }] });

export const TestInput = z
  .strictObject({ channel: channel.describe('Which channel to try.') })
  .meta({ id: 'NotificationTest', description: 'The channel to try.', examples: [{ channel: 'telegram' }] });

const url = z.string().max(MAX_URL).refine(isWebAddress, { error: 'must be an address that begins with https://, without a password in it' });
const token = z
  .string()
  .min(8)
  .max(512)
  .regex(/^[\w:.-]+$/, 'must be the token of a device');
export const TargetInput = z
  .discriminatedUnion('channel', [
    z.strictObject({ channel: z.literal('webhook'), url: url.describe('Where to send signed requests to.') }),
    z.strictObject({ channel: z.literal('discord'), url: url.describe('Address of a webhook of a Discord channel.') }),
    z.strictObject({ channel: z.literal('slack'), url: url.describe('Address of an incoming webhook of Slack.') }),
    z.strictObject({ channel: z.literal('fcm'), token: token.describe('Registration token of an app on Android.') }),
    z.strictObject({ channel: z.literal('apns'), token: token.describe('Device token of an app on an iPhone.') }),
  ])
  .meta({ id: 'WantedNotificationTarget', description: 'Somewhere to be told.', examples: [{ channel: 'webhook', url: 'https://example.com/argosy' }] });

const mailAddress = z
  .preprocess((value) => (typeof value === 'string' ? value.trim() : value), z.email('must be an e-mail address such as name@example.org').max(254))
  .describe('The address.');
export const MailAddressInput = z
  .strictObject({ address: mailAddress })
  .meta({ id: 'WantedMailAddress', description: 'Where else to send mail.', examples: [{ address: 'alerts@example.org' }] });
export const MailCodeSent = z
  .object({ address: z.string().describe('Where the code was sent.'), expires_at: timeOutput.describe('Until when it holds.') })
  .meta({
    id: 'MailCodeSent',
    description: 'A code is under way.',
    examples: [{ address: 'alerts@example.org', expires_at: '2026-11-20T09:00:00.000Z' }],
  });
export const MailCodeInput = z.strictObject({ address: mailAddress, code: z.string().min(1).max(100).describe('The code that was sent there.') }).meta({
  id: 'MailAddressCode',
  description: 'Proof that mail to the address is yours.',
  examples: [{ address: 'alerts@example.org', code: 'mJ3xQ0a_9bK2hT5w' }],
});

const TargetFields = z.object({
  id: idInput.describe('Id of the address.'),
  channel: channel.describe('By which means.'),
  hint: z.string().describe('What tells it apart from others; not the address itself, which may be a key.'),
  is_on: z.boolean().describe('Whether anything is sent there.'),
  off_reason: z.string().describe('Why nothing is; empty while it is on.'),
  created_at: timeOutput.describe('When it was added.'),
});
const TARGET_EXAMPLE = {
  id: '0198f5a4-2c1c-7c33-9b1e-dddd1d2b3c4d',
  channel: 'webhook' as const,
  hint: 'example.com',
  is_on: true,
  off_reason: '',
  created_at: '2026-11-20T08:00:00.000Z',
};
const Target = TargetFields.meta({ id: 'NotificationTarget', description: 'Somewhere you are told things.', examples: [TARGET_EXAMPLE] });
export const TargetPage = pageOf('NotificationTargetPage', Target, 'Where you are told things.');
export const NewTarget = TargetFields.extend({
  secret: z
    .string()
    .nullable()
    .describe('Signs what a webhook is sent. It is told here only, and made anew when the same address is added again; `null` for other channels.'),
}).meta({
  id: 'NewNotificationTarget',
  description: 'An address that was added.',
  examples: [{ ...TARGET_EXAMPLE, secret: 'b2xkIHNlY3JldHMgYXJlIG5vIHNlY3JldHM' }],
});

const base64url = (bytes: number) =>
  z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+={0,2}$/, `must be ${bytes} bytes in base64 for addresses`)
    .refine((text) => Buffer.from(text, 'base64url').length === bytes, { error: `must be ${bytes} bytes in base64 for addresses` });
export const WebPushInput = z
  .strictObject({
    endpoint: url.describe('Where the browser’s push service takes messages.'),
    expirationTime: z.number().nullable().optional().describe('As the browser gives it; not heeded.'),
    keys: z
      .strictObject({ p256dh: base64url(65).describe('Public key of the browser.'), auth: base64url(16).describe('Secret shared with the browser.') })
      .describe('Keys of the browser, in base64 for addresses.'),
  })
  .meta({
    id: 'WebPushInput',
    description: 'A PushSubscription as the browser gives it.',
    examples: [
      {
        endpoint: 'https://push.example.com/send/abc',
        keys: {
          p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
          auth: 'tBHItJI5svbpez7KI4CCXg',
        },
      },
    ],
  });
export const WebPushEnd = z
  .strictObject({ endpoint: url.describe('The same as when it was added.') })
  .meta({ id: 'WebPushEnd', description: 'A browser that wants no more.', examples: [{ endpoint: 'https://push.example.com/send/abc' }] });
export const WebPushKey = z.object({ public_key: z.string().describe('For `applicationServerKey` of `pushManager.subscribe`.') }).meta({
  id: 'WebPushKey',
  description: 'The key that browsers ask for.',
  examples: [{ public_key: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM' }],
});

const STATES = ['waiting', 'sent', 'dead'] as const;
export const DeliveryQuery = pageQuery({ state: z.enum(STATES).default('dead').describe('Which ones: `dead` are those that could not be told.') });
const Delivery = z
  .object({
    id: z.string().describe('Number of the delivery.'),
    user_id: z.string().describe('Whose it is.'),
    channel: channel.describe('By which means.'),
    hint: z.string().describe('Where to.'),
    state: z.enum(STATES).describe('Where it stands.'),
    tries: z.int().describe('How often it was tried.'),
    problem: z.string().nullable().describe('Why the last try failed.'),
    type: eventType.describe('What it tells.'),
    notification_id: z.string().describe('The notice it tells.'),
    created_at: timeOutput.describe('Since when it has been under way.'),
    sent_at: timeOutput.nullable().describe('When it was sent.'),
  })
  .meta({
    id: 'NotificationDelivery',
    description: 'A notice under way to one address.',
    examples: [
      {
        id: '7',
        user_id: '0198f5a3-0a1b-7c33-9b1e-bbbb1d2b3c4d',
        channel: 'webhook',
        hint: 'example.com',
        state: 'dead',
        tries: 1,
        problem: 'answered 400',
        type: 'order_filled',
        notification_id: '42',
        created_at: '2026-11-20T08:00:00.000Z',
        sent_at: null,
      },
    ],
  });
export const DeliveryPage = pageOf('NotificationDeliveryPage', Delivery, 'What is under way, the newest first.');

export function presentNotice(notice: NoticeRecord, settings: NotificationSettings): z.output<typeof Notification> {
  const { id, type, botId, at, readAt } = notice;
  const more = { sound: soundOf(type, settings), at: isoTime(at), read_at: isoTimeOrNull(readAt) };
  return { id, type, severity: severityOf(notice), ...wordsOfNotice(notice, settings.language), data: { ...shownData(notice) }, bot_id: botId, ...more };
}

export function presentTarget({ id, channel, hint, isOn, offReason, createdAt }: NoticeTarget): z.output<typeof Target> {
  return { id, channel, hint, is_on: isOn, off_reason: offReason, created_at: isoTime(createdAt) };
}

export function presentDelivery(delivery: DeliveryRecord): z.output<typeof Delivery> {
  const { id, userId, channel, hint, state, tries, problem, notice, createdAt, sentAt } = delivery;
  const about = { type: notice.type, notification_id: notice.id };
  return { id, user_id: userId, channel, hint, state, tries, problem, ...about, created_at: isoTime(createdAt), sent_at: isoTimeOrNull(sentAt) };
}

/** Where it may lead is checked when it is used: a name can be made to lead elsewhere at any time. */
function isWebAddress(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
}
