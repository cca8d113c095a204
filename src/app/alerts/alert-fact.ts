/** The fact that tells of an alert. */
import type { AlertRecord } from '#core/alerts/alert-store.ts';
import type { NewFact } from '#core/facts.ts';
import type { DecimalString } from '#core/money.ts';

/** Names by which its user knows what it watches, where the condition has none. */
export interface AlertNames {
  readonly bot?: string;
  readonly account?: string;
  /** What amounts are counted in. */
  readonly asset?: string;
}

export function factOf(alert: AlertRecord, times: number, shown: DecimalString, { bot, account, asset }: AlertNames, at: number): NewFact {
  const { condition, userId, id, note } = alert;
  const botId = condition.kind === 'drawdown_above' || condition.kind === 'target_reached' ? condition.botId : null;
  const symbol = 'symbol' in condition ? { symbol: condition.symbol, exchange: condition.exchange } : {};
  const names = { ...(bot === undefined ? {} : { bot }), ...(account === undefined ? {} : { account }), ...(asset === undefined ? {} : { asset }) };
  const threshold = condition.kind === 'price_crosses' ? condition.price : 'percent' in condition ? condition.percent : condition.amount;
  const unit = 'percent' in condition ? { unit: '%' } : asset === undefined ? {} : { unit: asset };
  const data = { alert_id: id, kind: condition.kind, ...(note === '' ? {} : { name: note }), ...symbol, ...names, value: shown, threshold, ...unit };
  return { dedupeKey: `alert:${id}:${times}`, userId, botId, type: 'alert_triggered', data, at };
}
