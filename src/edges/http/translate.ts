/** Between the names of the wire and those inside, where several routes need the same. */
import type { GivenKeys } from '#app/people/accounts.ts';
import type { Page, PageRequest } from '#core/store/page.ts';

export function pageRequest(query: { readonly limit: number; readonly cursor?: string | undefined }): PageRequest {
  return { limit: query.limit, cursor: query.cursor ?? null };
}

export function pageAnswer<Item, Wire>(page: Page<Item>, present: (item: Item) => Wire): { items: Wire[]; next_cursor: string | null } {
  return { items: page.items.map((item) => present(item)), next_cursor: page.nextCursor };
}

export function givenKeys(body: {
  readonly api_key?: string | undefined;
  readonly api_secret?: string | undefined;
  readonly passphrase?: string | undefined;
}): GivenKeys {
  return { apiKey: body.api_key, apiSecret: body.api_secret, passphrase: body.passphrase };
}
