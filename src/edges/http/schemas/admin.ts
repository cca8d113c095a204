/** What the owner reads and sets, on the wire. */
import { z } from 'zod';
import { textInput } from './shared-pieces.ts';

export const TradingItem = z
  .object({
    mode: z.enum(['trading', 'observe_only']).describe('`observe_only`: no bot runs and nothing is sent to an exchange.'),
    since: z.iso.datetime().nullable().describe('Since when it observes only.'),
    reason: z.string().nullable().describe('Why it observes only.'),
  })
  .meta({ id: 'Trading', description: 'Whether the installation trades.', examples: [{ mode: 'trading', since: null, reason: null }] });

export const ObserveWish = z
  .strictObject({ reason: textInput(200).default('set by the owner').describe('Why; shown to everybody who asks why nothing trades.') })
  .meta({ id: 'ObserveWish', description: 'To send no orders from now on.', examples: [{ reason: 'moving to another server' }] });

export const LogLevelItem = z
  .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).describe('The least important lines that are written.') })
  .meta({ id: 'LogLevel', description: 'How much is logged.', examples: [{ level: 'debug' }] });
