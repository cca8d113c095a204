/**
 * A simulated venue as a process of its own: `node test/venues/main.ts --venue binance --port 18101 --seed 7 --walk-ms 50`.
 * Prints one line of JSON when it is ready. It lives on when the bots that trade on it are killed.
 */
import { parseArgs } from 'node:util';
import { isSimulated, SIMULATED_VENUES, SIMULATORS } from './_simulators.ts';
import { KEY } from './_world.ts';

const { values } = parseArgs({
  options: {
    venue: { type: 'string', default: 'binance' },
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    /** Milliseconds between steps of the walk; 0 stands still. */
    'walk-ms': { type: 'string', default: '0' },
    /** Largest step of the walk, as a share of the price. */
    'step-share': { type: 'string', default: '0.001' },
    /** How far the walk may go, as a share of the starting price. */
    'band-share': { type: 'string', default: '0.05' },
    /** Least and most lots behind a quote, such as `100-5000`; endless without it. */
    liquidity: { type: 'string' },
  },
});

const [least, most] = (values.liquidity ?? '').split('-').map(Number);
if (!isSimulated(values.venue)) throw new RangeError(`there is no simulated ${values.venue}; there are ${SIMULATED_VENUES.join(', ')}`);
const server = await SIMULATORS[values.venue]({
  port: Number(values.port),
  seed: Number(values.seed),
  walk: {
    stepShare: Number(values['step-share']),
    bandShare: Number(values['band-share']),
    ...(least !== undefined && most !== undefined ? { liquidityLots: [least, most] as const } : {}),
  },
});
if (Number(values['walk-ms']) > 0) server.world.startWalking(Number(values['walk-ms']));
process.stdout.write(
  `${JSON.stringify({ ready: true, venue: values.venue, url: server.url, seed: Number(values.seed), apiKey: KEY.apiKey, secret: KEY.secret, passphrase: KEY.passphrase })}\n`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close().then(() => process.exit(0)));
