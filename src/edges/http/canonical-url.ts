/**
 * `/api/…`, `/auth/…` and `/hooks/…` without the version mean the present version: one set of routes answers both.
 */
import { API_PREFIX } from './route.ts';

/** The address under its canonical prefix; addresses that have it, and those outside the API, stay as they are. */
export function canonicalUrl(url: string): string {
  if (/^\/api\/v\d+(\/|\?|$)/.test(url)) return url;
  if (url.startsWith('/api/')) return `${API_PREFIX}${url.slice('/api'.length)}`;
  return /^\/(auth|hooks)\//.test(url) ? `${API_PREFIX}${url}` : url;
}
