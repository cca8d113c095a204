/** Tables of users' own strategies. */
import { foreignKey, json, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { counter, id, instant } from './columns.ts';
import { users } from './people.ts';

/** One row a name for ever, so that a version's number never means two programs. */
export const strategies = pgTable(
  'strategies',
  {
    userId: id('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** The version that new bots take. */
    version: counter('version').notNull(),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    removedAt: instant('removed_at'),
  },
  (table) => [primaryKey({ name: 'strategies_pk', columns: [table.userId, table.name] })],
);

/** Never changed once written. */
export const strategyVersions = pgTable(
  'strategy_versions',
  {
    id: id('id').primaryKey(),
    userId: id('user_id').notNull(),
    name: text('name').notNull(),
    version: counter('version').notNull(),
    hash: text('hash').notNull(),
    note: text('note').notNull(),
    files: json('files').notNull(),
    declaration: json('declaration').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    foreignKey({ name: 'strategy_versions_of', columns: [table.userId, table.name], foreignColumns: [strategies.userId, strategies.name] }).onDelete('cascade'),
    uniqueIndex('strategy_versions_number').on(table.userId, table.name, table.version),
  ],
);
