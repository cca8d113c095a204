/** Whether two listings of one ticker are the same coin, and what says so. A price tells nothing: the largest spreads are other tokens. */
import { ADDRESS_END } from './coin-networks.ts';
import type { IdentityEvidence, SignalIdentity, TokenContract } from './signal.ts';

/** Indices this near to each other, as the share of the lower, are of one coin. */
export const SAME_INDEX = 0.05;
/** So far apart they are of two, or of another multiple of one. */
export const OTHER_INDEX = 0.3;

export interface IdentityLeg {
  readonly name: string;
  readonly contracts: readonly TokenContract[];
  /** What the venue takes for the price elsewhere; of spot and pools their own price; `null` where there is none. */
  readonly referencePrice: number | null;
  /** Whether it is an index, made of several markets, and not one market's own price. */
  readonly isIndex: boolean;
}

/** Contracts decide before prices do. */
export function identityOf(one: IdentityLeg, other: IdentityLeg): SignalIdentity {
  const byContract = compareContracts(one, other);
  const byIndex = compareIndices(one, other);
  const evidence = [byContract, byIndex];
  const has = (kind: IdentityEvidence['kind']): boolean => evidence.some((each) => each.kind === kind);
  if (has('other_contract') || has('other_index')) return { status: 'conflict', evidence };
  if (has('same_contract')) return { status: DOUBTS.some((doubt) => byContract.detail.endsWith(doubt)) ? 'likely' : 'proven', evidence };
  return { status: has('same_index') ? 'likely' : 'unknown', evidence };
}

const WITHOUT_CHAIN = '(chain not named)';
const BY_ITS_END = '(only the end is told)';
const DOUBTS = [WITHOUT_CHAIN, BY_ITS_END] as const;

function compareContracts(one: IdentityLeg, other: IdentityLeg): IdentityEvidence {
  const lacking = [one, other].find(({ contracts }) => contracts.length === 0);
  if (lacking !== undefined) return { kind: 'no_contract', detail: `${lacking.name} names no contract` };
  const pairs = one.contracts.flatMap((mine) => other.contracts.map((theirs) => ({ mine, theirs })));
  const same = pairs.find(({ mine, theirs }) => isSameAddress(mine, theirs) && mine.chain === theirs.chain && mine.chain !== '');
  if (same !== undefined) {
    const whole = [same.mine, same.theirs].every(({ address }) => !address.startsWith(ADDRESS_END));
    return { kind: 'same_contract', detail: `${same.mine.chain} ${same.mine.address}${whole ? '' : ` ${BY_ITS_END}`}` };
  }
  const alike = pairs.find(({ mine, theirs }) => isSameAddress(mine, theirs) && (mine.chain === '' || theirs.chain === ''));
  if (alike !== undefined) return { kind: 'same_contract', detail: `${alike.mine.address} ${WITHOUT_CHAIN}` };
  const clash = pairs.find(({ mine, theirs }) => mine.chain === theirs.chain || isAlone(mine, one) || isAlone(theirs, other));
  if (clash === undefined) return { kind: 'no_contract', detail: 'no chain that both name' };
  const { mine, theirs } = clash;
  return { kind: 'other_contract', detail: `${one.name}: ${mine.chain} ${mine.address}; ${other.name}: ${theirs.chain} ${theirs.address}` };
}

/** An address without a chain that is the only one a place names, and has not the form of the other's: another token for all we know. */
function isAlone({ chain }: TokenContract, leg: IdentityLeg): boolean {
  return chain === '' && leg.contracts.length === 1;
}

/** Addresses in hexadecimal are written with capitals as a check, or without; of some only the end is told. */
function isSameAddress({ address: one }: TokenContract, { address: other }: TokenContract): boolean {
  if (one.startsWith(ADDRESS_END)) return endsLike(other, one.slice(ADDRESS_END.length));
  if (other.startsWith(ADDRESS_END)) return endsLike(one, other.slice(ADDRESS_END.length));
  return one === other || (isHexadecimal(one) && one.toLowerCase() === other.toLowerCase());
}

function endsLike(address: string, end: string): boolean {
  return address.endsWith(end) || (isHexadecimal(address) && address.toLowerCase().endsWith(end.toLowerCase()));
}

function isHexadecimal(address: string): boolean {
  return /^0x/i.test(address);
}

function compareIndices(one: IdentityLeg, other: IdentityLeg): IdentityEvidence {
  const [first, second] = [one.referencePrice, other.referencePrice];
  if (first === null || second === null || !(one.isIndex || other.isIndex)) return { kind: 'no_index', detail: 'no index to compare with' };
  const apart = Math.max(first, second) / Math.min(first, second) - 1;
  const detail = `${one.name} ${first.toPrecision(6)}, ${other.name} ${second.toPrecision(6)}`;
  if (apart > OTHER_INDEX) return { kind: 'other_index', detail };
  return apart <= SAME_INDEX ? { kind: 'same_index', detail } : { kind: 'no_index', detail: `${detail}: neither near nor far` };
}
