/**
 * The sockets of this process: from which pages they may be opened, how many there may be, and the beat by which the dead are
 * found. What is refused here is refused before the upgrade, as an ordinary problem.
 */
import websocket from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { addressGroup } from '../request-limits.ts';
import type { HttpServer } from '../route.ts';
import { CLOSE } from './close-codes.ts';
import { Connection, type ConnectionParts, type SocketKind } from './connection.ts';
import { MAX_MESSAGE_BYTES } from './messages.ts';
import { assertRoom } from './socket-room.ts';

/** Sockets are asked for a sign of life this often; two silences are one too many. */
export const BEAT_MS = 25_000;
/** Sockets that do not answer the farewell of a server that ends are cut off. */
const FAREWELL_MS = 1_000;

export interface SocketHouseParts extends Omit<ConnectionParts, 'kind'> {
  readonly clock: Clock;
  /** Of pages besides our own that may open sockets. */
  readonly origins: readonly string[];
}

interface Guest {
  readonly connection: Connection;
  readonly address: string;
  readonly cut: () => void;
  readonly goAway: () => void;
}

/** Opens the paths of these kinds of sockets; returns how many sockets are open. */
export async function addSockets(
  server: HttpServer,
  kinds: readonly (SocketKind & { readonly path: string })[],
  parts: SocketHouseParts,
): Promise<() => number> {
  const guests = new Set<Guest>();
  let cancelBeat: (() => void) | null = null;
  const beat = (): void => {
    cancelBeat = parts.clock.after(BEAT_MS, () => {
      for (const { connection } of guests) connection.checkLife();
      if (guests.size > 0) beat();
      else cancelBeat = null;
    });
  };
  server.addHook('preClose', (done) => {
    cancelBeat?.();
    for (const { goAway } of guests) goAway();
    const cutOff = parts.clock.after(FAREWELL_MS, () => {
      for (const { cut } of guests) cut();
    });
    if (guests.size === 0) cutOff();
    done();
  });
  await server.register(websocket, { options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false } });
  for (const { path, ...kind } of kinds) {
    server.route({
      method: 'GET',
      url: path,
      config: { isPublic: true },
      schema: { hide: true },
      preValidation: async (request) => {
        assertOrigin(request, parts.origins);
        assertRoom(guests, addressGroup(request.ip));
      },
      handler: async () => {
        throw new AppError('malformed_request', 'This path is a WebSocket: open it with the scheme ws or wss.');
      },
      wsHandler: (socket, request) => {
        const connection = new Connection(socket, { ...parts, kind });
        const [code, reason] = CLOSE.goingAway;
        const guest: Guest = { connection, address: addressGroup(request.ip), cut: () => socket.terminate(), goAway: () => socket.close(code, reason) };
        guests.add(guest);
        if (cancelBeat === null) beat();
        socket.on('message', (data, isBinary) => connection.onMessage(isBinary ? null : textOf(data)));
        socket.on('pong', () => connection.onPong());
        socket.on('close', () => {
          guests.delete(guest);
          connection.onClose();
        });
        connection.open(ticketOf(request.query));
      },
    });
  }
  return () => guests.size;
}

function assertOrigin({ headers }: FastifyRequest, allowed: readonly string[]): void {
  const { origin, host } = headers;
  // Only browsers send one, and they cannot be made to leave it out.
  if (origin === undefined || allowed.includes(origin)) return;
  if (host === undefined || URL.parse(origin)?.host !== host.toLowerCase())
    throw new AppError('origin_refused', `Pages of "${origin.slice(0, 200)}" may not open sockets here.`);
}

function ticketOf(query: unknown): string | null {
  const ticket: unknown = typeof query === 'object' && query !== null && 'ticket' in query ? query.ticket : undefined;
  return typeof ticket === 'string' ? ticket : null;
}

function textOf(data: ArrayBuffer | Buffer | Buffer[] | string): string {
  if (typeof data === 'string') return data;
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Uint8Array).toString();
}
