/** Tickets that open one socket each: used up by being taken, whichever process made them. */
import type { Store } from '#core/store/store.ts';
import type { Database } from './database.ts';

const FORGET = { name: 'forget_socket_tickets', text: 'delete from socket_tickets where expires_at <= $1' };
const INSERT = { name: 'insert_socket_ticket', text: 'insert into socket_tickets (token_hash, user_id, family_id, expires_at) values ($1, $2, $3, $4)' };
const TAKE = {
  name: 'take_socket_ticket',
  text: 'delete from socket_tickets where token_hash = $1 returning user_id as "userId", family_id as "familyId", expires_at as "expiresAt"',
};

export function socketTicketsOf(database: Database): Store['socketTickets'] {
  return {
    insert: ({ tokenHash, userId, familyId, expiresAt }, at) =>
      database.transaction(async (session) => {
        await session.write(FORGET, [at]);
        await session.write(INSERT, [tokenHash, userId, familyId, expiresAt]);
      }),
    take: async (tokenHash, at) => {
      const ticket = await database.row<{ userId: string; familyId: string; expiresAt: number }>(TAKE, [tokenHash]);
      return ticket === null || ticket.expiresAt <= at ? null : { userId: ticket.userId, familyId: ticket.familyId };
    },
  };
}
