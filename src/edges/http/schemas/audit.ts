/** Wire shapes of the audit log. */
import { z } from 'zod';
import { AUDIT_ACTIONS, type AuditEntry } from '#core/audit.ts';
import { isoTime, pageOf, timeOutput } from './shared-pieces.ts';

const AuditItem = z
  .object({
    id: z.string().describe('Number of the entry.'),
    at: timeOutput.describe('When it was done.'),
    actor: z
      .object({
        user_id: z.string().nullable().describe('The user; `null` for somebody who was not logged in.'),
        address: z.string().nullable().describe('Network address that the request came from.'),
      })
      .nullable()
      .describe('Who did it; `null` for the operator at the command line and for the server itself.'),
    action: z.enum(AUDIT_ACTIONS).describe('What was done.'),
    subject: z
      .object({
        kind: z.enum(['user', 'account', 'bot', 'installation', 'job', 'redeem_code', 'signal']).describe('What kind of thing it was done to.'),
        id: z.string().describe('Id of the thing; empty for the installation.'),
      })
      .describe('What it was done to.'),
    owner_id: z.string().nullable().describe('Whose thing that is; `null` for what is the installation’s.'),
    details: z.record(z.string(), z.unknown()).describe('More about it. Never a secret.'),
  })
  .meta({
    id: 'AuditEntry',
    description: 'Something that was done.',
    examples: [
      {
        id: '42',
        at: '2026-11-20T08:00:00.000Z',
        actor: { user_id: '0198f5a3-0a1b-7c33-9b1e-bbbb1d2b3c4d', address: '203.0.113.7' },
        action: 'bot_wanted',
        subject: { kind: 'bot', id: '0198f5a4-2c1c-7c33-9b1e-cccc1d2b3c4d' },
        owner_id: '0198f5a3-0a1b-7c33-9b1e-bbbb1d2b3c4d',
        details: { desired: 'running' },
      },
    ],
  });

export const AuditPage = pageOf('AuditPage', AuditItem, 'What was done, the newest first.');

export function presentEntry({ id, at, actor, action, subject, ownerId, details }: AuditEntry): z.output<typeof AuditItem> {
  return {
    id,
    at: isoTime(at),
    actor: actor === null ? null : { user_id: actor.userId, address: actor.address },
    action,
    subject: { ...subject },
    owner_id: ownerId,
    details: { ...details },
  };
}
