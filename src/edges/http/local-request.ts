/** Whether a request was made on the server's own machine. */
import type { FastifyRequest } from 'fastify';

/** Headers by which proxies say that they carry somebody else's request. */
const CARRIED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** From the loopback interface and past no proxy: a proxy on this machine carries the requests of the whole world. */
export function isLocal(request: Pick<FastifyRequest, 'ip' | 'headers'>): boolean {
  const isLoopback = request.ip === '::1' || /^(?:::ffff:)?127\./.test(request.ip);
  return isLoopback && CARRIED.every((name) => request.headers[name] === undefined);
}
