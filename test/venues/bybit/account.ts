/** Bybit's private answers about an account: its coins, its kind, its fees, and what a key may do. */
import type { World } from '../_world.ts';
import type { Call } from './call.ts';
import { positionMarginOf } from './linear.ts';
import { needKind, symbolOf } from './market-data.ts';
import { wrongParameter } from './refusals.ts';
import { symbolId, walletShape } from './shapes.ts';

export function walletBalance({ world, key, parameters }: Call): unknown {
  if (parameters.need('accountType') !== 'UNIFIED') throw wrongParameter('accountType only support UNIFIED.');
  const named = parameters.get('coin')?.split(',');
  const held = world.exchange.balances(key.account).filter(({ asset, free, locked }) => named?.includes(asset) ?? (free !== '0' || locked !== '0'));
  return { list: [walletShape(held, positionMarginOf(world, key.account))] };
}

export function queryApi({ world, key }: Call): unknown {
  return {
    id: '1',
    note: 'simulated',
    apiKey: key.apiKey,
    readOnly: key.canTrade ? 0 : 1,
    secret: '',
    permissions: {
      ContractTrade: key.canTrade && key.canTradePerpetuals !== false ? ['Order', 'Position'] : [],
      Spot: ['SpotTrade'],
      Wallet: key.canWithdraw ? ['AccountTransfer', 'Withdraw'] : [],
      Options: [],
      Derivatives: [],
      CopyTrading: [],
      BlockTrade: [],
      Exchange: [],
      NFT: [],
    },
    ips: key.isIpRestricted ? ['127.0.0.1'] : ['*'],
    type: 1,
    deadlineDay: 83,
    expiredAt: new Date(world.now() + 83 * 86_400_000).toISOString(),
    createdAt: new Date(world.now() - 86_400_000).toISOString(),
    unified: 0,
    uta: 1,
    userID: 1,
    inviterID: 0,
    vipLevel: 'No VIP',
    isMaster: true,
    parentUid: '0',
  };
}

export function accountInfo({ world, key, settings }: Call): unknown {
  return {
    marginMode: settings.isolated.has(key.account) ? 'ISOLATED_MARGIN' : 'REGULAR_MARGIN',
    updatedTime: String(world.now()),
    unifiedMarginStatus: 6,
    dcpStatus: 'OFF',
    timeWindow: 10,
    smpGroup: 0,
    isMasterTrader: false,
    spotHedgingStatus: 'OFF',
  };
}

export function feeRate({ world, parameters }: Call): unknown {
  const named = parameters.get('symbol');
  const kind = needKind(parameters);
  const symbols = named === null ? world.symbolsOf(kind) : [symbolOf(world, named, kind)];
  return {
    list: symbols.map((symbol) => {
      const { takerFeeRate, makerFeeRate } = world.scale(symbol).instrument;
      return { symbol: symbolId(symbol), takerFeeRate, makerFeeRate };
    }),
  };
}

export function coins({ world }: Call): unknown {
  const rows = assetsOf(world).map((coin) => {
    const limits = { depositMin: '0', withdrawMin: '0.001', minAccuracy: '8', withdrawPercentageFee: '0', confirmation: '1', safeConfirmNumber: '1' };
    return {
      name: coin,
      coin,
      remainAmount: '1000',
      chains: world.networksOf(coin).map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
        ...{ chainType: chain, chain, chainDeposit: canDeposit ? '1' : '0', chainWithdraw: canWithdraw ? '1' : '0' },
        ...{ withdrawFee: canWithdraw ? fee : '', contractAddress: contract, ...limits },
      })),
    };
  });
  return { rows };
}

function assetsOf(world: World): readonly string[] {
  return [...new Set(world.symbolsOf('spot').flatMap((symbol) => symbol.split('/')))];
}
