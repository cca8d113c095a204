/** A real SMTP server on loopback: keeps the mails it takes, read as a mail program reads them, and refuses, stalls or is away as told. */
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerAddress, type SMTPServerError } from 'smtp-server';
import { selfSigned } from '#test/support/self-signed.ts';

export interface KeptMail {
  readonly to: readonly string[];
  readonly from: string;
  /** As it came over the wire. */
  readonly raw: string;
  readonly parsed: Email;
  readonly isEncrypted: boolean;
  readonly at: number;
}

export interface MailRefusal {
  readonly code: number;
  readonly text: string;
}

export class MailServer {
  readonly mails: KeptMail[] = [];
  /** Refusals of mailboxes by their address. */
  readonly mailboxes = new Map<string, MailRefusal>();
  /** What every message is refused with once it is there; `null` takes it. */
  refusal: MailRefusal | null = null;
  /** Nothing that is taken is answered. */
  isMute = false;
  readonly #certificate = selfSigned();
  #server: SMTPServer | null = null;
  #port = 0;

  /** On the same port as before when it was there before. */
  async start(): Promise<void> {
    const server = new SMTPServer({
      ...this.#certificate,
      authOptional: true,
      onAuth: (auth, _, callback) => callback(null, { user: auth.username ?? '' }),
      onRcptTo: ({ address }: SMTPServerAddress, _, callback) => callback(errorOf(this.mailboxes.get(address) ?? null)),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (this.refusal !== null) return callback(errorOf(this.refusal));
          const raw = Buffer.concat(chunks).toString('utf8');
          const { mailFrom, rcptTo } = session.envelope;
          void PostalMime.parse(raw).then((parsed) => {
            const to = rcptTo.map(({ address }) => address);
            this.mails.push({ to, from: mailFrom === false ? '' : mailFrom.address, raw, parsed, isEncrypted: session.secure, at: Date.now() });
            if (!this.isMute) callback();
          });
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', () => resolve()));
    const address = server.server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
  }

  /** For `SMTP_URL`. */
  get url(): string {
    return `smtp://argosy:smtp-password@127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    for (const connection of server.connections) connection.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function errorOf(refusal: MailRefusal | null): SMTPServerError | null {
  return refusal === null ? null : Object.assign(new Error(refusal.text), { responseCode: refusal.code });
}
