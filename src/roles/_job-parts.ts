/** What jobs are done with in this process. */
import { coinMarketCap } from '#adapters/feeds/coinmarketcap.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { backupShelf } from '#adapters/store/backup/shelf.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import type { QuoteSource } from '#core/quotes/market-quote.ts';
import { threadBench } from './_backtest-bench.ts';
import { keysToKeep } from './_backup-keys.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { threadCrews } from './_trial-crew.ts';

/** What is kept open for jobs is added to `closing`. */
export function jobPartsOf(parts: Parts, closing: Closing): JobParts {
  const { config, databaseUrl, version } = parts;
  const { directory, keep, passphrase } = config.backup;
  const backups =
    directory === null || passphrase === null
      ? null
      : backupShelf({ directory, keep, url: databaseUrl, keys: keysToKeep(config), passphrase: passphrase.reveal(), version });
  const crews = threadCrews();
  closing.add('trial threads', async () => crews.close());
  return {
    ...parts,
    candleHistory: diskHistory(config.data.history),
    keptFor: config.keptFor,
    backups,
    quoteSource: quoteSourceOf(parts),
    bench: threadBench(config.data.history),
    crew: crews.open,
  };
}

function quoteSourceOf({ config, clock }: Parts): QuoteSource | null {
  const { apiKey, url } = config.coinMarketCap;
  return apiKey === null ? null : coinMarketCap({ apiKey: apiKey.reveal(), url, clock });
}
