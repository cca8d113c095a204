/**
 * Lists of coins with their networks that venues show to holders of a key: read-only calls, one for all coins. A coin whose networks cannot be
 * read is left out, so that nothing is known of it; a list of which none can is in another language.
 * @see https://developers.binance.com/docs/wallet/capital
 * @see https://bybit-exchange.github.io/docs/v5/asset/coin-info
 * @see https://www.okx.com/docs-v5/en/#funding-account-rest-api-get-currencies
 * @see https://www.mexc.com/api-docs/spot-v3/wallet-endpoints
 */
import type { DecimalString } from '#core/money.ts';
import { ADDRESS_END, type CoinNetworks } from '#core/signals/coin-networks.ts';
import { amount, flag, orNull, type Row, row, rows, text, UnreadableAnswer } from './_fields.ts';
import { coinNetworks, type NetworkRow } from './_networks.ts';

/** What OKX tells of a contract are its last characters; a whole address is longer than this. */
const LONGEST_END = 12;

/** Binance and MEXC list networks alike, but for where the contract stands and how a network is called. */
export function networkLists(contract: string, chainOf: (network: Row) => string): (body: unknown) => readonly CoinNetworks[] {
  return (body) =>
    readCoins(rows(body), (coin) =>
      coinNetworks(
        text(coin, 'coin'),
        rows(coin['networkList']).map((network) => ({
          chain: chainOf(network),
          contract: addressIn(network, contract),
          canDeposit: flag(network, 'depositEnable'),
          canWithdraw: flag(network, 'withdrawEnable'),
          withdrawFee: feeIn(network, 'withdrawFee'),
        })),
      ),
    );
}

export function bybitCoins(body: unknown): readonly CoinNetworks[] {
  return readCoins(rows(row(row(body)['result'])['rows']), (coin) =>
    coinNetworks(
      text(coin, 'coin'),
      rows(coin['chains']).map((chain): NetworkRow => {
        const withdrawFee = orNull(chain, 'withdrawPercentageFee') === null ? feeIn(chain, 'withdrawFee') : null;
        // Without a fee the coin cannot be withdrawn there at all.
        const canWithdraw = isOne(chain, 'chainWithdraw') && chain['withdrawFee'] !== '';
        return {
          chain: text(chain, 'chain'),
          contract: addressIn(chain, 'contractAddress'),
          canDeposit: isOne(chain, 'chainDeposit'),
          canWithdraw,
          withdrawFee,
        };
      }),
    ),
  );
}

/** A line for each network, named by coin and network together. */
export function okxCoins(body: unknown): readonly CoinNetworks[] {
  const lines = rows(row(body)['data']);
  const byCoin = Map.groupBy(lines, (line) => line['ccy']);
  return readCoins([...byCoin.keys()], (ccy) => {
    const [first] = byCoin.get(ccy) ?? [];
    const coin = text(first ?? {}, 'ccy');
    return coinNetworks(
      coin,
      (byCoin.get(ccy) ?? []).map((line): NetworkRow => {
        const end = addressIn(line, 'ctAddr');
        return {
          chain: text(line, 'chain').slice(coin.length + 1),
          contract: end === '' || end.length > LONGEST_END ? end : `${ADDRESS_END}${end}`,
          canDeposit: flag(line, 'canDep'),
          canWithdraw: flag(line, 'canWd'),
          withdrawFee: orNull(line, 'burningFeeRate') === null ? feeIn(line, 'fee') : null,
        };
      }),
    );
  });
}

function readCoins<Listed>(listed: readonly Listed[], read: (coin: Listed) => CoinNetworks): readonly CoinNetworks[] {
  let unread: UnreadableAnswer | null = null;
  const found = listed.flatMap((coin) => {
    try {
      return [read(coin)];
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      unread = error;
      return [];
    }
  });
  if (found.length === 0) throw unread ?? new UnreadableAnswer('it lists no coins');
  return found;
}

/** Left out, empty or `null` where the coin is the network's own. */
function addressIn(from: Row, field: string): string {
  const value = from[field];
  return typeof value === 'string' ? value.trim() : '';
}

/** Zero is a fee; nothing is not known. */
function feeIn(from: Row, field: string): DecimalString | null {
  const value = from[field];
  return value === undefined || value === null || value === '' ? null : amount(from, field);
}

function isOne(from: Row, field: string): boolean {
  const value = text(from, field);
  if (value !== '0' && value !== '1') throw new UnreadableAnswer(`${field} is neither 0 nor 1`);
  return value === '1';
}
