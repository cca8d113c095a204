/** The index of live orders is a map that keeps its sequence, however many come and go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientOrderIds } from '../client-order-id.ts';
import { OrderIndex } from './order-index.ts';

interface Entry {
  readonly clientOrderId: string;
}

describe('the index of live orders', () => {
  it('holds what a map would hold, oldest first', () => {
    // Ids with equal ends, and so many of them that places are shared and the table grows.
    const id = fc.oneof(
      fc.integer({ min: 0, max: 60 }).map((number) => `${number}abcdef`),
      fc.integer({ min: 0, max: 60 }).map(String),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ id, isAdded: fc.boolean() }), { maxLength: 300 }), (steps) => {
        const index = new OrderIndex<Entry>();
        const model = new Map<string, Entry>();
        for (const { id: clientOrderId, isAdded } of steps) {
          const known = model.get(clientOrderId);
          if (isAdded && known === undefined) {
            const entry = { clientOrderId };
            index.add(entry);
            model.set(clientOrderId, entry);
          } else if (!isAdded) {
            expect(index.remove(known ?? { clientOrderId })).toBe(model.delete(clientOrderId));
          }
          expect(index.get(clientOrderId)).toBe(model.get(clientOrderId));
        }
        expect([[...index.keys()], [...index.values()], index.size]).toEqual([[...model.keys()], [...model.values()], model.size]);
        for (const [key, entry] of model) expect(index.get(key)).toBe(entry);
      }),
    );
  });

  it('finds an order of ours by an id that came back from outside, whatever was looked for in between', () => {
    const ids = new ClientOrderIds({ installation: 7, kind: 'bot', number: 12 });
    const index = new OrderIndex<Entry>();
    const entries = Array.from({ length: 2_000 }, (_, sequence) => ({ clientOrderId: ids.of(3, sequence) }));
    for (const entry of entries) index.add(entry);
    // Each of these is placed right after it was made, when how it ends is known without reading it.
    const fresh = entries.map((_, sequence) => {
      const entry = { clientOrderId: ids.of(4, sequence) };
      index.add(entry);
      return entry;
    });
    const fromOutside = (id: string) => JSON.parse(JSON.stringify(id)) as string;
    for (const entry of [...fresh, ...entries].reverse()) expect(index.get(fromOutside(entry.clientOrderId))).toBe(entry);
  });

  it('does not take another order of the same id for the one it holds', () => {
    const index = new OrderIndex<Entry>([{ clientOrderId: 'a' }]);
    expect([index.remove({ clientOrderId: 'a' }), index.has('a'), index.has('')]).toEqual([false, true, false]);
  });
});
