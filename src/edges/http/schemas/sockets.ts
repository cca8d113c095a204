/** Wire shapes around sockets; what goes over them stands in the guide. */
import { z } from 'zod';
import { timeOutput } from './shared-pieces.ts';

export const SocketTicket = z
  .object({
    ticket: z.string().describe('Give it as `ticket` in the address of the socket.'),
    expires_at: timeOutput.describe('Until when it opens one.'),
  })
  .meta({
    id: 'SocketTicket',
    description: 'Opens one socket.',
    examples: [{ ticket: 'Zk0q3v7y2mJx5u8rB1nC4tD6wE9aF_hGiKlMoPqRsTs', expires_at: '2026-11-20T07:00:30.000Z' }],
  });
