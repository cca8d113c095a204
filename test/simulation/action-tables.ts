/**
 * The automatic actions of a simulated database: stored with their order, advanced by one owner a step at a time, and
 * taken off with their tape.
 */
import type { ActionAdvance, ActionRecord, ActionStep, NewActions } from '#core/actions/action-record.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import { Table, type Transactions } from './tables.ts';

type ActionRow = ActionRecord & { readonly userId: string; readonly accountId: string };

export class ActionTables {
  readonly rows: Table<ActionRow>;
  /** Tapes by order, each line as JSON. */
  readonly #tapes: Table<readonly string[]>;

  constructor(transactions: Transactions) {
    this.rows = new Table(transactions);
    this.#tapes = new Table(transactions);
  }

  insert({ id, userId, accountId }: Pick<OrderRecord, 'id' | 'userId' | 'accountId'>, actions: NewActions): void {
    this.rows.put(id, { ...copy(actions), orderId: id, userId, accountId, sequence: 0, calledOffAt: null });
  }

  /** Whether the row goes on with the first of these steps; `false` changes nothing. */
  advance({ orderId, steps, state }: ActionAdvance, userId: string, accountId: string): boolean {
    const row = this.rows.get(orderId);
    const before = (steps[0]?.sequence ?? 0) - 1;
    if (row === undefined || row.userId !== userId || row.accountId !== accountId || row.sequence !== before || row.state.status !== 'active') return false;
    this.rows.put(orderId, { ...row, state: copy(state), sequence: row.sequence + steps.length });
    this.#tapes.put(orderId, [...(this.#tapes.get(orderId) ?? []), ...steps.map((step) => JSON.stringify(step))]);
    return true;
  }

  callOff(userId: string, orderId: string, at: number): 'noted' | 'over' | null {
    const row = this.rows.get(orderId);
    if (row === undefined || row.userId !== userId) return null;
    if (row.state.status !== 'active') return 'over';
    this.rows.put(orderId, { ...row, calledOffAt: row.calledOffAt ?? at });
    return 'noted';
  }

  aliveOf(accountId: string): readonly ActionRecord[] {
    return this.rows
      .values()
      .filter((row) => row.accountId === accountId && row.state.status === 'active')
      .map(recordOf);
  }

  of(userId: string, orderIds: readonly string[]): ReadonlyMap<string, ActionRecord> {
    return new Map(
      orderIds.flatMap((id) => {
        const row = this.rows.get(id);
        return row?.userId === userId ? [[id, recordOf(row)] as const] : [];
      }),
    );
  }

  tape(orderId: string, after = 0): readonly ActionStep[] {
    return (this.#tapes.get(orderId) ?? []).map((line) => JSON.parse(line) as ActionStep).filter((step) => step.sequence > after);
  }
}

/** Who reads gets data of his own. */
function recordOf({ userId: _userId, accountId: _accountId, ...record }: ActionRow): ActionRecord {
  return copy(record);
}

function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
