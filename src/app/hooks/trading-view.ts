/**
 * Addresses that TradingView sends alerts from.
 * @see https://www.tradingview.com/support/solutions/43000529348
 */
export const TRADING_VIEW_ADDRESSES: ReadonlySet<string> = new Set(['52.89.214.238', '34.212.75.30', '54.218.53.128', '52.32.178.7']);
