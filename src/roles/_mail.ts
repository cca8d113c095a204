/** Mail, for the channel of notices and for mails that are no notices. */
import type { Config } from '#config';
import type { Channel } from '#core/notices/channel.ts';

/** Throws when no mail server is configured. */
export async function mailChannel({ mail }: Pick<Config, 'mail'>): Promise<Channel> {
  if (mail.url === null) throw new Error('mail was opened without a mail server');
  return (await import('#adapters/channels/email.ts')).emailChannel({ url: mail.url.reveal(), from: mail.from });
}

/** Sends codes for whoever serves the API, and connects at the first; `null` without a mail server. */
export function codeMail(config: Pick<Config, 'mail'>): Pick<Channel, 'send' | 'close'> | null {
  if (config.mail.url === null) return null;
  let opening: Promise<Channel> | null = null;
  return {
    send: async (address, message) => {
      opening ??= mailChannel(config);
      return (await opening).send(address, message);
    },
    close: async () => (await opening)?.close(),
  };
}
