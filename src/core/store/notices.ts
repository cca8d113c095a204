/** What is kept of notices: settings and addresses of users, the list in the application, and what is under way to each address. */
import type { FactRecord, NewFact } from '../facts.ts';
import type { ChannelName, NoticeRecord } from '../notices/notice.ts';
import type { NotificationSettings } from '../notices/settings.ts';
import type { Page, PageRequest } from './page.ts';

/** Somewhere a user can be reached: a chat, an address, a browser. */
export interface NoticeTarget {
  readonly id: string;
  readonly userId: string;
  readonly channel: ChannelName;
  /** As the channel takes it; sealed by the vault where whoever has it could write there. */
  readonly address: string;
  /** Tells it apart from others without being it. */
  readonly hint: string;
  /** The same for the same address of a channel. */
  readonly fingerprint: string;
  readonly isOn: boolean;
  /** Why it was switched off; empty while it is on. */
  readonly offReason: string;
  readonly createdAt: number;
}

export type NewNoticeTarget = Omit<NoticeTarget, 'isOn' | 'offReason'>;

/** Whom a fact concerns, as far as telling him is concerned. */
export interface Recipient {
  readonly settings: NotificationSettings;
  /** Those that are on. */
  readonly targets: readonly Pick<NoticeTarget, 'id' | 'channel'>[];
}

/** What becomes of a fact: where it is sent besides the list, and when. */
export interface SpreadPlan {
  readonly fact: FactRecord;
  readonly deliveries: readonly { readonly targetId: string; readonly channel: ChannelName; readonly isGathered: boolean; readonly dueAt: number }[];
}

/** A round of spreading. `notices` are new in their users' lists. */
export interface SpreadRound {
  readonly facts: readonly FactRecord[];
  readonly notices: readonly NoticeRecord[];
  /** Unread notices of the users concerned, counted up to {@link MAX_UNREAD}. */
  readonly unread: ReadonlyMap<string, number>;
}

/** Nobody counts further. */
export const MAX_UNREAD = 1_000;

/** Notices for one address, claimed by one worker, in their order. */
export interface DeliveryBatch {
  readonly target: NoticeTarget;
  readonly settings: NotificationSettings;
  readonly items: readonly { readonly id: string; readonly tries: number; readonly createdAt: number; readonly notice: NoticeRecord }[];
}

export type DeliveryState = 'waiting' | 'sent' | 'dead';

export interface DeliveryRecord {
  readonly id: string;
  readonly userId: string;
  readonly channel: ChannelName;
  readonly hint: string;
  readonly state: DeliveryState;
  readonly tries: number;
  readonly problem: string | null;
  readonly createdAt: number;
  readonly sentAt: number | null;
  readonly notice: NoticeRecord;
}

/** How telling goes on a channel, over the whole installation. */
export interface DeliveryFigures {
  readonly channel: ChannelName;
  readonly waiting: number;
  readonly dead: number;
  /** How long the one that is due longest could have been taken by a worker. */
  readonly oldestDueMs: number;
}

export interface NoticeStore {
  settings(userId: string): Promise<NotificationSettings>;
  putSettings(userId: string, settings: NotificationSettings, at: number): Promise<void>;

  /** All of a user's, the newest first. */
  targets(userId: string): Promise<readonly NoticeTarget[]>;
  /**
   * Adds it, or switches the one with its fingerprint on again with the new address. `full` when the user has `limit` others of the channel,
   * `taken` when a chat belongs to somebody else.
   */
  putTarget(target: NewNoticeTarget, limit: number): Promise<NoticeTarget | 'full' | 'taken'>;
  /** What waits for it is forgotten. `false` when there is none of that id. */
  removeTarget(userId: string, id: string): Promise<boolean>;
  /** The user of a chat or another address of which there is only one; `null` when there is none, or it is off. */
  targetByFingerprint(channel: ChannelName, fingerprint: string): Promise<NoticeTarget | null>;
  /** Ends an address for good: what waits for it is a dead letter, and `fact` tells its user in other ways. Once, however often it is called. */
  switchOff(targetId: string, reason: string, fact: NewFact | null): Promise<void>;

  /**
   * Takes up to `limit` facts nobody has been told of, oldest first, and puts them into the lists and under way as `plan` says, in one
   * transaction and by one worker at a time: each fact once, in its order. `null` while another worker does it.
   */
  spread(limit: number, plan: (facts: readonly FactRecord[], recipients: ReadonlyMap<string, Recipient>) => readonly SpreadPlan[]): Promise<SpreadRound | null>;

  list(userId: string, page: PageRequest, onlyUnread: boolean): Promise<Page<NoticeRecord>>;
  /** Counted up to {@link MAX_UNREAD}. */
  unread(userId: string): Promise<number>;
  /** `false` when there is none of that id. */
  markRead(userId: string, id: string, at: number): Promise<boolean>;
  /** All up to this one, or all there are. Returns how many were unread. */
  markAllRead(userId: string, upTo: string | null, at: number): Promise<number>;

  /** What is due on a channel, for up to `targets` addresses with up to `each` notices; nobody else gets them before `claimMs` are over. */
  claim(channel: ChannelName, targets: number, each: number, claimMs: number): Promise<readonly DeliveryBatch[]>;
  sent(ids: readonly string[]): Promise<void>;
  /** Due again after `pauseMs`. `problem` is `null` for what was not tried; `counts` says whether it is a failed try, and not a peer that asks to wait. */
  later(ids: readonly string[], pauseMs: number, problem: string | null, counts?: boolean): Promise<void>;
  dead(ids: readonly string[], problem: string): Promise<void>;
  /** Of a user, or of everybody for `null`; the newest first. */
  deliveries(userId: string | null, state: DeliveryState | null, page: PageRequest): Promise<Page<DeliveryRecord>>;
  /** Sends a dead letter once more. `null` when there is none of that id, `false` when it is not dead or its address is off. Of anybody for `null`. */
  retry(userId: string | null, id: string): Promise<boolean | null>;

  /** The secret of this name of the installation: the one kept already, or else this one, from now on. */
  keepSecret(name: string, sealed: string): Promise<string>;
}
