/** How the server is, on the wire. */
import { z } from 'zod';

const CheckStatus = z.enum(['ok', 'degraded', 'unavailable']).describe('`degraded`: it works, and somebody should look. `unavailable`: it does not work.');

export const Health = z
  .object({
    status: CheckStatus.describe('`ok` when every check is; `unavailable` when the server cannot serve; `degraded` otherwise.'),
    version: z.string().describe('Version of the server.'),
    uptime_seconds: z.int().describe('Seconds since the start.'),
    checks: z.record(z.string(), CheckStatus).describe('What was looked at just now, by name.'),
    details: z
      .array(
        z.object({
          name: z.string().describe('Name of the check.'),
          status: CheckStatus,
          detail: z.string().describe('What is amiss, in words.'),
          took_ms: z.number().describe('How long the look took.'),
          figures: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).describe('What the verdict rests on.'),
        }),
      )
      .optional()
      .describe('The figures behind the checks; for whoever operates the installation.'),
  })
  .meta({
    id: 'Health',
    description: 'How the server is.',
    examples: [{ status: 'ok', version: '0.1.0', uptime_seconds: 42, checks: { database: 'ok', disk: 'ok', venues: 'ok' } }],
  });

export const Liveness = z
  .object({ status: z.literal('ok').describe('The process answers.') })
  .meta({ id: 'Liveness', description: 'The process is alive.', examples: [{ status: 'ok' }] });
