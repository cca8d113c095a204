/** What a venue tells of moving one coin: on which networks it lives there, and whether it may be brought and taken away. */
import type { CoinNetwork } from './market-scan.ts';
import type { TokenContract, TransferState } from './signal.ts';

export interface CoinNetworks {
  /** As the venue writes it. */
  readonly coin: string;
  /** Tokens on the networks that have them. Where a venue tells but the end of an address it begins with {@link ADDRESS_END}. */
  readonly contracts: readonly TokenContract[];
  /** Of all of them together. */
  readonly transfer: TransferState;
  readonly networks: readonly CoinNetwork[];
}

/** Stands for what is left out of an address. */
export const ADDRESS_END = '…';
