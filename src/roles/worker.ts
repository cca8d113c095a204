/** The role that does what nobody waits for: it tells facts to the channels, and does the jobs. */
import { logChannel } from '#adapters/channels/log.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { Relay } from '#app/relay.ts';
import type { Closing } from './_closing.ts';
import { jobPartsOf } from './_job-parts.ts';
import type { Parts } from './_parts.ts';

/** Several may run: each fact is claimed by one, each job done by one. Serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const relay = new Relay({ ...parts, channels: [logChannel(parts.log)] });
  closing.add('relay', () => relay.close());
  relay.start();
  // Nobody waits for jobs, so neither does the start.
  const working = parts.jobs().then((jobs) => workOn(jobs, JOB_KINDS, jobPartsOf(parts, closing)));
  closing.add('jobs at work', async () => (await working)());
  return null;
}
