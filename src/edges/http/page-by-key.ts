/** Pages of lists that are held in memory. */

/** A page in the order of a key that is unique; the cursor is the last key shown. */
export function pageByKey<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): { items: Item[]; next_cursor: string | null } {
  const rest = items.filter((item) => query.cursor === undefined || keyOf(item) > query.cursor).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return { items: page, next_cursor: last !== undefined && rest.length > page.length ? keyOf(last) : null };
}
