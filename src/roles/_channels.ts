/** The channels that are configured in this installation: their names for the API, and the channels themselves for the worker. */
import type { Config } from '#config';
import type { Channel } from '#core/notices/channel.ts';
import type { ChannelName } from '#core/notices/notice.ts';

type Opening = { readonly name: ChannelName; open(): Promise<Channel> };

/** What there is by the configuration; nothing is loaded or opened yet. */
function channelsIn({ mail, telegram }: Config): readonly Opening[] {
  const found: Opening[] = [];
  const { url, from } = mail;
  if (url !== null) found.push({ name: 'email', open: async () => (await import('#adapters/channels/email.ts')).emailChannel({ url: url.reveal(), from }) });
  const { token, apiRoot } = telegram;
  if (token !== null)
    found.push({
      name: 'telegram',
      open: async () => {
        const [{ telegramChannel }, { openTelegram }] = await Promise.all([import('#adapters/channels/telegram.ts'), import('#adapters/telegram.ts')]);
        return telegramChannel(openTelegram({ token: token.reveal(), apiRoot }));
      },
    });
  return found;
}

export function channelNames(config: Config): readonly ChannelName[] {
  return channelsIn(config).map(({ name }) => name);
}

export function openChannels(config: Config): Promise<readonly Channel[]> {
  return Promise.all(channelsIn(config).map(({ open }) => open()));
}
