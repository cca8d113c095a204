/** Networks of coins in our words, whichever venue tells of them. */
import { type DecimalString, decimal } from '#core/money.ts';
import { chainName } from '#core/signals/chains.ts';
import type { CoinNetworks } from '#core/signals/coin-networks.ts';

/** One network of a coin as a venue tells it. */
export interface NetworkRow {
  /** In the venue's words. */
  readonly chain: string;
  /** Empty for the coin of the network itself. */
  readonly contract: string;
  readonly canDeposit: boolean;
  readonly canWithdraw: boolean;
  /** In the coin; `null` where it is not told, or is a share of what is moved. */
  readonly withdrawFee: DecimalString | null;
}

/** A coin can be moved where one of its networks is open, and costs what the cheapest of these takes. */
export function coinNetworks(coin: string, networks: readonly NetworkRow[]): CoinNetworks {
  const leaving = networks.filter(({ canWithdraw }) => canWithdraw);
  const [cheapest = null] = leaving.flatMap(({ withdrawFee }) => withdrawFee ?? []).toSorted((one, other) => decimal(one).cmp(other));
  return {
    coin,
    contracts: networks.flatMap(({ chain, contract }) => (contract === '' ? [] : [{ chain: chainName(chain), address: contract }])),
    networks: networks.map(({ contract: _address, chain, ...state }) => ({ ...state, chain: chainName(chain) })),
    transfer: { canDeposit: networks.some(({ canDeposit }) => canDeposit), canWithdraw: leaving.length > 0, withdrawFee: cheapest, note: '' },
  };
}
