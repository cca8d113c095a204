/**
 * Proof that a payment notice comes from whoever shares our secret, about this very body, and was signed just now. The header is
 * `t=<seconds since 1970>,v1=<hex>`, where `v1` is the HMAC-SHA256 of `<t>.<body>`; several `v1` may stand in it while a secret is
 * exchanged.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '#core/errors.ts';

export const SIGNATURE_HEADER = 'x-argosy-signature';
/** A notice signed longer ago, or as far ahead, proves nothing. */
export const SIGNATURE_AGE_MS = 300_000;
const MAX_SIGNATURES = 5;

/** Throws AppError `signature_invalid`. */
export function assertSigned(body: string, header: string | string[] | undefined, secret: string, now: number): void {
  if (typeof header !== 'string') throw refused(`The header ${SIGNATURE_HEADER} is missing.`);
  const parts = header.split(',').map((part) => part.trim());
  const at = /^t=(\d{1,12})$/.exec(parts[0] ?? '')?.[1];
  const given = parts.slice(1).flatMap((part) => /^v1=([0-9a-f]{64})$/.exec(part)?.[1] ?? []);
  if (at === undefined || given.length === 0 || given.length > MAX_SIGNATURES || given.length !== parts.length - 1)
    throw refused(`The header ${SIGNATURE_HEADER} must look like t=1795190400,v1=<64 hexadecimal digits>.`);
  const wanted = Buffer.from(signatureOf(body, at, secret), 'hex');
  if (!given.some((text) => timingSafeEqual(Buffer.from(text, 'hex'), wanted))) throw refused('The signature does not belong to this body, time and secret.');
  if (Math.abs(now - Number(at) * 1_000) > SIGNATURE_AGE_MS) throw refused('The notice was signed more than five minutes ago, or ahead of time.');
}

/** The signature of a body at a time in seconds, as hexadecimal digits. */
export function signatureOf(body: string, at: string, secret: string): string {
  return createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
}

function refused(detail: string): AppError {
  return new AppError('signature_invalid', detail);
}
