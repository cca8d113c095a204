/** How rows of notices are read, wherever they are. */

/** Of `notification_targets t`. */
export const TARGET_COLUMNS = `t.id, t.user_id as "userId", t.channel, t.address, t.hint, t.fingerprint, t.is_on as "isOn", t.off_reason as "offReason",
  t.created_at as "createdAt"`;
/** Of `notifications n`. */
export const NOTICE_COLUMNS = `n.id::text as id, n.dedupe_key as "dedupeKey", n.user_id as "userId", n.bot_id as "botId", n.type, n.data, n.at, n.read_at as "readAt"`;
