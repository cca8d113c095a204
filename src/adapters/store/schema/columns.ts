/**
 * Column kinds all tables share. Instants are whole milliseconds since 1970, exactly as the core has them: no time zone, no
 * rounding, and cursors compare equal. Only lease and claim terms are `timestamptz`, because the database's own clock rules
 * them. Amounts are `numeric` without a scale, so every decimal a venue tells is kept exactly. Plain data is `json`, not
 * `jsonb`: it keeps the order of keys, on which replaying a run depends.
 */
import { bigint, integer, numeric, text, timestamp } from 'drizzle-orm/pg-core';

/** Milliseconds since 1970. */
export const instant = (name: string) => bigint(name, { mode: 'number' });
/** On the database's clock. */
export const databaseInstant = (name: string) => timestamp(name, { withTimezone: true });
/** An exact decimal. */
export const amount = (name: string) => numeric(name);
/** An opaque id made by us. */
export const id = (name: string) => text(name);
/** Counts up from 1. */
export const counter = (name: string) => integer(name);
/** The same where 2^31 could be reached in years. */
export const longCounter = (name: string) => bigint(name, { mode: 'number' });
