/** Posts of arbitrage channels, with all that must be read out of each. */
import { claim, type Example, leg, rate } from './corpus.fixture.ts';

const CONTRACT = '0x6982508145454ce325ddbe47a25d4ec3d2311933';
const MINT = 'EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm';
const on = { state: 'closed' } as const;

export const SPOT_FUTURES: readonly Example[] = [
  {
    text: '#ABC MEXC spot 1.00 futures 1.05\n=====\n#ABC Gate spot 1.00 futures 1.03',
    events: [
      claim('spot_futures', 'ABC', [leg('mexc', 'spot', '1'), leg('mexc', 'futures', '1.05')], null, '5'),
      claim('spot_futures', 'ABC', [leg('gate', 'spot', '1'), leg('gate', 'futures', '1.03')], null, '3'),
    ],
  },
  {
    text: 'PEPE/USDT\nMEXC spot: 0.00001\nMEXC futures: 0.0000102\nSpread: 2%',
    events: [claim('spot_futures', 'PEPE/USDT', [leg('mexc', 'spot', '0.00001'), leg('mexc', 'futures', '0.0000102')], '2', '2')],
  },
  {
    text: 'ETH/USDT: MEXC spot 3000 -> futures 3060, spread 2%',
    events: [claim('spot_futures', 'ETH/USDT', [leg('mexc', 'spot', '3000'), leg('mexc', 'futures', '3060')], '2', '2')],
  },
  {
    text: '$RIVER | MEXC\nSpot 4.000\nFutures 3.800\nSpread 5.26%',
    events: [claim('spot_futures', 'RIVER', [leg('mexc', 'futures', '3.8'), leg('mexc', 'spot', '4')], '5.26', '5.2632')],
  },
  {
    text: '#ABC_USDT MEXC\nСпот: 1,00\nФьючерс: 1,05\nСпред: 5%\nФандинг: 0,01% (4ч)\nОбъём 24ч: 1,2 млн',
    events: [
      claim('spot_futures', 'ABC/USDT', [leg('mexc', 'spot', '1'), leg('mexc', 'futures', '1.05', { fundingPercent: '0.01', fundingHours: 4 })], '5', '5'),
    ],
  },
  {
    text: 'TON/USDT\nКупить: MEXC спот 5.00\nПродать: Bybit фьючерс 5.10\nСпред 2%',
    events: [claim('spot_futures', 'TON/USDT', [leg('mexc', 'spot', '5', { side: 'buy' }), leg('bybit', 'futures', '5.1', { side: 'sell' })], '2', '2')],
  },
  {
    text: 'WIF/USDT\nLong MEXC spot 2.00\nShort MEXC futures 2.03\nSpread 1.5%\nMax size: 5000 USDT',
    events: [claim('spot_futures', 'WIF/USDT', [leg('mexc', 'spot', '2', { side: 'buy' }), leg('mexc', 'futures', '2.03', { side: 'sell' })], '1.5', '1.5')],
  },
  {
    text: 'SHIB\nMEXC spot SHIB/USDT 0.00001\nMEXC futures 1000SHIB/USDT 0.0103\nSpread 3%',
    events: [claim('spot_futures', 'SHIB/USDT', [leg('mexc', 'spot', '0.00001'), leg('mexc', 'futures', '0.0103', { multiplier: 1000 })], '3', '3')],
  },
  {
    text: '🔥 #GRASS мекс спот 1.50 / мекс фьюч 1.56, спред 4%',
    events: [claim('spot_futures', 'GRASS', [leg('mexc', 'spot', '1.5'), leg('mexc', 'futures', '1.56')], '4', '4')],
  },
  {
    text: 'МЕХС ВТС/USDT: спот 67 000$, фьючерс 67 670$, спред 1%',
    events: [claim('spot_futures', 'BTC/USDT', [leg('mexc', 'spot', '67000'), leg('mexc', 'futures', '67670')], '1', '1')],
  },
  {
    text: '✅ PEPE/USDT MEXC spot-futures: spread closed',
    events: [claim('spot_futures', 'PEPE/USDT', [leg('mexc', 'spot', null), leg('mexc', 'futures', null)], null, null, on)],
  },
  {
    text: '#GRASS мекс спот - фьюч: спред сошёлся',
    events: [claim('spot_futures', 'GRASS', [leg('mexc', 'spot', null), leg('mexc', 'futures', null)], null, null, on)],
  },
  {
    text: 'AVAX/USDT closed\nMEXC spot 40.0\nMEXC futures 40.04\nSpread 0.1%',
    events: [claim('spot_futures', 'AVAX/USDT', [leg('mexc', 'spot', '40'), leg('mexc', 'futures', '40.04')], '0.1', '0.1', on)],
  },
  {
    text: 'APT/USDT MEXC\nspot 10.00 | futures 10.30\nentry spread 3.2%, exit spread -3.4%',
    events: [claim('spot_futures', 'APT/USDT', [leg('mexc', 'spot', '10'), leg('mexc', 'futures', '10.3')], '3.2', '3', { hasGap: true })],
  },
  {
    text: 'SEI MEXC perp 0.500 spot 0.510, basis -2%',
    events: [claim('spot_futures', 'SEI', [leg('mexc', 'futures', '0.5'), leg('mexc', 'spot', '0.51')], '-2', '2')],
  },
  {
    text: '$KAS\nGate spot: 0.1500\nMEXC futures: 0.1545\nspread: 3%\nhttps://futures.mexc.com/exchange/KAS_USDT',
    events: [claim('spot_futures', 'KAS', [leg('gate', 'spot', '0.15'), leg('mexc', 'futures', '0.1545')], '3', '3')],
  },
  {
    text: '1INCH/USDT мексе спот 0,400, своп 0,412 — спред 3%',
    events: [claim('spot_futures', '1INCH/USDT', [leg('mexc', 'spot', '0.4'), leg('mexc', 'futures', '0.412')], '3', '3')],
  },
];

export const FUNDING: readonly Example[] = [
  {
    text: 'Фандинг BTC/USDT\nBinance: -0,12% (8ч)\nBybit: 0,05% (8ч)\nРазница 0,17%',
    events: [claim('funding', 'BTC/USDT', [rate('binance', '-0.12', 8), rate('bybit', '0.05', 8)], '0.17', '0.17')],
  },
  {
    text: 'Funding arbitrage $WIF\nMEXC 0.30% / 4h\nOKX -0.05% / 8h',
    events: [claim('funding', 'WIF', [rate('okx', '-0.05', 8), rate('mexc', '0.3', 4)], null, '0.35')],
  },
  {
    text: 'ENA funding spread 0.2%\nLong Bybit -0.15%\nShort Binance 0.05%',
    events: [claim('funding', 'ENA', [rate('bybit', '-0.15', null, { side: 'buy' }), rate('binance', '0.05', null, { side: 'sell' })], '0.2', '0.2')],
  },
  {
    text: 'Funding:\n#SOL: Binance 0.01%, MEXC 0.11%\n#XRP: Bybit -0.02%, OKX 0.08%',
    events: [
      claim('funding', 'SOL', [rate('binance', '0.01'), rate('mexc', '0.11')], null, '0.1'),
      claim('funding', 'XRP', [rate('bybit', '-0.02'), rate('okx', '0.08')], null, '0.1'),
    ],
  },
  {
    text: 'Фандинг TIA: байбит -0,40% каждые 4ч, бинанс -0,10% каждые 8ч',
    events: [claim('funding', 'TIA', [rate('bybit', '-0.4', 4), rate('binance', '-0.1', 8)], null, '0.3')],
  },
  {
    text: '💸 FUNDING | APT/USDT\nMEXC: +0.250% (1h)\nBitget: +0.010% (8h)\nAPR 2000%\nNext: 14:00 UTC',
    events: [claim('funding', 'APT/USDT', [rate('bitget', '0.01', 8), rate('mexc', '0.25', 1)], null, '0.24')],
  },
  { text: 'Фандинг закрыт: DOGE, гейт 0.01%, окекс 0.02%', events: [claim('funding', 'DOGE', [rate('gate', '0.01'), rate('okx', '0.02')], null, '0.01', on)] },
  {
    text: 'INJ/USDT funding diff 0.10%: KuCoin 0.02% vs BingX 0.13%',
    events: [claim('funding', 'INJ/USDT', [rate('kucoin', '0.02'), rate('bingx', '0.13')], '0.1', '0.11', { hasGap: true })],
  },
  {
    text: '1000PEPE/USDT funding\nBinance -0.20%\nBybit -0.02%',
    events: [
      claim('funding', 'PEPE/USDT', [rate('binance', '-0.2', null, { multiplier: 1000 }), rate('bybit', '-0.02', null, { multiplier: 1000 })], null, '0.18'),
    ],
  },
];

export const CROSS_VENUE: readonly Example[] = [
  {
    text: 'BTC/USDT buy 67000 on Binance spot, sell 68000 on Gate spot',
    events: [
      claim('cross_venue', 'BTC/USDT', [leg('binance', 'spot', '67000', { side: 'buy' }), leg('gate', 'spot', '68000', { side: 'sell' })], null, '1.4925'),
    ],
  },
  {
    text: 'Spot arbitrage $XLM\nKuCoin 0.100\nMEXC 0.103\nspread 3%',
    events: [claim('cross_venue', 'XLM', [leg('kucoin', 'spot', '0.1'), leg('mexc', 'spot', '0.103')], '3', '3')],
  },
  {
    text: 'Связка спот: KAS/USDT\nПокупка: MEXC 0,150\nПродажа: Gate 0,153\nСпред 2%\nВвод ✅ Вывод ✅',
    events: [claim('cross_venue', 'KAS/USDT', [leg('mexc', 'spot', '0.15', { side: 'buy' }), leg('gate', 'spot', '0.153', { side: 'sell' })], '2', '2')],
  },
  {
    text: 'TRX futures: Bybit 0.1000 / OKX 0.1010, gap 1%',
    events: [claim('cross_venue', 'TRX', [leg('bybit', 'futures', '0.1'), leg('okx', 'futures', '0.101')], '1', '1')],
  },
  {
    text: '#SATSUSDT spot\nBitget: 0.00000030\nHTX: 0.00000033\nspread 10%',
    events: [claim('cross_venue', 'SATS/USDT', [leg('bitget', 'spot', '0.0000003'), leg('htx', 'spot', '0.00000033')], '10', '10')],
  },
  {
    text: 'XRP/USDT | спот лбанк 0,500 -> спот кукоин 0,520 | спред 4%',
    events: [claim('cross_venue', 'XRP/USDT', [leg('lbank', 'spot', '0.5'), leg('kucoin', 'spot', '0.52')], '4', '4')],
  },
  {
    text: 'BTC/USDT spot\nBinance: 67,000.0\nKraken: 67,670.0\nspread 1%',
    events: [claim('cross_venue', 'BTC/USDT', [leg('binance', 'spot', '67000'), leg('kraken', 'spot', '67670')], '1', '1')],
  },
  {
    text: 'ETH/USDC spot: 3000 MEXC, 3030 Bitmart',
    events: [claim('cross_venue', 'ETH/USDC', [leg('mexc', 'spot', '3000'), leg('bitmart', 'spot', '3030')], null, '1')],
  },
  {
    text: '#ABC spot MEXC 1.00 spot Gate 1.02 spread 2%\n----\n#DEF spot MEXC 5.00 spot Gate 5.20 spread 4%',
    events: [
      claim('cross_venue', 'ABC', [leg('mexc', 'spot', '1'), leg('gate', 'spot', '1.02')], '2', '2'),
      claim('cross_venue', 'DEF', [leg('mexc', 'spot', '5'), leg('gate', 'spot', '5.2')], '4', '4'),
    ],
  },
  {
    text: 'Арбитраж спот LTC: продать бингх 72,10, купить хуоби 70,00',
    events: [claim('cross_venue', 'LTC', [leg('htx', 'spot', '70', { side: 'buy' }), leg('bingx', 'spot', '72.1', { side: 'sell' })], null, '3')],
  },
  {
    text: 'Спред закрыт: #ABC спот MEXC и Gate',
    events: [claim('cross_venue', 'ABC', [leg('mexc', 'spot', null), leg('gate', 'spot', null)], null, null, on)],
  },
];

export const CEX_DEX: readonly Example[] = [
  {
    text: `$PEPE MEXC spot 0.0000100 / Uniswap 0.0000104\nspread 4%\n${CONTRACT}`,
    events: [claim('cex_dex', 'PEPE', [leg('mexc', 'spot', '0.00001'), leg('uniswap', 'dex', '0.0000104')], '4', '4', { contract: CONTRACT })],
  },
  {
    text: `WIF: DEX Raydium 2.00 → MEXC futures 2.10\nСпред 5%\nКонтракт: ${MINT}`,
    events: [claim('cex_dex', 'WIF', [leg('raydium', 'dex', '2'), leg('mexc', 'futures', '2.1')], '5', '5', { contract: MINT })],
  },
  {
    text: '#CAKE/USDT\nкупить: панкейк 2,50\nпродать: мекс спот 2,60\nспред 4%',
    events: [claim('cex_dex', 'CAKE/USDT', [leg('pancakeswap', 'dex', '2.5', { side: 'buy' }), leg('mexc', 'spot', '2.6', { side: 'sell' })], '4', '4')],
  },
  { text: '$FOO декс 1,00 мекс фьюч 1,08 спред 8%', events: [claim('cex_dex', 'FOO', [leg('dex', 'dex', '1'), leg('mexc', 'futures', '1.08')], '8', '8')] },
  {
    text: '$FOO\nDEX: 1.00\nMEXC futures: 1.08\nSpread: 8%\nLiquidity: 250k',
    events: [claim('cex_dex', 'FOO', [leg('dex', 'dex', '1'), leg('mexc', 'futures', '1.08')], '8', '8')],
  },
  {
    text: '$BAR | Jupiter: 0.50 | Gate spot: 0.48 | spread: 4.17%',
    events: [claim('cex_dex', 'BAR', [leg('gate', 'spot', '0.48'), leg('jupiter', 'dex', '0.5')], '4.17', '4.1667')],
  },
  {
    text: 'Спред закрыт: $FOO декс юпитер, мекс фьюч',
    events: [claim('cex_dex', 'FOO', [leg('mexc', 'futures', null), leg('jupiter', 'dex', null)], null, null, on)],
  },
  {
    text: '$MOG\nАэродром: aerodrome 0,0000020\nБиржа: битгет спот 0,0000021\nспред 5%\nлимит 3к',
    events: [claim('cex_dex', 'MOG', [leg('aerodrome', 'dex', '0.000002'), leg('bitget', 'spot', '0.0000021')], '5', '5')],
  },
];
