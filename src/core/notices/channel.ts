/** The port of a channel: one file in `adapters/channels` for each way in which a message leaves. */
import type { ChannelName, Message } from './notice.ts';

/** What came of an attempt. Only what is certain not to help is `refused` or `gone`. */
export type SendOutcome =
  | { readonly outcome: 'sent' }
  /** This message will never be taken; others may be. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** The address is no more: nothing is sent there again until its user sets it anew. */
  | { readonly outcome: 'gone'; readonly reason: string }
  /** Worth another try. `channel`: nobody can be reached that way at present. It may have arrived all the same. */
  | { readonly outcome: 'later'; readonly reason: string; readonly scope: 'target' | 'channel'; readonly retryAfterMs: number | null };

/** How a channel wants to be used. */
export interface ChannelPace {
  /** Messages of this process in a second. */
  readonly perSecond: number;
  /** Between two messages to the same address. */
  readonly perTargetMs: number;
  /**
   * Messages that are being sent, or whose end is not noted yet, at once: when a worker dies these may go out a second time, so where a person
   * reads them they are few.
   */
  readonly atOnce: number;
  /** How many notices that wait for the same address go in one message; 1 for a channel that is read by programs. */
  readonly gathers: number;
}

export interface Channel {
  readonly name: ChannelName;
  readonly pace: ChannelPace;
  /** Never throws and settles within {@link SEND_PATIENCE_MS}. `address` is as the target was stored, opened where it was sealed. */
  send(address: string, message: Message): Promise<SendOutcome>;
  close(): Promise<void>;
}

/** No peer is waited for longer. */
export const SEND_PATIENCE_MS = 10_000;
