/** What rows share that stand for work: asked for, taken up by a worker, and over once. */
import { type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, type CheckBuilder, check, type IndexBuilder, index, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** How a row stands, why it failed, and from when to when it was. */
export const lifeColumns = () => ({
  state: text('state').notNull(),
  failure: text('failure').notNull(),
  createdAt: instant('created_at').notNull(),
  endedAt: instant('ended_at'),
});

/** The states there are; a row is over exactly where it has an end. Those that are not are found without reading the others. */
export function lifeOf(
  name: string,
  { state, createdAt, endedAt }: { readonly state: AnyPgColumn; readonly createdAt: AnyPgColumn; readonly endedAt: AnyPgColumn },
  open: readonly string[],
  over: readonly string[],
): readonly (CheckBuilder | IndexBuilder)[] {
  const list = (states: readonly string[]): SQL => sql.raw(states.map((each) => `'${each}'`).join(', '));
  return [
    index(`${name}_unfinished`).on(createdAt).where(sql`${endedAt} is null`),
    check(`${name}_state`, sql`${state} in (${list([...open, ...over])})`),
    check(`${name}_over`, sql`(${state} in (${list(open)})) = (${endedAt} is null)`),
  ];
}
