/** The role that serves the HTTP API and the first page. */
import { diskHistory } from '#adapters/history/disk.ts';
import { buildHttp } from '#edges/http/server.ts';
import { threadBench } from './_backtest-bench.ts';
import { channelNames } from './_channels.ts';
import { chatBotOf } from './_chat-bot.ts';
import type { Closing } from './_closing.ts';
import { codeMail } from './_mail.ts';
import type { Parts } from './_parts.ts';
import { openVapid } from './_vapid.ts';
import { watchOf } from './_watch.ts';

/** Listens, and returns the address to open. */
export async function start(parts: Parts, closing: Closing): Promise<string> {
  const { config } = parts;
  const { host, port, isLoopback, origins, trustedProxies } = config.http;
  const mail = codeMail(config);
  const app = await buildHttp({
    ...parts,
    candleHistory: diskHistory(config.data.history),
    roles: config.roles,
    databaseKind: config.database.url === null ? 'embedded' : 'server',
    isLoopback,
    origins,
    trustedProxies,
    registration: null,
    paymentSecret: config.payments.secret?.reveal() ?? null,
    bench: threadBench(config.data.history),
    chatBot: chatBotOf(config, parts.vault),
    channels: channelNames(config),
    mail,
    webPushKey: async () => (await openVapid(parts)).publicKey,
    ...watchOf(parts),
  });
  closing.add('http', async () => {
    await app.close();
    await mail?.close();
  });
  return withName(await app.listen({ host, port }), host);
}

/** An address that listens everywhere is opened by the name of this machine. */
function withName(address: string, host: string): string {
  return host === '0.0.0.0' || host === '::' ? address.replace(/\/\/[^/]*:(\d+)$/, '//localhost:$1') : address;
}
