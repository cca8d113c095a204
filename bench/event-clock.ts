/** A thread that posts when it is, every so often: what happens in the world does not wait for whoever is to hear of it. */
import { parentPort, workerData } from 'node:worker_threads';

const { everyMs } = workerData as { readonly everyMs: number };
setInterval(() => parentPort?.postMessage(performance.timeOrigin + performance.now()), everyMs);
