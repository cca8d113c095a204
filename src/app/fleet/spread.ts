/**
 * Who takes what: spreads charges (bots, or accounts that need a steward) evenly over the runners that may have them.
 * Every runner computes the same plan from what it reads in the database, and carries out its own part; where their
 * pictures differ, the lease decides.
 */
import type { LeaseStanding } from '#core/store/runners.ts';

/** What is spread. `kind` is what a runner may or may not run. */
export interface Charge {
  readonly id: string;
  readonly kind: string;
  /** Charges of one group cost least together, such as the bots of one account: they share its session and what it reads. */
  readonly group: string;
  readonly lease: LeaseStanding | null;
  /** Whether it may change hands now: one that starts or stops is left where it is. */
  readonly isMovable: boolean;
}

export interface SpreadRunner {
  readonly id: string;
  /** How many it holds, also such as are not in the list. */
  readonly load: number;
  runs(kind: string): boolean;
}

/** Hands that a fleet changes in one round at most, on their way included. */
export const MAX_MOVES = 32;
/** Differences up to this share of the mean load are left as they are. */
const TOLERANCE = 0.05;

export interface SpreadPlan {
  /** Free charges by the id of the runner that is to take them, in the order in which it should. */
  readonly takes: ReadonlyMap<string, readonly Charge[]>;
  /** Held charges by the id of the runner that is to give them away. */
  readonly gives: ReadonlyMap<string, readonly Charge[]>;
}

/** The plan of this round. Charges that no runner may have stay free. */
export function spread(charges: readonly Charge[], runners: readonly SpreadRunner[]): SpreadPlan {
  const loads = new Map(runners.map((runner) => [runner.id, runner.load]));
  const takes = assign(charges, runners, loads);
  const onTheirWay = [...takes.values()].reduce((sum, each) => sum + each.length, 0);
  return { takes, gives: balance(charges, runners, loads, MAX_MOVES - onTheirWay) };
}

/**
 * Gives every free charge to its last owner if that lives, otherwise to whoever has others of its group, up to an even
 * share of all, otherwise to whoever has the least.
 */
function assign(charges: readonly Charge[], runners: readonly SpreadRunner[], loads: Map<string, number>): Map<string, Charge[]> {
  const takes = new Map<string, Charge[]>();
  const give = (charge: Charge, runner: SpreadRunner): void => {
    const own = takes.get(runner.id);
    if (own === undefined) takes.set(runner.id, [charge]);
    else own.push(charge);
    add(loads, runner.id, 1);
  };
  const ownerless: Charge[] = [];
  for (const charge of charges) {
    if (charge.lease?.isLive === true) continue;
    const former = runners.find((runner) => runner.id === charge.lease?.owner && runner.runs(charge.kind));
    if (former === undefined) ownerless.push(charge);
    else give(charge, former);
  }
  const groups = groupsOf(charges, takes);
  for (const charge of ownerless) {
    const able = runners.filter((runner) => runner.runs(charge.kind)).sort(byLoad(loads));
    const share = Math.ceil((able.reduce((sum, { id }) => sum + (loads.get(id) ?? 0), 0) + ownerless.length) / Math.max(1, able.length));
    const chosen = able.find(({ id }) => (loads.get(id) ?? 0) < share && groups.has(`${id} ${charge.group}`)) ?? able[0];
    if (chosen === undefined) continue;
    give(charge, chosen);
    groups.add(`${chosen.id} ${charge.group}`);
  }
  return takes;
}

/** Moves from the most to the least loaded, one at a time, as long as they differ by more than is tolerated. */
function balance(charges: readonly Charge[], runners: readonly SpreadRunner[], loads: Map<string, number>, maxMoves: number): Map<string, Charge[]> {
  const gives = new Map<string, Charge[]>();
  const held = heldBy(charges);
  const mean = [...loads.values()].reduce((sum, load) => sum + load, 0) / Math.max(1, runners.length);
  const tolerated = Math.max(1, Math.floor(mean * TOLERANCE));
  for (let moves = 0; moves < maxMoves; moves += 1) {
    const move = nextMove(runners, loads, held, tolerated);
    if (move === null) break;
    gives.set(move.from, [...(gives.get(move.from) ?? []), move.charge]);
    held.get(move.from)?.delete(move.charge);
    held.set(move.to, (held.get(move.to) ?? new Set()).add(move.charge));
    add(loads, move.from, -1);
    add(loads, move.to, 1);
  }
  return gives;
}

function nextMove(
  runners: readonly SpreadRunner[],
  loads: ReadonlyMap<string, number>,
  held: ReadonlyMap<string, ReadonlySet<Charge>>,
  tolerated: number,
): { readonly from: string; readonly to: string; readonly charge: Charge } | null {
  const sorted = [...runners].sort(byLoad(loads));
  for (const from of [...sorted].reverse()) {
    for (const to of sorted) {
      if ((loads.get(from.id) ?? 0) - (loads.get(to.id) ?? 0) <= tolerated) break;
      const charge = bestFor(to, held.get(from.id) ?? NONE, held.get(to.id) ?? NONE);
      if (charge !== undefined) return { from: from.id, to: to.id, charge };
    }
  }
  return null;
}

/** One whose group is there already, otherwise any that may go there. */
function bestFor(to: SpreadRunner, mine: ReadonlySet<Charge>, theirs: ReadonlySet<Charge>): Charge | undefined {
  const groups = new Set([...theirs].map(({ group }) => group));
  const able = [...mine].filter(({ kind }) => to.runs(kind));
  return able.find(({ group }) => groups.has(group)) ?? able[0];
}

const NONE: ReadonlySet<Charge> = new Set();

/** Which runner has, or is to take, charges of which group, as `runner group`. */
function groupsOf(charges: readonly Charge[], takes: ReadonlyMap<string, readonly Charge[]>): Set<string> {
  const groups = new Set<string>();
  for (const { lease, group } of charges) if (lease?.isLive === true) groups.add(`${lease.owner} ${group}`);
  for (const [id, taken] of takes) for (const { group } of taken) groups.add(`${id} ${group}`);
  return groups;
}

function heldBy(charges: readonly Charge[]): Map<string, Set<Charge>> {
  const held = new Map<string, Set<Charge>>();
  for (const charge of charges) {
    if (charge.lease?.isLive !== true || !charge.isMovable) continue;
    const own = held.get(charge.lease.owner) ?? new Set();
    held.set(charge.lease.owner, own.add(charge));
  }
  return held;
}

/** The least first; among equals the one whose id comes first, so that everybody sees the same order. */
function byLoad(loads: ReadonlyMap<string, number>): (one: SpreadRunner, other: SpreadRunner) => number {
  return (one, other) => (loads.get(one.id) ?? 0) - (loads.get(other.id) ?? 0) || (one.id < other.id ? -1 : 1);
}

function add(loads: Map<string, number>, id: string, change: number): void {
  loads.set(id, (loads.get(id) ?? 0) + change);
}
