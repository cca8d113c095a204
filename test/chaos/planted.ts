/**
 * Bugs to plant in the servers of the chaos test, so that it can show that it finds them: a change to one source text,
 * made while the server loads it (`node --import <this file>?bug=<name>`). The product has no switch of that kind.
 */
import { registerHooks } from 'node:module';

interface Plant {
  /** End of the address of the file. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const PLANTS: Readonly<Record<string, Plant>> = {
  'no epoch check in commits': {
    file: '/src/adapters/store/leases.ts',
    from: 'using (subject, owner, epoch)\n         where l.expires_at > clock_timestamp() order by l.subject for update of l`',
    to: 'using (subject)\n         order by l.subject for update of l`',
  },
  'absence is believed at once': {
    file: '/src/app/desk/reconcile.ts',
    from: 'order.deadlineAt !== null && options.now() > order.deadlineAt + options.absenceMarginMs',
    to: 'order.deadlineAt !== null',
  },
  'leases are trusted for ever': {
    file: '/src/app/fleet/lease-keeper.ts',
    from: 'return this.#isOver ? 0 : this.#validUntil;',
    to: 'return this.#isOver ? 0 : Number.MAX_SAFE_INTEGER;',
  },
};

/** What the environment of a server must hold for the bug to be in it; throws for one that is not listed. */
export function environmentWith(title: string): Readonly<Record<string, string>> {
  if (PLANTS[title] === undefined) throw new RangeError(`there is no bug "${title}" to plant; there are "${Object.keys(PLANTS).join('", "')}"`);
  return { NODE_OPTIONS: `--import=${import.meta.url}?bug=${encodeURIComponent(title)}` };
}

const title = new URL(import.meta.url).searchParams.get('bug') ?? '';
const planted = PLANTS[title];
if (planted !== undefined) plant(planted);

function plant(bug: Plant): void {
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(bug.file)) return loaded;
      const text = String(loaded.source);
      if (!text.includes(bug.from)) throw new Error(`${bug.file} has changed: the bug "${title}" cannot be planted any more`);
      return { ...loaded, source: text.replace(bug.from, bug.to) };
    },
  });
}
