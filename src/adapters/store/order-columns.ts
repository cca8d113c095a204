/**
 * An order as every query reads it.
 */

/** An order as it is read, from `orders o`. */
export const ORDER_COLUMNS = `o.id, o.client_order_id as "clientOrderId", o.user_id as "userId", o.account_id as "accountId", o.bot_id as "botId", o.run_id as "runId",
  o.symbol, o.side, o.type, o.time_in_force as "timeInForce", o.post_only as "postOnly", o.reduce_only as "reduceOnly", o.price, o.trigger_price as "triggerPrice", o.size,
  o.filled_size as "filledSize", o.filled_quote as "filledQuote", o.state, o.reason_code as "reasonCode", o.reason, o.tag,
  o.parent_order_id as "parentOrderId",
  o.venue_order_id as "venueOrderId", o.deadline_at as "deadlineAt", o.cancel_requested_at as "cancelRequestedAt", o.created_at as "createdAt",
  o.updated_at as "updatedAt"`;
