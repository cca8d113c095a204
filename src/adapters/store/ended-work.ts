/** Facts of users' backtests, checks and searches that have ended: written with the end itself, so that each is told once. */
import type { FactType } from '#core/facts.ts';
import type { Session } from './database.ts';
import { insertFacts } from './facts.ts';

/** What a statement that ends one gives back of it. */
export const ENDED_COLUMNS = 'user_id as "userId", name, settings';

export interface EndedWork {
  readonly userId: string;
  readonly name?: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface WorkEnd {
  readonly id: string;
  readonly at: number;
  /** `null` where it came to its end. */
  readonly failure: string | null;
  /** What is told of its end; `null` where only a failure is. */
  readonly type: FactType | null;
  readonly title: { readonly en: string; readonly ru: string };
}

export async function tellEnd(session: Session, { userId, name, settings }: EndedWork, { id, at, failure, type, title }: WorkEnd): Promise<void> {
  const told = failure === null ? type : 'job_failed';
  if (told === null) return;
  const { strategy = null, symbol = null } = settings;
  const data = failure === null ? { name: name ?? null, strategy, symbol } : { title_en: title.en, title_ru: title.ru, reason: failure };
  await insertFacts(session, [{ dedupeKey: `${id}:ended`, userId, botId: null, type: told, data, at }]);
}
