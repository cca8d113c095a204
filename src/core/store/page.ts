/** Lists that are read page by page. */

/** A page of a list: items from newest to oldest, and the cursor of the next page or `null` at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor: string | null;
}
