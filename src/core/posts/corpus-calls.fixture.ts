/** Trade calls and their updates as channels write them, with all that must be read out of each. */
import { at, call, coin, type Example, MARKET, range, times, update, zone } from './corpus.fixture.ts';

const reached = (target: number) => ({ kind: 'target_reached', target }) as const;
const stopTo = (to: string) => ({ kind: 'stop_moved', to }) as const;
const close = (percent = '100') => ({ kind: 'close', percent }) as const;

export const CALLS: readonly Example[] = [
  {
    text: '#BTC/USDT LONG\nEntry: 67000 - 67500\nTargets: 68000, 69000, 70000\nStop loss: 66000\nLeverage: 10x cross',
    events: [call('BTC/USDT', 'long', range('67000', '67500'), '68000 69000 70000', '66000', { leverage: times(10), margin: 'cross' })],
  },
  {
    text: 'SHORT SETUP: #SOL/USDT\nEntry Zone: 140.5 – 142.0\nTake-Profit Targets:\n1) 138.0\n2) 135.0\n3) 130.0\nStop Targets:\n1) 145.0\nLeverage: Cross (10.0X)',
    events: [call('SOL/USDT', 'short', zone('140.5', '142'), '138 135 130', '145', { leverage: times(10), margin: 'cross' })],
  },
  { text: '#SOL SHORT entry: 140 stop: 145 take-profit: 135; 130; 125', events: [call('SOL', 'short', at('140'), '135 130 125', '145')] },
  { text: 'BTC LONG\nEntry: 67000\nTP: 68000\nSL: 66000\nNot financial advice', events: [call('BTC', 'long', at('67000'), '68000', '66000')] },
  { text: 'ETHUSDT short\nEntry zone: 3200-3250\nTP: 3100 / 3000\nSL: 3310', events: [call('ETH/USDT', 'short', zone('3200', '3250'), '3100 3000', '3310')] },
  { text: '$SOL buy now\nTP1 160\nTP2 170\nTP3 185\nSL 140', events: [call('SOL', 'long', MARKET, '160 170 185', '140')] },
  {
    text: '🔥 VIP SIGNAL #214 🔥\n\n📈 LONG $AVAX\n💰 Entry: market\n🎯 Targets: +3% +6% +10%\n🛑 Stop: 4%\n⚡ Leverage 5x-10x isolated',
    events: [call('AVAX', 'long', MARKET, '3% 6% 10%', '4%', { leverage: times(5, 10), margin: 'isolated' })],
  },
  {
    text: '#1000PEPEUSDT LONG x20\nEntry 0.0123\nTP1 0.0125\nTP2 0.0130\nSL 0.0119',
    events: [call('PEPE/USDT', 'long', at('0.0123'), '0.0125 0.013', '0.0119', { instrument: coin('PEPE/USDT', 1000), leverage: times(20) })],
  },
  {
    text: 'kPEPE long on Hyperliquid\nEntry: 0.01200\nTarget: 0.01300\nStop: 0.01150',
    events: [call('PEPE', 'long', at('0.012'), '0.013', '0.0115', { instrument: coin('PEPE', 1000), venues: ['hyperliquid'] })],
  },
  { text: 'SOL LONG\nEntry 1: 150\nEntry 2: 145\nTP 1: 160\nTP 2: 170\nSL: 140', events: [call('SOL', 'long', at('150', '145'), '160 170', '140')] },
  {
    text: 'BUY XRP/USDT\nBuy zone 0.52 to 0.54\nTargets\n1) 0.56\n2) 0.58\n3) 0.62\nStop-loss 0.50',
    events: [call('XRP/USDT', 'long', zone('0.52', '0.54'), '0.56 0.58 0.62', '0.5')],
  },
  {
    text: 'Exchange: Binance Futures, Bybit\nPair: DOGE/USDT\nType: Short\nEntry: 0.1650\nTarget 1 - 0.1600\nTarget 2 - 0.1550\nStop - 0.1710',
    events: [call('DOGE/USDT', 'short', at('0.165'), '0.16 0.155', '0.171', { market: 'futures', venues: ['binance', 'bybit'] })],
  },
  {
    text: 'LTC/USDT Spot\nBuy: 71.5\nTake profit: 75\nTake profit: 80\nStop loss: 68',
    events: [call('LTC/USDT', 'long', at('71.5'), '75 80', '68', { market: 'spot' })],
  },
  { text: 'LONG BTC above 68,500.5\nTP 70,000.0\nSL 67,400.0', events: [call('BTC', 'long', { kind: 'above', price: '68500.5' }, '70000', '67400')] },
  { text: 'Short ETH\nEntry below 2950\nTarget 2800\nStop 3020', events: [call('ETH', 'short', { kind: 'below', price: '2950' }, '2800', '3020')] },
  { text: 'BTC LONG\nEntry 67.2k\nTP 68.5k 70k\nSL 66k', events: [call('BTC', 'long', at('67200'), '68500 70000', '66000')] },
  {
    text: '#INJ/USDT long 📊\nEntry: 22.1\nTargets: 23.0 (50%) 24.0 (30%) 25.5 (20%)\nSL: 21.2',
    events: [call('INJ/USDT', 'long', at('22.1'), '23 24 25.5', '21.2', { shares: ['50', '30', '20'] })],
  },
  {
    text: '#TIA/USDT long\nEntry: 5.10\nTP1: 5.30 (+3.9%)\nTP2: 5.60 (+9.8%)\nSL: 4.90 (-3.9%)',
    events: [call('TIA/USDT', 'long', at('5.1'), '5.3 5.6', '4.9')],
  },
  {
    text: 'Signal: SUI/USDT\nDirection: LONG\nEntry price: 1.850 USDT\nTP: 1.95 USDT\nSL: 1.78 USDT\nRisk: 1%\nR:R 1.4',
    events: [call('SUI/USDT', 'long', at('1.85'), '1.95', '1.78')],
  },
  { text: '1INCH/USDT long\nEntry 0.41\nTarget 0.45\nStop 0.38', events: [call('1INCH/USDT', 'long', at('0.41'), '0.45', '0.38')] },
  { text: '$WIF SHORT\nEntry: $2.40\nTargets: $2.25, $2.10\nStop: $2.55\n20.11.2026 14:30', events: [call('WIF', 'short', at('2.4'), '2.25 2.1', '2.55')] },
  {
    text: 'Long #ADA 4h\nEntries: 0.45; 0.44; 0.43\nTargets: 0.47; 0.50\nStop: 0.41',
    events: [call('ADA', 'long', at('0.45', '0.44', '0.43'), '0.47 0.5', '0.41')],
  },
  { text: 'BTC-USDT\nLONG\nEntry: 66 900.5\nTP: 68 100.5\nSL: 66 010.5', events: [call('BTC/USDT', 'long', at('66900.5'), '68100.5', '66010.5')] },
  {
    text: '🟢 Long ONDOUSDT.P | Bybit\nEntry: 0.8210\n🎯 Targets: 1️⃣ 0.8350 2️⃣ 0.8500 3️⃣ 0.8800\nStop: 0.8000',
    events: [call('ONDO/USDT', 'long', at('0.821'), '0.835 0.85 0.88', '0.8', { venues: ['bybit'] })],
  },
  {
    text: '$WIF шорт 10х\nВход: 2,35 - 2,40\nЦели: 2,25 / 2,15 / 2,05\nСтоп: 2,55',
    events: [call('WIF', 'short', range('2.35', '2.4'), '2.25 2.15 2.05', '2.55', { leverage: times(10) })],
  },
  {
    text: 'Лонг BTC/USDT\nТочка входа: 67000\nТейк 1: 68000\nТейк 2: 69500\nСтоп-лосс: 66200\nПлечо: 15, изолированная маржа',
    events: [call('BTC/USDT', 'long', at('67000'), '68000 69500', '66200', { leverage: times(15), margin: 'isolated' })],
  },
  { text: '#TON лонг\nВход по рынку\nЦели: 5,8 6,2 6,9\nСтоп 5,1', events: [call('TON', 'long', MARKET, '5.8 6.2 6.9', '5.1')] },
  { text: 'ВТС/USDТ шорт\nвход 68 000$\nцель 66 500$\nстоп 68 900$', events: [call('BTC/USDT', 'short', at('68000'), '66500', '68900')] },
  {
    text: 'Покупаем SOL/USDT на споте, биржа Бинанс\nЗона входа: 140-145\nЦели: 155, 165, 180\nСтоп: 132',
    events: [call('SOL/USDT', 'long', zone('140', '145'), '155 165 180', '132', { market: 'spot', venues: ['binance'] })],
  },
  {
    text: 'Шортим $ENA\nТВХ 0,612\nТП1 0,595\nТП2 0,57\nСЛ 0,631\nПлечо 5-10х кросс',
    events: [call('ENA', 'short', at('0.612'), '0.595 0.57', '0.631', { leverage: times(5, 10), margin: 'cross' })],
  },
  {
    text: '🟢 LONG #ARBUSDT 🟢\nБиржа: Байбит\nВход: 1.05 - 1.02\nТейки: 1.10 - 1.15 - 1.22\nСтоп: 0.98',
    events: [call('ARB/USDT', 'long', range('1.02', '1.05'), '1.1 1.15 1.22', '0.98', { venues: ['bybit'] })],
  },
  { text: 'Монета: NEAR/USDT\nНаправление: ЛОНГ\nВход: 6,10\nЦель: 6,75\nСтоп: 5,80\nРиск: 1%', events: [call('NEAR/USDT', 'long', at('6.1'), '6.75', '5.8')] },
  { text: 'Лонгуем ЕТН от 3000 до 3050\nЦели 3150 3300\nСтоп 2920', events: [call('ETH', 'long', range('3000', '3050'), '3150 3300', '2920')] },
  { text: 'BTC лонг\nвход 67 000\nцель 68 050\nстоп 66 400', events: [call('BTC', 'long', at('67000'), '68050', '66400')] },
  {
    text: 'Шорт 1000SHIBUSDT 20x\nвход выше 0,0182\nцели 0,0175 0,0168\nстоп 0,0189',
    events: [
      call('SHIB/USDT', 'short', { kind: 'above', price: '0.0182' }, '0.0175 0.0168', '0.0189', { instrument: coin('SHIB/USDT', 1000), leverage: times(20) }),
    ],
  },
  {
    text: 'LINK/USDT LONG\nВход: 14,20\nЦели:\n1. 14,80\n2. 15,50\n3. 16,90\nСтоп: 13,60',
    events: [call('LINK/USDT', 'long', at('14.2'), '14.8 15.5 16.9', '13.6')],
  },
  {
    text: 'BNB/USDT лонг, вход 580, тейк 600, стоп 570\nBTC/USDT шорт, вход 68000, тейк 66000, стоп 69000',
    events: [call('BNB/USDT', 'long', at('580'), '600', '570'), call('BTC/USDT', 'short', at('68000'), '66000', '69000')],
  },
  {
    text: '#APT LONG\nEntry 9.1\nTP 9.6\nSL 8.8\n------\n#FIL SHORT\nEntry 4.5\nTP 4.2\nSL 4.7\n------\nJoin our channel: https://t.me/example',
    events: [call('APT', 'long', at('9.1'), '9.6', '8.8'), call('FIL', 'short', at('4.5'), '4.2', '4.7')],
  },
  {
    text: 'SHORT BTC/USDT\nEntry: 1,067,000.5\nTarget: 1,050,000.5\nStop: 1,080,000.5',
    events: [call('BTC/USDT', 'short', at('1067000.5'), '1050000.5', '1080000.5')],
  },
  { text: 'BTC long\nEntry 67,250\nTarget 68,900\nStop 66,300\nRisk 0.5%', events: [call('BTC', 'long', at('67250'), '68900', '66300')] },
  { text: "Long BTC\nEntry 67'250\nTarget 68'900\nStop 66'300", events: [call('BTC', 'long', at('67250'), '68900', '66300')] },
  { text: '𝐋𝐎𝐍𝐆 $SEI\n𝐄𝐧𝐭𝐫𝐲 𝟎.𝟓𝟎\n𝐓𝐏 𝟎.𝟓𝟓\n𝐒𝐋 𝟎.𝟒𝟕', events: [call('SEI', 'long', at('0.5'), '0.55', '0.47')] },
];

export const UPDATES: readonly Example[] = [
  { text: 'BTC TP1 hit, move SL to entry', events: [update('BTC', reached(1)), update('BTC', stopTo('entry'))] },
  { text: '#ETH/USDT Target 2 reached ✅ +6.4%', events: [update('ETH/USDT', reached(2))] },
  { text: 'SOL: SL to breakeven', events: [update('SOL', stopTo('entry'))] },
  { text: '#AVAX move stop to 34.5', events: [update('AVAX', stopTo('34.5'))] },
  { text: 'Закрываем $SEI по рынку', events: [update('SEI', close())] },
  { text: 'Cancel $INJ', events: [update('INJ', { kind: 'cancelled' })] },
  { text: 'XRP stop hit', events: [update('XRP', { kind: 'stop_reached' })] },
  { text: 'Close DOGE/USDT', events: [update('DOGE/USDT', close())] },
  { text: 'Close 50% of #SUI', events: [update('SUI', close('50'))] },
  { text: 'TP3 done', replyTo: '771', events: [update(null, reached(3), '771')] },
  { text: 'Стоп в безубыток', replyTo: '12', events: [update(null, stopTo('entry'), '12')] },
  { text: '#TON цель 1 взята, стоп в БУ', events: [update('TON', reached(1)), update('TON', stopTo('entry'))] },
  { text: 'BTC/USDT фиксируем 30%', events: [update('BTC/USDT', close('30'))] },
  { text: 'Переносим стоп по #WIF на 2,31', events: [update('WIF', stopTo('2.31'))] },
  { text: 'Отмена $ENA', events: [update('ENA', { kind: 'cancelled' })] },
  { text: 'Закрываем $ARB полностью', events: [update('ARB', close())] },
  { text: 'ETH выбило стоп', events: [update('ETH', { kind: 'stop_reached' })] },
  { text: '$APT тейк 2 достигнут ✅\n$FIL отмена', events: [update('APT', reached(2)), update('FIL', { kind: 'cancelled' })] },
  { text: 'BNB TP1 hit, close 50%, SL to BE', events: [update('BNB', reached(1)), update('BNB', stopTo('entry')), update('BNB', close('50'))] },
];
