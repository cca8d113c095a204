/**
 * The pool of connections to PostgreSQL, the same for the embedded and a separate server: statements, transactions, and
 * how values come back. Every limit of waiting is here.
 */
import pg from 'pg';
import type { ActorScope } from '#core/audit.ts';
import type { Log } from '#core/ports.ts';
import { GROUPS_AT_ONCE } from './commit-queue.ts';
import { isCertain, isConnectionLost, isRepeatable, StatementFailure, translate } from './failures.ts';
import { Turns } from './turns.ts';

const CONNECT_PATIENCE_MS = 5_000;
/** Waiting for one's turn: in a storm of fills there is much to write, and what waits is not lost. */
export const TURN_PATIENCE_MS = 30_000;
/** The server gives up on a statement after this, and on waiting for a row after that. */
const STATEMENT_PATIENCE_MS = 15_000;
const LOCK_PATIENCE_MS = 5_000;
/** We give up on the server, which may have vanished without a word. */
const ANSWER_PATIENCE_MS = 20_000;
const IDLE_TRANSACTION_MS = 30_000;
const DEFAULT_CONNECTIONS = 8;
/** For what must not wait behind a storm, the renewal of leases, and must not stand in anybody's way. */
const URGENT_CONNECTIONS = 2;
/** Connections for commits stay open this long without one: their statements are prepared in them. */
const COMMIT_IDLE_MS = 600_000;
/** A transaction that lost against another is tried this often in all. */
const MAX_TRIES = 3;

export type Value = string | number | boolean | null | readonly (string | null)[] | readonly number[];

/** A statement with `$1`…; one with a name is parsed once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

/**
 * Sends statements, inside a transaction or each on its own. `Row` is what the statement selects; amounts are plain decimals.
 * Inside a transaction statements take effect in the sequence in which they were asked, also when nobody waits in between, and
 * after one that fails none does.
 */
export interface Session {
  rows<Row extends object>(statement: Statement, values?: readonly Value[]): Promise<readonly Row[]>;
  /** The first row, or `null`. */
  row<Row extends object>(statement: Statement, values?: readonly Value[]): Promise<Row | null>;
  /** How many rows were written. */
  write(statement: Statement, values?: readonly Value[]): Promise<number>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Log;
  readonly maxConnections?: number;
  /** Who acts, for the audit log. */
  readonly actors?: ActorScope;
}

export class Database implements Session {
  readonly actors: ActorScope | null;
  /** Sends statements past everything that waits for its turn. */
  readonly urgent: Session;
  /** Apart from each other, so that none can take the connections of another. */
  readonly #pools: { readonly ordinary: pg.Pool; readonly urgent: pg.Pool; readonly commits: pg.Pool };
  readonly #turns: Turns;
  readonly #alone: Session = sessionOf((statement, values) => this.#inTurn(() => this.#send(this.#pools.ordinary, statement, values)));
  #isClosing = false;

  constructor(options: DatabaseOptions) {
    this.actors = options.actors ?? null;
    const connections = options.maxConnections ?? DEFAULT_CONNECTIONS;
    this.#turns = new Turns(connections, TURN_PATIENCE_MS);
    this.#pools = {
      ordinary: this.#open(options, { max: connections }),
      urgent: this.#open(options, { max: URGENT_CONNECTIONS }),
      commits: this.#open(options, { max: GROUPS_AT_ONCE, idleTimeoutMillis: COMMIT_IDLE_MS }),
    };
    this.urgent = sessionOf((statement, values) => this.#send(this.#pools.urgent, statement, values));
  }

  rows<Row extends object>(statement: Statement, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#alone.rows(statement, values);
  }

  row<Row extends object>(statement: Statement, values: readonly Value[] = []): Promise<Row | null> {
    return this.#alone.row(statement, values);
  }

  write(statement: Statement, values: readonly Value[] = []): Promise<number> {
    return this.#alone.write(statement, values);
  }

  /** All of it or nothing. Whatever `work` throws rolls back; a lost commit is PortError `store_unavailable` with outcome `unknown`. */
  transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => this.#transact(this.#pools.ordinary, work));
  }

  /** The same past everything that waits for its turn; whoever uses it keeps to {@link GROUPS_AT_ONCE} at once. */
  commitTransaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.#transact(this.#pools.commits, work);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(Object.values(this.#pools).map((pool) => pool.end()));
  }

  #open({ url, log }: { readonly url: string; readonly log: Log }, limits: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_PATIENCE_MS,
      statement_timeout: STATEMENT_PATIENCE_MS,
      lock_timeout: LOCK_PATIENCE_MS,
      query_timeout: ANSWER_PATIENCE_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
      keepAlive: true,
      // What is asked without waiting for the answer before goes out at once; the server answers in the same sequence.
      pipeline: true,
      application_name: 'argosy',
      types: { getTypeParser },
      ...limits,
    });
    // A connection that breaks while nobody waits for an answer would otherwise end the process.
    // While closing, the embedded server may end an idle connection before its farewell has arrived.
    pool.on('error', (error) => {
      if (!this.#isClosing) log.warn({ reason: error.message }, 'a database connection was lost');
    });
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  async #transact<Result>(pool: pg.Pool, work: (session: Session) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await connect(pool);
      let isCommitting = false;
      try {
        await ask(client, BEGIN, []);
        const result = await work(sessionOf((statement, values) => ask(client, statement, values)));
        isCommitting = true;
        await ask(client, COMMIT, []);
        client.release();
        return result;
      } catch (error) {
        await giveBack(client, error);
        if (!(error instanceof StatementFailure)) throw error;
        if (isRepeatable(error) && attempt < MAX_TRIES) continue;
        throw translate(error, isCommitting && !isCertain(error) ? 'unknown' : 'failed');
      }
    }
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#turns.begin();
    try {
      return await work();
    } finally {
      this.#turns.end();
    }
  }

  /** A statement on its own commits by itself, so one whose answer was lost may have taken effect. */
  async #send<Row extends object>(pool: pg.Pool, statement: Statement, values: readonly Value[]): Promise<pg.QueryResult<Row>> {
    const client = await connect(pool);
    try {
      const result = await ask<Row>(client, statement, values);
      client.release();
      return result;
    } catch (error) {
      const isLost = !(error instanceof StatementFailure) || isConnectionLost(error);
      client.release(isLost);
      throw error instanceof StatementFailure ? translate(error, isLost ? 'unknown' : 'failed') : error;
    }
  }
}

const BEGIN = { name: 'begin', text: 'begin' };
const COMMIT = { name: 'commit', text: 'commit' };
const ROLLBACK = { name: 'rollback', text: 'rollback' };

type Send = <Row extends object>(statement: Statement, values: readonly Value[]) => Promise<pg.QueryResult<Row>>;

function sessionOf(send: Send): Session {
  return {
    rows: async <Row extends object>(statement: Statement, values: readonly Value[] = []) => (await send<Row>(statement, values)).rows,
    row: async <Row extends object>(statement: Statement, values: readonly Value[] = []) => (await send<Row>(statement, values)).rows[0] ?? null,
    write: async (statement, values = []) => (await send(statement, values)).rowCount ?? 0,
  };
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translate(new StatementFailure(error), 'failed');
  }
}

async function ask<Row extends object>(client: pg.PoolClient, statement: Statement, values: readonly Value[]): Promise<pg.QueryResult<Row>> {
  try {
    return await client.query<Row>({ ...statement, values: [...values] });
  } catch (error) {
    throw new StatementFailure(error);
  }
}

async function giveBack(client: pg.PoolClient, error: unknown): Promise<void> {
  if (error instanceof StatementFailure && isConnectionLost(error)) {
    client.release(true);
    return;
  }
  try {
    await ask(client, ROLLBACK, []);
    client.release();
  } catch {
    // What cannot be rolled back is closed; the server rolls back what a closed connection leaves.
    client.release(true);
  }
}

const { INT8, NUMERIC } = pg.types.builtins;

/** Long integers as numbers (all of ours stay below 2^53), amounts as plain decimals without trailing zeros. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return Number;
  if (oid === NUMERIC) return plainDecimal;
  return pg.types.getTypeParser(oid, format ?? 'text');
}

function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
