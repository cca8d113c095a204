/** The channels that are configured in this installation: their names for the API, and the channels themselves for the worker. */
import type { Config } from '#config';
import type { Channel } from '#core/notices/channel.ts';
import type { ChannelName } from '#core/notices/notice.ts';
import { mailChannel } from './_mail.ts';
import type { Parts } from './_parts.ts';
import { openVapid } from './_vapid.ts';

type ChannelParts = Pick<Parts, 'config' | 'store' | 'vault' | 'clock' | 'watch'>;
type Opening = (parts: ChannelParts) => Promise<Channel>;

/** What users add addresses for by themselves needs no configuration. */
const ALWAYS: readonly ChannelName[] = ['browser', 'webhook', 'discord', 'slack'];

export function channelNames({ mail, telegram, push }: Config): readonly ChannelName[] {
  const configured: readonly (readonly [ChannelName, boolean])[] = [
    ['telegram', telegram.token !== null],
    ['email', mail.url !== null],
    ['fcm', push.fcm !== null],
    ['apns', push.apns !== null],
  ];
  return [...configured.filter(([, isThere]) => isThere).map(([name]) => name), ...ALWAYS];
}

/** Those of {@link channelNames}; each connects at its first message. */
export function openChannels(parts: ChannelParts): Promise<readonly Channel[]> {
  return Promise.all(channelNames(parts.config).map((name) => OPENINGS[name](parts)));
}

const OPENINGS: Readonly<Record<ChannelName, Opening>> = {
  telegram: async ({ config: { telegram }, watch }) => {
    const [{ telegramChannel }, { openTelegram }] = await Promise.all([import('#adapters/channels/telegram.ts'), import('#adapters/telegram.ts')]);
    return telegramChannel(openTelegram({ token: given(telegram.token).reveal(), apiRoot: telegram.apiRoot, metrics: watch.open.metrics }));
  },
  email: ({ config }) => mailChannel(config),
  browser: async (parts) => {
    const { browserChannel } = await import('#adapters/channels/browser.ts');
    return browserChannel(await outgoing(parts), { keys: await openVapid(parts), subject: `mailto:${parts.config.mail.from ?? 'argosy@localhost'}` });
  },
  webhook: async (parts) => (await import('#adapters/channels/webhook.ts')).webhookChannel(await outgoing(parts), parts.clock),
  discord: async (parts) => (await import('#adapters/channels/discord.ts')).discordChannel(await outgoing(parts)),
  slack: async (parts) => (await import('#adapters/channels/slack.ts')).slackChannel(await outgoing(parts)),
  fcm: async (parts) => {
    const { fcmChannel } = await import('#adapters/channels/fcm.ts');
    return fcmChannel(await outgoing(parts), JSON.parse(given(parts.config.push.fcm).reveal()), parts.clock);
  },
  apns: async ({ config: { push }, clock }) => {
    const { key, ...terms } = given(push.apns);
    return (await import('#adapters/channels/apns.ts')).apnsChannel({ ...terms, key: key.reveal() }, clock);
  },
};

async function outgoing({ config }: ChannelParts) {
  return (await import('#adapters/channels/outgoing.ts')).openOutgoing({ allowsPrivate: config.push.allowsPrivate });
}

function given<Value>(value: Value | null): Value {
  if (value === null) throw new Error('a channel that is not configured was opened');
  return value;
}
