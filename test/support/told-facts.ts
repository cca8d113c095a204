/** Facts that nobody was told of yet, for tests that ask what would be told. */
import type { FactRecord } from '#core/facts.ts';
import type { Store } from '#core/store/store.ts';

/** Takes them out of the outbox, oldest first. */
export async function takeFacts({ notices }: Pick<Store, 'notices'>, limit = 100): Promise<readonly FactRecord[]> {
  const round = await notices.spread(limit, (facts) => facts.map((fact) => ({ fact, deliveries: [] })));
  return round?.facts ?? [];
}
