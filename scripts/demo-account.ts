/** The account the demo made at a server, remembered for its next run: later registrations may be closed, and the first user owns the installation. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const FILE = join(dirname(import.meta.dirname), 'data', 'demo-accounts.json');
const Accounts = z.record(z.string(), z.object({ email: z.string(), password: z.string() }));

export type DemoAccount = z.infer<typeof Accounts>[string];

export function newAccount(): DemoAccount {
  return { email: `demo-${randomBytes(4).toString('hex')}@example.org`, password: randomBytes(12).toString('base64url') };
}

/** The account of an earlier run at this address, or `null`. */
export function rememberedAccount(url: string): DemoAccount | null {
  return readAll()[url] ?? null;
}

export function remember(url: string, account: DemoAccount): void {
  mkdirSync(dirname(FILE), { recursive: true, mode: 0o700 });
  writeFileSync(FILE, `${JSON.stringify({ ...readAll(), [url]: account }, null, 2)}\n`, { mode: 0o600 });
}

function readAll(): z.infer<typeof Accounts> {
  if (!existsSync(FILE)) return {};
  const parsed = Accounts.safeParse(JSON.parse(readFileSync(FILE, 'utf8')));
  return parsed.success ? parsed.data : {};
}
