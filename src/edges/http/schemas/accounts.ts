/** Wire shapes of exchange accounts. */
import { z } from 'zod';
import type { AccountRecord } from '#core/store/accounts.ts';
import { decimalOutput, isoTime, keyInput, pageOf, textInput, timeOutput } from './shared-pieces.ts';

export const exchangeInput = z.string().min(1).max(40).describe('Id of the exchange, as listed at `/exchanges`.');

/** Keys as they are given; which are needed depends on the exchange. */
export const keyFields = {
  api_key: keyInput().optional().describe('API key made at the exchange; trading only, without withdrawals. The paper exchange takes none.'),
  api_secret: keyInput().optional().describe('Secret of the API key. Kept encrypted and never returned.'),
  passphrase: keyInput().optional().describe('Passphrase of the API key, where the exchange has one. Kept encrypted and never returned.'),
};

export const NewAccount = z
  .strictObject({ name: textInput(80).describe('Your own name for the account.'), exchange: exchangeInput, ...keyFields })
  .meta({ id: 'NewAccount', description: 'An exchange account to be added.', examples: [{ name: 'My paper account', exchange: 'paper' }] });

export const AccountChange = z
  .strictObject({ name: textInput(80).optional().describe('A new name.'), ...keyFields })
  .meta({ id: 'AccountChange', description: 'What is to change: the name, or the keys (all of them together), or both.', examples: [{ name: 'Savings' }] });

export const Account = z
  .object({
    id: z.string().describe('Id of the account.'),
    name: z.string().describe('Your own name for it.'),
    exchange: z.string().describe('Id of the exchange.'),
    key_hint: z.string().nullable().describe('Last four characters of the API key; `null` where there is none.'),
    created_at: timeOutput.describe('When it was added.'),
  })
  .meta({
    id: 'Account',
    description: 'An exchange account; its keys never leave the server.',
    examples: [
      { id: '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d', name: 'My paper account', exchange: 'paper', key_hint: null, created_at: '2026-11-20T07:00:00.000Z' },
    ],
  });

export const AccountPage = pageOf('AccountPage', Account, 'Exchange accounts, newest first.');

export const KeyTest = z
  .object({
    can_trade: z.boolean().describe('Whether the key may trade.'),
    can_trade_perpetuals: z.boolean().nullable().describe('Whether the key may trade perpetuals; `null` where the exchange has none or grants both together.'),
    can_withdraw: z.boolean().nullable().describe('Whether the key may withdraw; `null` where the exchange does not say.'),
    is_ip_restricted: z.boolean().nullable().describe('Whether the key works from certain addresses only; `null` where the exchange does not say.'),
    latency_ms: z.int().describe('How long the exchange took to answer, in milliseconds.'),
  })
  .meta({
    id: 'KeyTest',
    description: 'What the exchange says of the keys now.',
    examples: [{ can_trade: true, can_trade_perpetuals: null, can_withdraw: false, is_ip_restricted: true, latency_ms: 184 }],
  });

export const BalanceItem = z
  .object({
    asset: z.string().describe('The coin.'),
    free: decimalOutput.describe('Free to be used.'),
    locked: decimalOutput.describe('Bound by open orders.'),
  })
  .meta({ id: 'Balance', description: 'What an account holds of one coin.', examples: [{ asset: 'USDT', free: '9500.25', locked: '499.75' }] });

export const Balances = pageOf('Balances', BalanceItem, 'Everything the account holds, by coin; coins without holdings are left out.');

export function presentAccount(account: AccountRecord): z.output<typeof Account> {
  return { id: account.id, name: account.name, exchange: account.exchange, key_hint: account.keyHint, created_at: isoTime(account.createdAt) };
}
