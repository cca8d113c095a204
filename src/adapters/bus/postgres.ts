/**
 * The bus by LISTEN and NOTIFY of the PostgreSQL that everybody shares anyway, on one connection of its own. A pooler in
 * between must keep sessions apart; with one that does not, the bus stays down and says so.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Clock, Log, OpenBus } from '#core/ports.ts';
import { Pieces, piecesOf } from './_pieces.ts';
import { type Connection, RemoteBus } from './_remote.ts';

const CHANNEL = 'argosy_bus';
const CONNECT_PATIENCE_MS = 5_000;
const ANSWER_PATIENCE_MS = 5_000;
const NOTIFY = { name: 'notify', text: 'select pg_notify($1, piece) from unnest($2::text[]) with ordinality as pieces (piece, place) order by place' };

/** All processes with the same database are on one bus. */
export function postgresBus(options: { readonly url: string; readonly clock: Clock; readonly log: Log }): OpenBus {
  return new RemoteBus({ ...options, carrier: { kind: 'postgres', open: (onText, onLost) => open(options.url, onText, onLost) } });
}

async function open(url: string, onText: (text: string) => void, onLost: (error: unknown) => void): Promise<Connection> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_PATIENCE_MS,
    query_timeout: ANSWER_PATIENCE_MS,
    keepAlive: true,
    application_name: 'argosy bus',
  });
  let isOver = false;
  const end = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    onLost(error);
  };
  client.on('error', end);
  client.on('end', () => end(new Error('the server has ended the connection')));
  const pieces = new Pieces();
  const hello = randomUUID();
  const heardHello = Promise.withResolvers<void>();
  client.on('notification', ({ channel, payload }) => {
    if (channel !== CHANNEL || payload === undefined) return;
    if (payload === hello) return heardHello.resolve();
    const text = pieces.take(payload);
    if (text !== null) onText(text);
  });
  const send = async (payloads: readonly string[]): Promise<void> => {
    await client.query({ ...NOTIFY, values: [CHANNEL, payloads] });
  };
  const deaf = Promise.withResolvers<never>();
  deaf.promise.catch(() => undefined);
  const timer = setTimeout(
    () => deaf.reject(new Error('this connection hears no notifications; a pooler in between must not share sessions')),
    CONNECT_PATIENCE_MS,
  );
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    await send([hello]);
    await Promise.race([heardHello.promise, deaf.promise]);
  } catch (error) {
    isOver = true;
    await client.end().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    send: (texts) => send(texts.flatMap((text) => piecesOf(text))),
    ping: async () => {
      await client.query('select 1');
    },
    close: async () => {
      isOver = true;
      await client.end();
    },
  };
}
