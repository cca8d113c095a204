/**
 * OKX's perpetuals margined in USDT: sizes are contracts there, and whether a position is isolated or shares the wallet is each
 * order's own word, with a leverage for either. The account must hold one signed position an instrument (net mode).
 * @see https://www.okx.com/docs-v5/en/#trading-account-rest-api
 */
import { PortError } from '#core/errors.ts';
import type { FundingPayment, MarginMode, VenuePosition } from '#core/perpetual-ports.ts';
import type { CcxtDialect } from './_dialect.ts';
import { amount, type Row, text, UnreadableAnswer } from './_fields.ts';
import { ACCOUNT_CONFIG, OKX_CAPABILITIES, okxCommon, placeAsk } from './_okx-both-markets.ts';
import { errorOf } from './_okx-codes.ts';
import { Contracts, marketId } from './_okx-kind.ts';
import { all } from './_okx-lists.ts';
import { checkMode, isUsdtSwap, readContracts, readFundingRate, readPayment, readPerpetualFeeRates, readPosition } from './_okx-perpetual-rows.ts';
import { dataOf, theRow } from './_okx-rows.ts';
import type { HeldTerms, PerpetualDialect } from './_perpetual-dialect.ts';
import type { Answered, Ask, Asking, Failure } from './_request.ts';

const DAY_MS = 86_400_000;
/** The quick list of bills reaches back seven days; the slow one overlaps it, so that nothing falls between. */
const RECENT_MS = 7 * DAY_MS;
const OVERLAP_MS = DAY_MS / 2;
const FUNDING = '8';

/** What the venue calls reasons not to change a leverage. */
const TOO_HIGH: ReadonlySet<number | null> = new Set([59102, 59105, 59106]);
const TOO_LITTLE_MARGIN: ReadonlySet<number | null> = new Set([59103, 59104, 59108]);

export function okxPerpetual(): CcxtDialect {
  const contracts = new Contracts();
  const common = okxCommon(contracts);
  const readInstruments = (body: unknown) => {
    const found = readContracts(dataOf(body), []);
    contracts.learn(found);
    return found;
  };
  return {
    ...common,
    capabilities: { ...OKX_CAPABILITIES, markets: ['perpetual'] },
    readInstruments,
    listInstruments: async (ask) => {
      // The list of instruments does not say how often funding is settled.
      const listed = dataOf(await ask(common.instruments));
      const rates = dataOf(await ask({ endpoint: 'publicGetPublicFundingRate', params: { instId: 'ANY' }, weight: 3 }));
      const found = readContracts(listed, rates);
      contracts.learn(found);
      return found;
    },
    knowsInstruments: () => contracts.isKnown,
    refuse: (order) => contracts.refuse(order),
    place: (order) =>
      placeAsk(order, {
        size: contracts.inContracts(order.symbol, order.size),
        params: { tdMode: order.marginMode ?? 'cross', ...(order.reduceOnly ? { reduceOnly: true } : {}) },
        marketParams: {},
      }),
    feeRates: {
      ask: (symbol) => ({
        endpoint: 'privateGetAccountTradeFee',
        params: { instType: 'SWAP', instFamily: marketId(symbol).replace(/-SWAP$/, '') },
        weight: 0,
        accountWeight: 16,
      }),
      read: readPerpetualFeeRates,
    },
    perpetual: perpetualCalls(contracts),
  };
}

function perpetualCalls(contracts: Contracts): PerpetualDialect {
  return {
    ordersCarryMode: true,
    fundingRate: async (ask, symbol) => {
      const instId = marketId(symbol);
      const rate = await ask({ endpoint: 'publicGetPublicFundingRate', params: { instId }, weight: 3 });
      const mark = await ask({ endpoint: 'publicGetPublicMarkPrice', params: { instType: 'SWAP', instId }, weight: 5 });
      const index = await ask({ endpoint: 'publicGetMarketIndexTickers', params: { instId: instId.replace(/-SWAP$/, '') }, weight: 3 });
      return readFundingRate(theRow(rate), theRow(mark), theRow(index));
    },
    accountMode: { ask: ACCOUNT_CONFIG, check: checkMode },
    positions: (ask) => positions(ask, contracts),
    terms: async (ask, symbol, wanted) => {
      const marginMode = (await modeInUse(ask, symbol)) ?? wanted ?? 'cross';
      return { marginMode, leverage: await leverageOf(ask, symbol, marginMode) };
    },
    changeTerms: (_ask, symbol, held, wanted) => Promise.resolve(changeTerms(symbol, held, wanted)),
    refusedTerms,
    fundingSince: (ask, symbol, since, now) => fundingSince(ask, symbol, since, now),
  };
}

const POSITIONS: Ask = { endpoint: 'privateGetAccountPositions', params: { instType: 'SWAP' }, weight: 0, accountWeight: 5 };

/** Contracts that are margined in anything but USDT are none of ours. */
async function heldRows(ask: Asking, params: Ask['params']): Promise<readonly Row[]> {
  const listed = dataOf(await ask({ ...POSITIONS, params: { ...POSITIONS.params, ...params } }));
  return listed.filter((held) => isUsdtSwap(text(held, 'instId')) && held['pos'] !== '' && amount(held, 'pos') !== '0');
}

async function positions(ask: Asking, contracts: Contracts): Promise<readonly VenuePosition[]> {
  const found = (await heldRows(ask, {})).map((held) => readPosition(contracts, held));
  const twice = found.find(({ symbol }, index) => found.findIndex((other) => other.symbol === symbol) !== index);
  if (twice !== undefined) throw twoPositions(twice.symbol);
  return found;
}

/** How the position in a symbol is held, or what its open orders would open; `null` where there is neither. */
async function modeInUse(ask: Asking, symbol: string): Promise<MarginMode | null> {
  const instId = marketId(symbol);
  const about = { instType: 'SWAP', instId };
  const held = (await heldRows(ask, { instId })).map((position) => text(position, 'mgnMode'));
  const stops = await all(
    ask,
    { endpoint: 'privateGetTradeOrdersAlgoPending', params: { ...about, ordType: 'conditional' }, weight: 0, accountWeight: 3 },
    'algoId',
  );
  const orders = await all(ask, { endpoint: 'privateGetTradeOrdersPending', params: about, weight: 0, accountWeight: 1 }, 'ordId');
  const modes = new Set([...held, ...[...stops, ...orders].map((order) => text(order, 'tdMode'))]);
  if (modes.size > 1) throw twoPositions(symbol);
  const [mode = null] = modes;
  if (mode !== null && mode !== 'isolated' && mode !== 'cross') throw new UnreadableAnswer(`unknown margin mode ${mode}`);
  return mode;
}

function twoPositions(symbol: string): PortError {
  const message = `The OKX account holds or has orders for ${symbol} both isolated and cross; close one of the two positions and cancel its orders`;
  return new PortError('account_mode_unsupported', message, { outcome: 'failed' });
}

async function leverageOf(ask: Asking, symbol: string, mgnMode: MarginMode): Promise<number> {
  const body = await ask({ endpoint: 'privateGetAccountLeverageInfo', params: { instId: marketId(symbol), mgnMode }, weight: 0, accountWeight: 3 });
  return Number(amount(theRow(body), 'lever'));
}

function changeTerms(symbol: string, held: HeldTerms, wanted: HeldTerms): readonly Ask[] {
  if (held.marginMode !== wanted.marginMode) {
    const message = `the margin mode of ${symbol} cannot change while a position or orders stand`;
    throw new PortError('validation_failed', message, { outcome: 'failed' });
  }
  const params = { instId: marketId(symbol), lever: String(wanted.leverage), mgnMode: wanted.marginMode };
  return [{ endpoint: 'privatePostAccountSetLeverage', params, weight: 0, accountWeight: 3 }];
}

function refusedTerms(answer: Answered): Failure | null {
  const { code, text: message } = errorOf(answer);
  if (TOO_HIGH.has(code)) return { code: 'validation_failed', message: `OKX does not give this leverage: ${message}` };
  if (TOO_LITTLE_MARGIN.has(code)) return { code: 'insufficient_funds', message: `OKX does not give this leverage: ${message}` };
  return null;
}

/** As far back as the venue keeps bills (three months). */
async function fundingSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly FundingPayment[]> {
  const instId = marketId(symbol);
  const begin = Math.max(0, Math.floor(since));
  const about = { instType: 'SWAP', instId, type: FUNDING };
  const recent = await all(ask, { endpoint: 'privateGetAccountBills', params: { ...about, begin }, weight: 0, accountWeight: 5 }, 'billId');
  const older =
    begin < now - RECENT_MS + OVERLAP_MS
      ? await all(
          ask,
          {
            endpoint: 'privateGetAccountBillsArchive',
            params: { ...about, begin, end: Math.ceil(now - RECENT_MS + 2 * OVERLAP_MS) },
            weight: 0,
            accountWeight: 16,
          },
          'billId',
        )
      : [];
  const bills = new Map([...older, ...recent].map((bill) => [text(bill, 'billId'), bill]));
  return [...bills.values()]
    .filter((bill) => bill['instId'] === instId && bill['type'] === FUNDING)
    .map((bill) => readPayment(bill, symbol))
    .filter(({ at }) => at >= since)
    .sort((one, other) => one.at - other.at);
}
