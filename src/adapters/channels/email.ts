/** Notices by e-mail over SMTP: text and HTML, encrypted on the way, and a mailbox that is no more told from a server that is away. */
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { type Channel, SEND_PATIENCE_MS, type SendOutcome } from '#core/notices/channel.ts';
import { escapeHtml } from '#core/notices/inert.ts';
import type { Message } from '#core/notices/notice.ts';

export interface EmailOptions {
  /** `smtp://` (encrypted by STARTTLS) or `smtps://`, with user and password in it. */
  readonly url: string;
  /** Address that mails come from; `null` takes the user of the URL where it is one. */
  readonly from: string | null;
}

const CONNECTIONS = 4;
const MESSAGES_PER_CONNECTION = 100;

/** Connects at the first message. */
export function emailChannel({ url, from }: EmailOptions): Channel {
  const { hostname, username } = new URL(url);
  const isLoopback = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  const sender = from ?? (username.includes('%40') ? decodeURIComponent(username) : `argosy@${hostname}`);
  const settings: SMTPPool.Options = {
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: MESSAGES_PER_CONNECTION,
    // A server on this very machine may have no certificate; everywhere else a password or a notice must not be read on the way.
    requireTLS: !isLoopback,
    connectionTimeout: SEND_PATIENCE_MS / 2,
    greetingTimeout: SEND_PATIENCE_MS / 2,
    socketTimeout: SEND_PATIENCE_MS,
    // No file and no address is read into a mail, whatever it says.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(isLoopback ? { tls: { rejectUnauthorized: false } } : {}),
  };
  const transport = createTransport(settings);
  return {
    name: 'email',
    pace: { perSecond: 20, perTargetMs: 1_000, atOnce: 4, gathers: 20 },
    send: async (address, message) => {
      const mail = transport.sendMail({
        from: { name: 'Argosy', address: sender },
        to: { name: '', address },
        subject: `Argosy: ${message.title}`,
        text: textOf(message),
        html: htmlOf(message),
        // The same for the same message, so that mail programs show a repetition once.
        messageId: `<${createHash('sha256').update(message.key).digest('hex').slice(0, 40)}@${hostname.replace(/[[\]]/g, '')}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Content-Language': message.language },
      });
      return settled(mail);
    },
    close: async () => transport.close(),
  };
}

const FOOTER = {
  en: 'You can choose what you are told of in the settings of notifications.',
  ru: 'Выбрать, о чём сообщать, можно в настройках уведомлений.',
};

function textOf({ title, plain, language }: Message): string {
  return [title, plain, `-- \n${FOOTER[language]}`].filter((part) => part !== '').join('\n\n');
}

function htmlOf({ title, html, language }: Message): string {
  const head = `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`;
  const body = `<h2 style="margin:0 0 12px">${escapeHtml(title)}</h2>${html}<p style="color:#667085;font-size:12px">${FOOTER[language]}</p>`;
  return `${head}<body style="font-family:sans-serif;color:#101828">${body}</body></html>`;
}

async function settled(mail: Promise<unknown>): Promise<SendOutcome> {
  let callOff: NodeJS.Timeout | undefined;
  const late = new Promise<SendOutcome>((resolve) => {
    callOff = setTimeout(() => resolve(away('the mail server has not answered in time')), SEND_PATIENCE_MS);
  });
  const sent = mail.then((): SendOutcome => ({ outcome: 'sent' }), outcomeOf);
  return Promise.race([sent, late]).finally(() => clearTimeout(callOff));
}

interface SmtpFailure {
  readonly code: string;
  readonly status: number | null;
  readonly text: string;
}

function outcomeOf(error: unknown): SendOutcome {
  const { code, status, text } = failureOf(error);
  if (status === null) return away('the mail server cannot be reached');
  if (status === 421 || code === 'EAUTH') return away('the mail server refuses to serve');
  if (status < 500) return { outcome: 'later', reason: `the mail server has put it off (${status})`, scope: 'target', retryAfterMs: null };
  if (code === 'EENVELOPE' && isMailboxGone(status, text)) return { outcome: 'gone', reason: `the mail server says that there is no such mailbox (${status})` };
  return { outcome: 'refused', reason: `the mail server has refused it (${status})` };
}

function failureOf(error: unknown): SmtpFailure {
  if (!(error instanceof Error)) return { code: '', status: null, text: '' };
  const status = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;
  const text = 'response' in error && typeof error.response === 'string' ? error.response : error.message;
  return { code: 'code' in error ? String(error.code) : '', status, text };
}

/** A server that will not relay, or dislikes us, refuses with the same number; that is no fault of the mailbox. */
function isMailboxGone(status: number, text: string): boolean {
  const enhanced = /\b5\.(\d{1,3})\.(\d{1,3})\b/.exec(text);
  if (enhanced !== null) return enhanced[1] === '1' || (enhanced[1] === '2' && enhanced[2] === '1');
  return [550, 551, 553].includes(status) && /no such|unknown|not exist|invalid|disabled|unavailable/i.test(text) && !/relay|polic|spam|block|auth/i.test(text);
}

function away(reason: string): SendOutcome {
  return { outcome: 'later', reason, scope: 'channel', retryAfterMs: null };
}
