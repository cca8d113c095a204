/** By which network a coin goes from one place to another, if by any. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CoinNetwork } from './market-scan.ts';
import { routeOf } from './route.ts';

const on = (chain: string, change: Partial<CoinNetwork> = {}): CoinNetwork => ({ chain, canDeposit: true, canWithdraw: true, withdrawFee: '1', ...change });
const shut = { canDeposit: false, canWithdraw: false };
const way = (out: readonly CoinNetwork[] | undefined, into: readonly CoinNetwork[] | undefined) =>
  routeOf(out === undefined ? {} : { networks: out }, into === undefined ? {} : { networks: into });

it.each<[string, readonly CoinNetwork[] | undefined, readonly CoinNetwork[] | undefined, object]>([
  ['the one that both have', [on('eth'), on('bsc', { withdrawFee: '0.1' })], [on('eth')], { kind: 'open', network: { chain: 'eth', withdrawFee: '1' } }],
  ['the cheapest of several', [on('eth'), on('bsc', { withdrawFee: '0.1' })], [on('eth'), on('bsc')], { kind: 'open', network: { chain: 'bsc' } }],
  ['one of a known fee before one without', [on('eth', { withdrawFee: null }), on('bsc')], [on('eth'), on('bsc')], { network: { chain: 'bsc' } }],
  ['none that lets the coin out', [on('eth', { canWithdraw: false })], [on('eth')], { kind: 'closed' }],
  ['none that lets it in', [on('eth')], [on('eth', { canDeposit: false })], { kind: 'closed' }],
  ['a closed one, with others that lead nowhere', [on('eth'), on('sol', shut)], [on('eth', shut), on('sol')], { kind: 'closed' }],
  ['one that is named otherwise, for all we know', [on('aptos')], [on('apt')], { kind: 'unknown' }],
  ['one whose only open way has a name that the other has shut', [on('eth')], [on('eth', shut), on('apt')], { kind: 'closed' }],
  ['what is not known of one side', undefined, [on('eth')], { kind: 'unknown' }],
  ['what is not known of the other', [on('eth')], undefined, { kind: 'unknown' }],
  ['no network at all', [], [on('eth')], { kind: 'closed' }],
])('goes by %s', (_what, out, into, expected) => {
  expect(way(out, into)).toMatchObject(expected);
});

it('never goes by a network that is closed on either side', () => {
  const network = fc.record({
    chain: fc.constantFrom('a', 'b', 'c'),
    canDeposit: fc.boolean(),
    canWithdraw: fc.boolean(),
    withdrawFee: fc.constantFrom('1', '2', null),
  });
  const networks = fc.uniqueArray(network, { selector: ({ chain }) => chain });
  fc.assert(
    fc.property(networks, networks, (out, into) => {
      const route = way(out, into);
      if (route.kind !== 'open') return;
      expect(route.network.canWithdraw).toBe(true);
      expect(into.find(({ chain }) => chain === route.network.chain)?.canDeposit).toBe(true);
    }),
  );
});
