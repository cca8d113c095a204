/** Turns the gathered fields of a stretch into changes of an earlier call: a target reached, a stop moved, a position closed. */
import { decimal } from '../money.ts';
import type { CallFields } from './call-fields.ts';
import { type CallChange, type CallUpdate, type PostRefusal, refused } from './post.ts';
import { instrumentOf } from './trade-call.ts';
import type { Role } from './words.ts';

const CHANGES: readonly Role[] = ['reached', 'moved', 'breakeven', 'cancel', 'close'];

/** Whether the words speak of a change rather than of something new. */
export function isUpdate({ roles }: CallFields): boolean {
  return CHANGES.some((role) => roles.has(role));
}

/** The changes in the order they take effect, or why they cannot be told. */
export function readUpdate(fields: CallFields, replyTo: string | null): readonly CallUpdate[] | PostRefusal {
  const { roles } = fields;
  if (fields.entries.length > 0 || (roles.has('market_order') && !roles.has('close')) || fields.leverages.length > 0)
    return refused(roles.has('reached') ? 'past_result' : 'two_readings', 'a call and a change in one');
  // A change acts on a position that is open: not one word of it may be left unread.
  const [stray] = fields.strays;
  if (stray !== undefined) return refused('unread_words', stray);
  if (roles.has('above') || roles.has('below') || roles.has('ignored')) return refused('two_readings', 'a condition');
  if (roles.has('closed') || (roles.has('all') && roles.has('target'))) return refused('past_result');
  const instrument = fields.instruments.length === 0 ? null : instrumentOf(fields.instruments);
  if (instrument?.kind === 'refused') return instrument;
  if (instrument === null && replyTo === null) return refused('no_instrument');
  const changes = changesOf(fields);
  if ('kind' in changes) return changes;
  return changes.map((change) => ({ kind: 'update', instrument: instrument?.value ?? null, replyTo, change, status: 'unverified' }));
}

function changesOf(fields: CallFields): readonly CallChange[] | PostRefusal {
  const { roles, stops } = fields;
  const changes: CallChange[] = [];
  const isStopMoved = roles.has('breakeven') || (roles.has('moved') && roles.has('stop'));
  if (roles.has('reached')) {
    const reached = reachedOf(fields, isStopMoved);
    if (reached.kind === 'refused') return reached;
    changes.push(reached);
  } else if (roles.has('target')) return refused('two_readings', 'a target and a change');
  if (isStopMoved) {
    const moved = movedOf(fields);
    if (moved.kind === 'refused') return moved;
    changes.push(moved);
  } else if (stops.length > 0) return refused('two_readings', 'a stop and a change');
  if (roles.has('close')) {
    const [percent = '100', other] = fields.closePercents;
    if (other !== undefined || decimal(percent).gt(100)) return refused('contradiction', fields.closePercents.join(', '));
    changes.push({ kind: 'close', percent });
  }
  if (roles.has('cancel')) return changes.length === 0 ? [{ kind: 'cancelled' }] : refused('two_readings', 'cancelled and changed');
  return changes.length === 0 ? refused('no_signal') : changes;
}

function reachedOf({ roles, targets, targetNumbers }: CallFields, isStopMoved: boolean): CallChange | PostRefusal {
  if (roles.has('target') && roles.has('stop') && !isStopMoved) return refused('two_readings', 'a target or a stop');
  if (!roles.has('target')) return roles.has('stop') && !isStopMoved ? { kind: 'stop_reached' } : refused('no_signal');
  const prices = targets.flatMap((level) => ('price' in level ? [level.price] : []));
  const [number, other] = [...targetNumbers, ...prices.map(Number)];
  if (number === undefined || other !== undefined || !Number.isInteger(number) || number < 1 || number > 10) return refused('unread_number', 'which target');
  return { kind: 'target_reached', target: number };
}

function movedOf({ roles, stops }: CallFields): CallChange | PostRefusal {
  const [stop, other] = stops;
  const isToEntry = roles.has('breakeven') || roles.has('entry');
  if (stop === undefined) return isToEntry ? { kind: 'stop_moved', to: 'entry' } : refused('incomplete', 'the stop moves, but not where');
  if (other !== undefined || isToEntry || !('price' in stop)) return refused('two_readings', 'where the stop moves');
  return { kind: 'stop_moved', to: stop.price };
}
