/**
 * What a commit's fills and funding do to positions in perpetuals: folded in the sequence of the ledger, on average cost, and
 * what was earned goes to the run's account of its settle coin. The same transaction holds the fills.
 */

import { isPerpetualSymbol, settleOf } from '#core/instrument.ts';
import { Decimal, decimal, plain } from '#core/money.ts';
import type { Commit } from '#core/store/commit.ts';
import { conflict } from './commit-conflict.ts';
import type { Session } from './database.ts';

/** Digits after the point that averages are kept to. */
const PLACES = 24;
/** Holder of positions whose orders were placed by hand. */
const BY_HAND = 'hand';

const LOCK = {
  name: 'lock_perpetual_position',
  text: 'select size, entry_value as "entryValue", realised from perpetual_positions where account_id = $1 and symbol = $2 and holder = $3 for update',
};
const SET = {
  name: 'set_perpetual_position',
  text: `insert into perpetual_positions (account_id, symbol, holder, size, entry_value, realised) values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id, symbol, holder) do update set size = excluded.size, entry_value = excluded.entry_value, realised = excluded.realised`,
};
const INSERT_FUNDING = {
  name: 'insert_funding',
  text: `insert into funding_payments (account_id, symbol, payment_id, run_id, asset, amount, rate, at)
         select $2, n.symbol, n."paymentId", $3, n.asset, n.amount, n.rate, n.at
         from json_to_recordset($1::json) as n (symbol text, "paymentId" text, asset text, amount numeric, rate numeric, at bigint)`,
};
const EARN = {
  name: 'earn_of_run',
  text: `insert into run_positions as p (run_id, symbol, asset, amount) values ($1, $2, $3, $4) on conflict (run_id, symbol, asset) do update set amount = p.amount + excluded.amount`,
};

interface Stored {
  readonly size: string;
  readonly entryValue: string;
  readonly realised: string;
}

/** Throws PortError `store_conflict` for funding that is booked already. */
export async function foldPositions(session: Session, commit: Commit): Promise<void> {
  const { accountId, fills, run, funding = [] } = commit;
  // A perpetual earns in its settle coin alone.
  const earned = new Map<string, Decimal>();
  const earn = (symbol: string, amount: Decimal): unknown => earned.set(symbol, (earned.get(symbol) ?? new Decimal(0)).plus(amount));
  for (const symbol of new Set(fills.map((fill) => fill.symbol).filter(isPerpetualSymbol))) {
    const holder = run?.id ?? BY_HAND;
    const stored = await session.row<Stored>(LOCK, [accountId, symbol, holder]);
    const position = { size: decimal(stored?.size ?? '0'), entryValue: new Decimal(stored?.entryValue ?? 0) };
    let realised = new Decimal(0);
    for (const fill of fills) if (fill.symbol === symbol) realised = realised.plus(foldFill(position, fill));
    const total = realised.plus(stored?.realised ?? 0);
    await session.write(SET, [accountId, symbol, holder, plain(position.size), plain(position.entryValue), plain(total)]);
    earn(symbol, realised);
  }
  if (funding.length > 0) {
    if (run === null) throw conflict('funding came without the run that it belongs to');
    await session.write(INSERT_FUNDING, [JSON.stringify(funding), accountId, run.id]);
    for (const { symbol, amount } of funding) earn(symbol, decimal(amount));
  }
  if (run !== null) for (const [symbol, amount] of earned) if (!amount.isZero()) await session.write(EARN, [run.id, symbol, settleOf(symbol), plain(amount)]);
}

/** Adds one execution in place and returns the profit of the part it closed. */
function foldFill(position: { size: Decimal; entryValue: Decimal }, fill: Commit['fills'][number]): Decimal {
  const price = decimal(fill.price);
  const signed = fill.side === 'buy' ? decimal(fill.size) : decimal(fill.size).neg();
  const isOpposite = !position.size.isZero() && position.size.isPositive() !== signed.isPositive();
  const closing = isOpposite ? Decimal.min(position.size.abs(), signed.abs()) : new Decimal(0);
  const part = closing.isZero() ? closing : position.entryValue.times(closing).div(position.size.abs()).toDecimalPlaces(PLACES);
  const closed = signed.isPositive() ? closing : closing.neg();
  position.size = position.size.plus(signed);
  position.entryValue = position.entryValue.minus(part).plus(signed.minus(closed).times(price));
  return closed.neg().times(price).minus(part);
}
