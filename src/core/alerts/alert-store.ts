/** Where alerts are kept: types only. */
import type { NewFact } from '../facts.ts';
import type { Page, PageRequest } from '../store/page.ts';
import type { AlertCondition, AlertStanding } from './alert.ts';

/** Alerts of one user. */
export const MAX_ALERTS = 100;

export interface AlertRecord extends AlertStanding {
  readonly id: string;
  readonly userId: string;
  readonly condition: AlertCondition;
  /** What the user calls it; empty for nothing. */
  readonly note: string;
  /** Whether it goes on after it has spoken. */
  readonly repeats: boolean;
  /** The least time between two tellings. */
  readonly cooldownMs: number;
  readonly isOn: boolean;
  /** How often it has spoken. */
  readonly timesTriggered: number;
  readonly createdAt: number;
  /** When its user changed it last; whoever watches it begins anew then. */
  readonly changedAt: number;
}

export type NewAlert = Pick<AlertRecord, 'id' | 'userId' | 'condition' | 'note' | 'repeats' | 'cooldownMs'> & { readonly at: number };
export type AlertChange = Partial<Pick<AlertRecord, 'condition' | 'note' | 'repeats' | 'cooldownMs' | 'isOn'>> & { readonly at: number };

export interface AlertStore {
  /** `full` at {@link MAX_ALERTS}. */
  create(alert: NewAlert): Promise<AlertRecord | 'full'>;
  list(userId: string, page: PageRequest): Promise<Page<AlertRecord>>;
  get(userId: string, id: string): Promise<AlertRecord | null>;
  /** Arms it anew and makes it forget what it has seen. `null` when missing. */
  change(userId: string, id: string, change: AlertChange): Promise<AlertRecord | null>;
  /** `false` when missing. */
  remove(userId: string, id: string): Promise<boolean>;
  /** All that are on, of everybody. Not reachable by users. */
  active(): Promise<readonly AlertRecord[]>;
  /** Notes how it stands, unless its user has changed it meanwhile. */
  note(seen: Pick<AlertRecord, 'id' | 'changedAt'>, standing: AlertStanding): Promise<void>;
  /**
   * It has come true: notes how it stands, switches it off unless it repeats, and writes the fact, all of it or nothing. `false`, and nothing,
   * when its user has changed it or somebody else has told it already.
   */
  trigger(seen: Pick<AlertRecord, 'id' | 'changedAt' | 'timesTriggered'>, standing: AlertStanding, fact: NewFact): Promise<boolean>;
}
