/** Which fault a proxy gets next and for how long. */
import type { Random } from '../venues/_random.ts';
import { between, pick, type Storm, type Tally } from './draws.ts';
import type { Road } from './installation.ts';
import type { ProxyFault } from './proxy.ts';

const TO_DATABASE = ['latency', 'slice', 'reset', 'halfOpen', 'blackHole', 'stall', 'refuse', 'truncate'] as const;
const TO_VENUE = [
  'latency',
  'slice',
  'reset',
  'halfOpen',
  'blackHole',
  'stall',
  'refuse',
  'slowClose',
  'truncate',
  'loseRequest',
  'loseAnswer',
  'loseAnswer',
] as const;

/** Most faults are short; some outlast a request, and some a lease. */
function durationOf(random: Random): number {
  return random() < 0.8 ? between(random, 1_000, 8_000) : between(random, 8_000, 25_000);
}

function draw(random: Random, to: Road['to']): ProxyFault {
  const kind = to === 'venue' ? pick(random, TO_VENUE) : pick(random, TO_DATABASE);
  switch (kind) {
    case 'latency':
      return { kind, ms: between(random, 50, 3_000), jitterMs: between(random, 0, 1_500) };
    case 'slice':
      return { kind, bytes: between(random, 16, 400), everyMs: between(random, 2, 60) };
    case 'slowClose':
      return { kind, ms: between(random, 500, 8_000) };
    case 'truncate':
      return { kind, bytes: between(random, 1, 900) };
    case 'loseRequest':
    case 'loseAnswer':
      return { kind, count: between(random, 1, 4) };
    default:
      return { kind };
  }
}

/** One fault from beginning to end; counted when it has struck. */
export async function proxyFault({ proxy, to }: Road, random: Random, storm: Storm, tally: Tally): Promise<void> {
  const fault = draw(random, to);
  await proxy.begin(fault);
  await storm.sleep(durationOf(random));
  if ((await proxy.heal()) > 0) tally.add('proxy faults', to === 'venue' ? fault.kind : `${fault.kind} (database)`);
}
