/**
 * The only way out to addresses that users name: encrypted, to public addresses of the internet, to what the name was resolved to when it
 * was checked, without following where it points next, for a bounded time and answer. What a name hides (an address of this network, of this
 * machine, of the cloud's own service) is found where the connection is made, and not by how it is written.
 */
import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { SEND_PATIENCE_MS } from '#core/notices/channel.ts';

export const MAX_ANSWER_BYTES = 65_536;
const PORTS: readonly string[] = ['', '443', '8443'];
const SOCKETS = 32;

export interface OutgoingOptions {
  /** Lets requests reach addresses of private networks and of this machine, unencrypted too: for the owner to decide. */
  readonly allowsPrivate: boolean;
  /** Certificates to trust besides the usual ones. */
  readonly ca?: string;
}

export type Answer =
  | { readonly isAnswered: true; readonly status: number; readonly retryAfterMs: number | null; readonly body: string }
  /** `isForbidden`: it may not be reached at all. */
  | { readonly isAnswered: false; readonly isForbidden: boolean; readonly reason: string };

export interface Outgoing {
  /** Never throws. `now` is for a `Retry-After` that names a date. */
  post(url: string, headers: Readonly<Record<string, string | number>>, body: string | Buffer): Promise<Answer>;
  close(): void;
}

export function openOutgoing({ allowsPrivate, ca }: OutgoingOptions): Outgoing {
  const lookup = allowsPrivate ? undefined : publicLookup;
  const settings = { keepAlive: true, maxSockets: SOCKETS, ...(lookup === undefined ? {} : { lookup }) };
  const agents = { http: new HttpAgent(settings), https: new HttpsAgent({ ...settings, ...(ca === undefined ? {} : { ca }) }) };
  return {
    post: async (address, headers, body) => {
      const url = URL.parse(address);
      const fault = url === null ? 'it is not an address' : addressFault(url, allowsPrivate);
      if (url === null || fault !== null) return { isAnswered: false, isForbidden: true, reason: fault ?? '' };
      const options: RequestOptions = {
        method: 'POST',
        headers: { 'content-length': Buffer.byteLength(body), 'user-agent': 'Argosy', ...headers },
        agent: url.protocol === 'https:' ? agents.https : agents.http,
        signal: AbortSignal.timeout(SEND_PATIENCE_MS),
      };
      try {
        return await exchange(url, options, body);
      } catch (error) {
        if (error instanceof PrivateAddress) return { isAnswered: false, isForbidden: true, reason: 'it leads into a private network' };
        return { isAnswered: false, isForbidden: false, reason: describe(error) };
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** What is wrong with an address before it is tried; `null` when nothing is. */
export function addressFault(url: URL, allowsPrivate: boolean): string | null {
  if (url.username !== '' || url.password !== '') return 'it has a name or a password in it';
  if (allowsPrivate) return /^https?:$/.test(url.protocol) ? null : 'it does not begin with https:// or http://';
  if (url.protocol !== 'https:') return 'it does not begin with https://';
  if (!PORTS.includes(url.port)) return 'its port is neither 443 nor 8443';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0 && isPrivate(host) ? 'it leads into a private network' : null;
}

class PrivateAddress extends Error {}

/** Resolves once; what it gives is what is connected to. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '');
    // One of them suffices: whoever names both means the other one.
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivate(address))) return callback(new PrivateAddress(), '');
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function isPrivate(address: string): boolean {
  return isIP(address) === 6 ? PRIVATE.ipv6.check(address, 'ipv6') : PRIVATE.ipv4.check(address, 'ipv4');
}

/** Apart from each other: an address of the one kind would be found among those of the other that carry it. */
const PRIVATE = { ipv4: new BlockList(), ipv6: new BlockList() };
// @see https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  PRIVATE.ipv4.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  // Unspecified, this machine, and whatever carries an address of the other kind inside.
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.ipv6.addSubnet(net, bits, 'ipv6');

function exchange(url: URL, options: RequestOptions, body: string | Buffer): Promise<Answer> {
  return new Promise((settle, fail) => {
    const onAnswer = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
        else answer.destroy();
      });
      // What comes after the first pieces changes nothing: the status has been said.
      answer.on('close', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        settle({ isAnswered: true, status: answer.statusCode ?? 0, retryAfterMs: retryAfter(answer.headers['retry-after']), body: text });
      });
      answer.on('error', () => undefined);
    };
    const request = url.protocol === 'https:' ? httpsRequest(url, options, onAnswer) : httpRequest(url, options, onAnswer);
    request.on('error', fail);
    request.end(body);
  });
}

/** A number of seconds; whoever names a date instead is tried when we see fit. */
function retryAfter(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}(\.\d{1,6})?$/.test(header) ? Math.ceil(Number(header) * 1_000) : null;
}

function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'ABORT_ERR' ? 'no answer in time' : `it cannot be reached${code === '' ? '' : ` (${code})`}`;
}
