/** The lists of a backtest as CSV tables. */
import { type CsvColumn, csvOf } from '../report/csv.ts';
import type { ReportPoint, ReportTrade } from '../report/run-report.ts';
import type { BacktestDocument, DocumentFill, DocumentOrder } from './backtest-document.ts';

export type TableName = 'trades' | 'orders' | 'fills' | 'equity';

const isoTime = (at: number): string => new Date(at).toISOString();

const TRADES: readonly CsvColumn<ReportTrade>[] = [
  { name: 'direction', value: ({ direction }) => direction },
  { name: 'entered_at', value: ({ enteredAt }) => isoTime(enteredAt) },
  { name: 'left_at', value: ({ leftAt }) => isoTime(leftAt) },
  { name: 'seconds_held', value: ({ enteredAt, leftAt }) => (leftAt - enteredAt) / 1_000 },
  { name: 'size', value: ({ size }) => size },
  { name: 'entry_price', value: ({ entryPrice }) => entryPrice },
  { name: 'exit_price', value: ({ exitPrice }) => exitPrice },
  { name: 'profit', value: ({ profit }) => profit },
  { name: 'profit_share', value: ({ profitShare }) => profitShare },
  { name: 'fees', value: ({ fees }) => fees },
  { name: 'worst_move', value: ({ worstMove }) => worstMove },
  { name: 'best_move', value: ({ bestMove }) => bestMove },
  { name: 'exit_order', value: ({ clientOrderId }) => clientOrderId },
];
const ORDERS: readonly CsvColumn<DocumentOrder>[] = [
  { name: 'placed_at', value: ({ at }) => isoTime(at) },
  { name: 'ended_at', value: ({ endedAt }) => (endedAt === null ? null : isoTime(endedAt)) },
  { name: 'order', value: ({ clientOrderId }) => clientOrderId },
  { name: 'side', value: ({ side }) => side },
  { name: 'type', value: ({ type }) => type },
  { name: 'price', value: ({ price }) => price },
  { name: 'trigger_price', value: ({ triggerPrice }) => triggerPrice },
  { name: 'size', value: ({ size }) => size },
  { name: 'filled_size', value: ({ filledSize }) => filledSize },
  { name: 'average_price', value: ({ averagePrice }) => averagePrice },
  { name: 'outcome', value: ({ outcome }) => outcome },
  { name: 'tag', value: ({ tag }) => tag },
];
const FILLS: readonly CsvColumn<DocumentFill>[] = [
  { name: 'at', value: ({ at }) => isoTime(at) },
  { name: 'order', value: ({ clientOrderId }) => clientOrderId },
  { name: 'trade', value: ({ tradeId }) => tradeId },
  { name: 'side', value: ({ side }) => side },
  { name: 'price', value: ({ price }) => price },
  { name: 'size', value: ({ size }) => size },
  { name: 'fee', value: ({ fee }) => fee },
  { name: 'maker', value: ({ isMaker }) => isMaker },
];
const EQUITY: readonly CsvColumn<ReportPoint>[] = [
  { name: 'at', value: ({ at }) => isoTime(at) },
  { name: 'equity', value: ({ equity }) => equity },
  { name: 'price', value: ({ price }) => price },
  { name: 'drawdown', value: ({ drawdown }) => drawdown },
];

/** One of the lists of a document; what it does not list is not in its table. Of several instruments each row begins with its symbol. */
export function tableOf(document: BacktestDocument, name: TableName): string {
  const named = <Row extends { readonly symbol?: string }>(columns: readonly CsvColumn<Row>[]): readonly CsvColumn<Row>[] =>
    document.legs === undefined ? columns : [{ name: 'symbol', value: ({ symbol = null }) => symbol }, ...columns];
  switch (name) {
    case 'trades':
      return csvOf(named(TRADES), document.report.trades);
    case 'orders':
      return csvOf(named(ORDERS), document.orders);
    case 'fills':
      return csvOf(named(FILLS), document.fills);
    case 'equity':
      return csvOf(EQUITY, document.report.curve);
  }
}
