/**
 * Simulated venues for developers: `npm run venues` starts all five on loopback with walking prices, and prints how to
 * start Argosy on them and which keys to give. `-- --seed 7 --walk-ms 100` for another walk.
 */
import { parseArgs } from 'node:util';
import { SIMULATED_VENUES, SIMULATORS } from '../test/venues/_simulators.ts';
import { KEY } from '../test/venues/_world.ts';

const FIRST_PORT = 18_101;

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, 'walk-ms': { type: 'string', default: '200' } } });
const servers = await Promise.all(SIMULATED_VENUES.map((venue, index) => SIMULATORS[venue]({ seed: Number(values.seed), port: FIRST_PORT + index })));
for (const server of servers) server.world.startWalking(Number(values['walk-ms']));
const urls = Object.fromEntries(SIMULATED_VENUES.map((venue, index) => [venue, servers[index]?.url]));

console.log(`Simulated exchanges, seed ${values.seed}:\n`);
for (const venue of SIMULATED_VENUES) console.log(`  ${venue.padEnd(8)} ${urls[venue]}   truth and controls at ${urls[venue]}/__truth/orders`);
console.log(`
Start Argosy on them in another terminal:

  ARGOSY_VENUE_URLS='${JSON.stringify(urls)}' npm start

and add an account with these keys (the passphrase where the exchange has one):

  api_key     ${KEY.apiKey}
  api_secret  ${KEY.secret}
  passphrase  ${KEY.passphrase}

Ctrl+C ends them all.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void Promise.all(servers.map((server) => server.close())).then(() => process.exit(0)));
