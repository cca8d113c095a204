/** Every request a simulated venue received and what became of it, so that a test can tell what was sent from what was answered. */
import type { WireRequest } from './_dialect.ts';
import type { Subject } from './_faults.ts';

/** `withheld`: acted on, but no (whole) answer left; `unprocessed`: never acted on. */
export type Fate = 'pending' | 'answered' | 'withheld' | 'unprocessed';

export interface LoggedRequest extends Subject {
  readonly sequence: number;
  readonly receivedAt: number;
  readonly method: string;
  readonly path: string;
  /** Parameters without the signature. */
  readonly parameters: string;
  /** Headers that tell when the request was made or until when it may be acted on. */
  readonly times: Readonly<Record<string, string>>;
  fate: Fate;
  fault: string | null;
  status: number;
  code: string | null;
}

const TIMES = /timestamp|exptime|recv-?window/i;
const MAX_LOGGED = 200_000;

export class RequestLog {
  #entries: LoggedRequest[] = [];
  #sequence = 0;

  open(at: number, request: WireRequest, subject: Subject): LoggedRequest {
    this.#sequence += 1;
    const { method, path, headers } = request;
    const parameters = [request.query, request.body].filter(Boolean).join('&');
    const clean = parameters.replace(/&?signature=[^&]*/g, '');
    const entry: LoggedRequest = {
      ...subject,
      sequence: this.#sequence,
      receivedAt: at,
      method,
      path,
      parameters: clean,
      times: Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (TIMES.test(name) && typeof value === 'string' ? [[name, value]] : []))),
      fate: 'pending',
      fault: null,
      status: 0,
      code: null,
    };
    this.#entries.push(entry);
    if (this.#entries.length > MAX_LOGGED) this.#entries = this.#entries.slice(-MAX_LOGGED / 2);
    return entry;
  }

  list(operation?: string): readonly LoggedRequest[] {
    return operation === undefined ? this.#entries : this.#entries.filter((entry) => entry.operation === operation);
  }
}
