/** The table of what each venue can do, from what the venues declare, put into the guide between its two marks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import type { DeadMansSwitch } from '#core/account-calls.ts';
import type { Log } from '#core/ports.ts';
import type { Venue } from '#core/venue-ports.ts';

export const GUIDE = 'docs/guides/exchanges.md';
const BEGIN = '<!-- capabilities: made by `npm run generate` from what the venues declare -->';
const END = '<!-- /capabilities -->';

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent };

/** The guide with its table as it should be now. */
export async function exchangesGuide(root: string): Promise<string> {
  const text = readFileSync(join(root, GUIDE), 'utf8');
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`${GUIDE} has lost the marks of its table: ${BEGIN} and ${END}`);
  return `${text.slice(0, before + BEGIN.length)}\n\n${await table()}\n\n${text.slice(after)}`;
}

const COLUMNS: readonly (readonly [title: string, cell: (venue: Venue) => string])[] = [
  ['exchange', ({ title, id }) => `${title} (\`${id}\`)`],
  ['markets', ({ capabilities }) => marketsOf(capabilities)],
  ['orders', ({ capabilities }) => capabilities.orderTypes.map((type) => NAMES[type]).join(', ')],
  ['time in force', ({ capabilities }) => capabilities.timeInForce.join(', ')],
  ['post-only', ({ capabilities }) => yesOrNo(capabilities.postOnly)],
  ['pushes executions', ({ capabilities }) => yesOrNo(capabilities.privateStream)],
  ['cancel all at once', ({ capabilities }) => yesOrNo(capabilities.cancelAll)],
  ["dead man's switch", ({ capabilities }) => switchOf(capabilities.deadMansSwitch)],
];

/** Spot, or both with whether money in one wallet does anything for the other. */
function marketsOf({ markets, walletsApart }: Venue['capabilities']): string {
  return markets.includes('perpetual') ? `spot, USDT perpetuals (${walletsApart ? 'a wallet of their own' : 'one wallet'})` : markets.join(', ');
}

const NAMES = { limit: 'limit', market: 'market', stopLimit: 'stop limit', stopMarket: 'stop market' } as const;

async function table(): Promise<string> {
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const venues = VENUES.map((module) => module.open({ clock: systemClock, ids: randomIds, log: silent, url: null, urls: {}, books }));
  const rows = venues.map((venue) => COLUMNS.map(([, cell]) => cell(venue)));
  await Promise.all(venues.map((venue) => venue.close()));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(COLUMNS.map(([title]) => title)), `|${COLUMNS.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no';
}

function switchOf(found: DeadMansSwitch | null): string {
  if (found === null) return 'no';
  const times = `${found.leastMs / 1000} to ${found.mostMs / 1000} s`;
  return found.kind === 'countdown' ? `counts down, ${times}` : `when our stream is gone, ${times}`;
}
