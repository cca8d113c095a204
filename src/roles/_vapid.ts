/** The key by which push services know this installation: made at the first start of any of its processes and kept, sealed, for all of them. */
import type { VapidKeys } from '#adapters/channels/browser.ts';
import type { Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';

const NAME = 'vapid';
const CONTEXT = 'installation vapid key';

/** PortError `configuration_invalid` when it was sealed with another master key. */
export async function openVapid({ store, vault }: { readonly store: Pick<Store, 'notices'>; readonly vault: Vault }): Promise<VapidKeys> {
  const { makeVapidKeys } = await import('#adapters/channels/browser.ts');
  const kept = await store.notices.keepSecret(NAME, vault.seal(JSON.stringify(makeVapidKeys()), CONTEXT).sealed);
  return JSON.parse(vault.open(kept, CONTEXT)) as VapidKeys;
}
