/** Addresses of users as they are stored: sealed where whoever has one could write there, found again by a fingerprint. */

import type { ChannelName } from '#core/notices/notice.ts';
import type { Vault } from '#core/ports.ts';
import type { NewNoticeTarget, NoticeTarget } from '#core/store/notices.ts';

/** Chats and e-mail addresses are no secrets; everything else is a key to something. */
const OPEN: readonly ChannelName[] = ['telegram', 'email'];

export interface Reach {
  readonly userId: string;
  readonly channel: ChannelName;
  /** As the channel takes it. */
  readonly address: string;
  /** What makes it the same address as another: the address itself, or the part of it that never changes. */
  readonly identity: string;
  readonly hint: string;
}

export function sealTarget(vault: Vault, { userId, channel, address, identity, hint }: Reach, id: string, at: number): NewNoticeTarget {
  const isOpen = OPEN.includes(channel);
  const fingerprint = isOpen ? identity : vault.fingerprint(identity, `notice target ${channel}`);
  const stored = isOpen ? address : vault.seal(address, contextOf({ userId, channel, fingerprint })).sealed;
  return { id, userId, channel, address: stored, hint, fingerprint, createdAt: at };
}

/** Throws PortError `configuration_invalid` when it was sealed with another master key. */
export function openAddress(vault: Vault, target: NoticeTarget): string {
  return OPEN.includes(target.channel) ? target.address : vault.open(target.address, contextOf(target));
}

function contextOf({ userId, channel, fingerprint }: Pick<NoticeTarget, 'userId' | 'channel' | 'fingerprint'>): string {
  return `notice target ${userId} ${channel} ${fingerprint}`;
}
