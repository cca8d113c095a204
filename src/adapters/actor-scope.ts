/** The ActorScope port on Node's asynchronous contexts: what a request begins, however many steps later, is its actor's. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor, ActorScope } from '#core/audit.ts';

export function asyncActorScope(): ActorScope {
  const storage = new AsyncLocalStorage<Actor>();
  return { run: (actor, work) => storage.run(actor, work), current: () => storage.getStore() ?? null };
}
