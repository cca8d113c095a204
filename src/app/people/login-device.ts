/** What a login comes from: the digest by which it is known again, and a short name to tell its user. */
import type { LoginDevice } from '#core/store/people.ts';

/** A device that was not used for so long is told of again. */
export const DEVICE_KNOWN_MS = 90 * 86_400_000;
/** Devices kept of a user. */
export const MAX_DEVICES = 100;

/** Where a login came from, as its request says. */
export interface LoginOrigin {
  readonly address: string;
  /** What the addresses of one customer of a provider have in common. */
  readonly network: string;
  /** What the program says it is; empty when it says nothing. */
  readonly agent: string;
}

/** Programs call themselves by the names of others too: the first that is found counts. */
const PROGRAMS = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['YaBrowser', 'Yandex Browser'],
  ['Firefox', 'Firefox'],
  ['Chrome', 'Chrome'],
  ['Safari', 'Safari'],
  ['curl', 'curl'],
] as const;
const SYSTEMS = [
  ['Windows', 'Windows'],
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const;

export function loginDevice(
  session: { readonly userId: string; readonly id: string },
  { address, network, agent }: LoginOrigin,
  at: number,
  digest: (text: string) => string,
): LoginDevice {
  const { userId, id } = session;
  const data = { address, device: deviceName(agent) };
  return {
    // Without figures: a newer version of a browser is no new device.
    deviceHash: digest(JSON.stringify([userId, network, agent.replace(/\d[\d._]*/g, '')])),
    at,
    knownSince: at - DEVICE_KNOWN_MS,
    most: MAX_DEVICES,
    fact: { dedupeKey: `login:${id}`, userId, botId: null, type: 'login_new_device', data, at },
  };
}

/** Of names known here only, so that nothing a stranger sends is shown; `null` when there is none. */
function deviceName(agent: string): string | null {
  const known = [PROGRAMS, SYSTEMS].flatMap((names) => names.find(([mark]) => agent.includes(mark))?.[1] ?? []);
  return known.length === 0 ? null : known.join(', ');
}
