/**
 * Planted bugs in automatic actions, of orders placed by hand and of bots.
 */
import { ActionChain } from '#app/orders/action-chain.ts';
import { RunActions } from '#core/actions/run-actions.ts';
import { type Mutant, overStore, patched } from './mutant.ts';

export const ACTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'what actions do is not kept with what they did it for',
    wrapStore: (store) => overStore(store, { commit: (commit) => store.commit({ ...commit, actions: [] }) }),
  },
  {
    name: 'a new steward forgets what its actions have out',
    wrapStore: (store) =>
      overStore(store, {
        actions: {
          ...store.actions,
          alive: async (accountId) =>
            (await store.actions.alive(accountId)).map(({ root, actions }) => ({ root, actions: { ...actions, state: { ...actions.state, legs: [] } } })),
        },
      }),
  },
  {
    name: 'actions count what was bought without its fee',
    patch: patched(
      ActionChain.prototype,
      'filled',
      (original) =>
        function (this: ActionChain, order, fill, at) {
          return original.call(this, order, { ...fill, feeAmount: '0' }, at);
        },
    ),
  },
  { name: "a cancel by the user looks like the venue's", patch: patched(ActionChain.prototype, 'isNewCancel', () => () => false) },
  {
    name: 'an execution is booked without its actions',
    patch: patched(
      ActionChain.prototype,
      'filled',
      () =>
        function (this: ActionChain, _order, _fill, at) {
          return { type: 'timeReached', at };
        },
    ),
  },
  {
    name: 'actions take each execution for two',
    patch: patched(
      ActionChain.prototype,
      'draft',
      (original) =>
        function (this: ActionChain, events, nextId) {
          return original.call(this, [...events.filter((event) => event.type === 'legFilled'), ...events], nextId);
        },
    ),
  },
  { name: 'the rules of a bot do not hear that an order is over', patch: patched(RunActions.prototype, 'over', () => () => null) },
];
