/** The role that does what nobody waits for: it tells facts to their users, and does the jobs. */
import { workOn } from '#app/jobs/job-bench.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { Courier } from '#app/notices/courier.ts';
import { takeQueuedNotices } from '#app/notices/queue.ts';
import { Relay } from '#app/notices/relay.ts';
import { watchAlerts } from './_alerts.ts';
import { channelNames, openChannels } from './_channels.ts';
import type { Closing } from './_closing.ts';
import { jobPartsOf } from './_job-parts.ts';
import type { Parts } from './_parts.ts';
import { watchSignalGates } from './_signal-gates.ts';
import { tellSignals } from './_signal-teller.ts';

/** Several may run: one at a time tells facts and watches alerts, each address is served by one, each job done by one. Serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const metrics = parts.watch.open.metrics;
  for (const channel of await openChannels(parts)) {
    const courier = new Courier({ ...parts, channel, metrics });
    closing.add(`courier ${channel.name}`, () => courier.close());
    courier.start();
  }
  const relay = new Relay({ ...parts, channels: channelNames(parts.config) });
  closing.add('relay', () => relay.close());
  relay.start();
  watchAlerts(parts, closing);
  watchSignalGates(parts, closing);
  tellSignals(parts, closing);
  // Nobody waits for jobs, so neither does the start.
  const working = parts.jobs().then(async (jobs) => {
    const stops = [takeQueuedNotices(jobs, parts), await workOn(jobs, JOB_KINDS, jobPartsOf(parts, closing))];
    return () => Promise.all(stops.map((stop) => stop()));
  });
  closing.add('jobs at work', async () => {
    await (await working)();
  });
  return null;
}
