/** What users want to see of the signals: a document each, and a row for each signal that is hidden. */
import { MAX_HIDDEN, type SignalChoiceStore, type SignalChoices } from '#core/signals/choices.ts';
import type { Database } from './database.ts';

const GET = { name: 'get_signal_choices', text: 'select choices from signal_choices where user_id = $1' };
const PUT = {
  name: 'put_signal_choices',
  text: `insert into signal_choices (user_id, choices, changed_at) values ($1, $2, $3)
         on conflict (user_id) do update set choices = excluded.choices, changed_at = excluded.changed_at`,
};
const COUNT = { name: 'count_hidden_signals', text: 'select count(*)::int as count from hidden_signals where user_id = $1' };
const HIDE = {
  name: 'hide_signal',
  text: `insert into hidden_signals (user_id, signal_id, hidden_at) select $1, s.id, $3 from signals s where s.id = $2
         on conflict (user_id, signal_id) do update set hidden_at = hidden_signals.hidden_at`,
};
const HIDDEN = {
  name: 'hidden_signals_of',
  text: `select h.signal_id as id from hidden_signals h join signals s on s.id = h.signal_id where h.user_id = $1 and s.state = 'open'`,
};

export function signalChoicesOf(database: Database): SignalChoiceStore {
  return {
    get: async (userId) => (await database.row<{ choices: SignalChoices }>(GET, [userId]))?.choices ?? null,
    put: async (userId, choices, at) => {
      await database.write(PUT, [userId, JSON.stringify(choices), at]);
    },
    hide: async (userId, signalId, at) => {
      const present = await database.row<{ count: number }>(COUNT, [userId]);
      if ((present?.count ?? 0) >= MAX_HIDDEN) return 'full';
      return (await database.write(HIDE, [userId, signalId, at])) === 1 ? 'hidden' : 'missing';
    },
    hiddenOf: async (userId) => (await database.rows<{ id: string }>(HIDDEN, [userId])).map(({ id }) => id),
  };
}
