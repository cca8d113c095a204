/** Candles of the past: on the disk of this installation, and the venues that they are downloaded from without any account. */
import { diskHistory } from '#adapters/history/disk.ts';
import { featherCodec } from '#adapters/history/feather.ts';
import { parquetCodec } from '#adapters/history/parquet.ts';
import { randomIds } from '#adapters/ids.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import type { Config } from '#config';
import { AppError } from '#core/errors.ts';
import type { TableCodecs } from '#core/history.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { AccountBooks } from '#core/venue-ports.ts';
import type { OperatorHistory } from '#edges/cli/operator.ts';

/** For venues that are opened without an account. */
export const NO_BOOKS: AccountBooks = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
const CODECS: TableCodecs = { feather: featherCodec, parquet: parquetCodec };

export function operatorHistory(config: Config, world: { readonly clock: Clock; readonly log: Log }): OperatorHistory {
  const { urls } = config.venues;
  return {
    directory: config.data.history,
    candles: diskHistory(config.data.history),
    codecs: CODECS,
    withVenue: async (id, work) => {
      const module = VENUES.find((each) => each.id === id);
      if (module === undefined)
        throw new AppError(
          'exchange_unknown',
          `There is no exchange ${JSON.stringify(id.slice(0, 40))}; known are ${VENUES.map((each) => each.id).join(', ')}.`,
        );
      const venue = module.open({ ...world, ids: randomIds, url: urls[id] ?? null, urls, books: NO_BOOKS });
      return work(venue).finally(() => venue.close());
    },
  };
}
