/** What jobs are done with in this process. */
import { coinMarketCap } from '#adapters/feeds/coinmarketcap.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { backupShelf } from '#adapters/store/backup/shelf.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import type { QuoteSource } from '#core/quotes/market-quote.ts';
import { threadBench } from './_backtest-bench.ts';
import { keysToKeep } from './_backup-keys.ts';
import type { Parts } from './_parts.ts';
import { threadCrew } from './_trial-crew.ts';

export function jobPartsOf(parts: Parts): JobParts {
  const { config, databaseUrl, version } = parts;
  const { directory, keep, passphrase } = config.backup;
  const backups =
    directory === null || passphrase === null
      ? null
      : backupShelf({ directory, keep, url: databaseUrl, keys: keysToKeep(config), passphrase: passphrase.reveal(), version });
  return {
    ...parts,
    candleHistory: diskHistory(config.data.history),
    keptFor: config.keptFor,
    backups,
    quoteSource: quoteSourceOf(parts),
    bench: threadBench(config.data.history),
    crew: threadCrew(),
  };
}

function quoteSourceOf({ config, clock }: Parts): QuoteSource | null {
  const { apiKey, url } = config.coinMarketCap;
  return apiKey === null ? null : coinMarketCap({ apiKey: apiKey.reveal(), url, clock });
}
