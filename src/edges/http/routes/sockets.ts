/** Sockets: the tickets that open them, and the sockets themselves. */
import { Attendance } from '#app/live/attendance.ts';
import { OwnStreams } from '#app/live/own-streams.ts';
import { SignalStream } from '#app/live/signal-stream.ts';
import { PushFigures } from '#app/live/spectator.ts';
import { AppError } from '#core/errors.ts';
import type { Holder } from '../access-tokens.ts';
import { digestOfToken } from '../access-tokens.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { isoTime } from '../schemas/shared-pieces.ts';
import { SocketTicket } from '../schemas/sockets.ts';
import { ChoicesBook } from '../sockets/choices-book.ts';
import { ownKind, presentOwn } from '../sockets/own-kind.ts';
import { presentLive, signalKind } from '../sockets/signal-kind.ts';
import { addSockets } from '../sockets/socket-house.ts';

/** A ticket opens a socket within this time. */
export const TICKET_TTL_MS = 30_000;
const TICKET_BYTES = 32;

const TICKET = operation({
  tags: ['sockets'],
  operationId: 'makeSocketTicket',
  summary: 'A ticket for a socket',
  description:
    'Opens one socket within 30 seconds: `/ws?ticket=…` or `/ws/signals?ticket=…`. Browsers cannot send headers with a socket, and an address is written down in many places, so this is good for one use. The socket lives as long as the session. See the guide on sockets.',
  response: { 201: SocketTicket },
});

export function addTicketRoute(server: HttpServer, { accessTokens, store, clock, ids }: RouteParts): void {
  server.post('/ws/ticket', { schema: TICKET }, async ({ headers }, reply) => {
    const { userId, sessionId } = await accessTokens.holderOf(headers.authorization);
    const ticket = ids.secret(TICKET_BYTES);
    const now = clock.now();
    await store.socketTickets.insert({ tokenHash: digestOfToken(ticket), userId, familyId: sessionId, expiresAt: now + TICKET_TTL_MS }, now);
    return reply.code(201).send({ ticket, expires_at: isoTime(now + TICKET_TTL_MS) });
  });
}

/** Opens `/ws` and `/ws/signals`; closed with the server. */
export async function addSocketRoutes(server: HttpServer, parts: RouteParts): Promise<void> {
  const { store, clock, accessTokens } = parts;
  const attendance = new Attendance(parts);
  const own = new OwnStreams({ ...parts, present: presentOwn });
  const signals = new SignalStream({ ...parts, present: presentLive });
  const books = new ChoicesBook(parts.signalViews, parts.bus);
  const figures = new PushFigures();
  const holderOfToken = async (token: string): Promise<Holder | null> => {
    try {
      return await accessTokens.holderOf(`Bearer ${token}`);
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated') return null;
      throw error;
    }
  };
  const holderOfTicket = async (ticket: string): Promise<Holder | null> => {
    const taken = await store.socketTickets.take(digestOfToken(ticket), clock.now());
    return taken === null ? null : { userId: taken.userId, sessionId: taken.familyId };
  };
  const countOpen = await addSockets(server, [ownKind(own), signalKind(signals, books)], {
    ...parts,
    attendance,
    figures,
    holderOfToken,
    holderOfTicket,
    origins: parts.origins ?? [],
  });
  parts.metrics.watch('sockets', () => [{ labels: {}, value: countOpen() }]);
  parts.metrics.watch('socketPushes', () => [
    { labels: { outcome: 'sent' }, value: figures.sent },
    { labels: { outcome: 'superseded' }, value: figures.superseded },
    { labels: { outcome: 'ended_slow' }, value: figures.endedSlow },
  ]);
  server.addHook('onClose', async () => {
    await attendance.close();
    await own.close();
    await signals.close();
    books.close();
  });
}
