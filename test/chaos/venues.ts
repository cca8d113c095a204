/** The venues of the chaos test: the list a new one joins by one line, and a running one with its accounts and its truth. */
import { type Simulator, startSimulator } from '../crash/processes.ts';
import { SIMULATED_VENUES } from '../venues/_simulators.ts';

export interface ChaosVenue {
  /** As in `exchange` of an account. */
  readonly id: string;
  /** What starts its simulator, beyond the flags all have. */
  readonly flags: readonly string[];
  /** What the venue calls the simulator's execution of a number. */
  readonly tradeId: (number: string) => string;
  /** How long a client keeps silent after a ban, however soon the venue forgets: as the venue wants it where it does not say how long. */
  readonly banMs: number;
}

/** Longest ban that the faults announce. */
const ANNOUNCED_BAN_MS = 10_000;
/** Bybit announces nothing and wants ten minutes of silence. */
const BYBIT_BAN_MS = 600_000;

export const CHAOS_VENUES: readonly ChaosVenue[] = SIMULATED_VENUES.map((id) => ({
  id,
  flags: ['--venue', id],
  tradeId: (number) => (id === 'mexc' ? `${number}X1` : number),
  banMs: id === 'bybit' ? BYBIT_BAN_MS : ANNOUNCED_BAN_MS,
}));

/** Keys of an account at a simulator, as the API wants them. */
export interface Keys {
  readonly account: string;
  readonly api_key: string;
  readonly api_secret: string;
  readonly passphrase: string;
}

const KEY_LENGTH = 64;
const RICHES = { USDT: '1000000', BTC: '20', ETH: '300', BNB: '1000' };

export class RunningVenue {
  readonly venue: ChaosVenue;
  readonly #simulator: Simulator;

  private constructor(venue: ChaosVenue, simulator: Simulator) {
    this.venue = venue;
    this.#simulator = simulator;
  }

  static async start(venue: ChaosVenue, options: { readonly seed: number; readonly walkMs: number }): Promise<RunningVenue> {
    return new RunningVenue(venue, await startSimulator({ ...options, flags: venue.flags }));
  }

  get id(): string {
    return this.venue.id;
  }

  get target(): { readonly host: string; readonly port: number } {
    const { hostname, port } = new URL(this.#simulator.url);
    return { host: hostname, port: Number(port) };
  }

  /** Makes an account with money at the venue and a key to it. */
  async addAccount(account: string): Promise<Keys> {
    const keys = { account, api_key: `key-${account}-`.padEnd(KEY_LENGTH, '0'), api_secret: `secret-${account}-`.padEnd(KEY_LENGTH, '0'), passphrase: 'chaos' };
    await this.tell('key', { account, apiKey: keys.api_key, secret: keys.api_secret, passphrase: keys.passphrase, balances: RICHES });
    return keys;
  }

  async truth<Answer>(name: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(`${this.#simulator.url}/__truth/${name}?${new URLSearchParams(query)}`);
    if (!response.ok) throw new Error(`${this.id} does not tell ${name}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async tell(name: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.#simulator.url}/__truth/${name}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${this.id} does not do ${name}: ${await response.text()}`);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.#simulator.url}/__truth/faults`, { method: 'DELETE' });
    await this.tell('release', {});
  }

  close(): void {
    this.#simulator.close();
  }
}
