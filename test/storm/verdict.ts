/** Judges what was told: nothing lost, the list without a duplicate, few in chats, each bot's events in their order, and how long it took. */

import type { Told } from './producer.ts';
import { type Heard, heardBy, MAIL_EVERY, type Town } from './town.ts';

export const MAX_DUPLICATE_SHARE = 0.001;
/** Of fewer events a share says little: there the measure is what a worker that is killed may have in hand, two messages of ten. */
const ENOUGH_FOR_A_SHARE = 50_000;
const IN_HAND = 20;
export const HEALTHY_P95_MS = 2_000;
export const HEALTHY_P99_MS = 5_000;

export interface Verdict {
  readonly violations: readonly string[];
  readonly figures: Readonly<Record<string, number | string>>;
}

/** `told` are all events there were, `kills` how many workers were killed. */
export async function judge(town: Town, users: number, told: Told, kills: number): Promise<Verdict> {
  const violations: string[] = [];
  const counts = { chatLost: 0, chatDoubled: 0, chatHeard: 0, mailLost: 0, mailDoubled: 0, mailHeard: 0, disorder: 0 };
  const byUser = Map.groupBy(told.keys(), (key) => Number(key.split(' ')[0]));
  for (let user = 0; user < users; user += 1) {
    const expected = new Set((byUser.get(user) ?? []).map((key) => key.slice(key.indexOf(' ') + 1)));
    const { chat, mail } = heardBy(town, user);
    const inChat = compare(chat, expected);
    counts.chatLost += inChat.lost;
    counts.chatDoubled += inChat.doubled;
    counts.chatHeard += chat.length;
    counts.disorder += inChat.disorder;
    if (user % MAIL_EVERY !== 0) continue;
    const byMail = compare(mail, expected);
    counts.mailLost += byMail.lost;
    counts.mailDoubled += byMail.doubled;
    counts.mailHeard += mail.length;
    counts.disorder += byMail.disorder;
  }
  const { rows } = await town.pool.query<{ listed: string; different: string }>(
    `select count(*) as listed, count(distinct dedupe_key) as different from notifications where type = 'strategy_note'`,
  );
  const listed = Number(rows[0]?.listed);
  const expect = (isKept: boolean, problem: string): void => void (isKept || violations.push(problem));
  expect(listed === told.size && Number(rows[0]?.different) === told.size, `the list has ${listed} of ${told.size} events`);
  expect(counts.chatLost === 0, `${counts.chatLost} events are missing in chats`);
  expect(counts.mailLost === 0, `${counts.mailLost} events are missing in mails`);
  expect(counts.disorder === 0, `${counts.disorder} events came before an earlier one of their bot`);
  const share = counts.chatDoubled / Math.max(1, told.size);
  const isFew = told.size < ENOUGH_FOR_A_SHARE ? counts.chatDoubled <= kills * IN_HAND : share <= MAX_DUPLICATE_SHARE;
  expect(isFew, `${counts.chatDoubled} events came twice in chats, ${(share * 100).toFixed(3)} %`);
  return { violations, figures: { events: told.size, 'in the list': listed, ...counts, 'doubled in chats, %': (share * 100).toFixed(4) } };
}

/** How long events took from happening to being in the chat; only those told for the first time count. */
export function latencies(town: Town, users: number, told: Told): { readonly p50: number; readonly p95: number; readonly p99: number } {
  const times: number[] = [];
  for (let user = 0; user < users; user += 1) {
    const seen = new Set<string>();
    for (const { bot, event, at } of heardBy(town, user).chat) {
      const happenedAt = told.get(`${user} ${bot} ${event}`);
      if (happenedAt === undefined || seen.has(`${bot} ${event}`)) continue;
      seen.add(`${bot} ${event}`);
      times.push(at - happenedAt);
    }
  }
  times.sort((left, right) => left - right);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.POSITIVE_INFINITY;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function compare(heard: readonly Heard[], expected: ReadonlySet<string>): { readonly lost: number; readonly doubled: number; readonly disorder: number } {
  const seen = new Set<string>();
  const newest = new Map<number, number>();
  let disorder = 0;
  for (const { bot, event } of heard) {
    const key = `${bot} ${event}`;
    if (!seen.has(key) && event < (newest.get(bot) ?? -1)) disorder += 1;
    seen.add(key);
    newest.set(bot, Math.max(event, newest.get(bot) ?? -1));
  }
  const lost = [...expected].filter((key) => !seen.has(key)).length;
  return { lost, doubled: heard.length - seen.size, disorder };
}
