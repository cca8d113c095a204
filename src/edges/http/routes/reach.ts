/** What a user sets up to reach his bots from outside, and to be reached: alerts, hooks and his Telegram chat. */
import type { RouteParts } from '../parts.ts';
import type { HttpServer } from '../route.ts';
import { addAlertRoutes } from './alerts.ts';
import { addHookRoutes } from './hooks.ts';
import { addTelegramRoutes } from './telegram.ts';

export async function addReachRoutes(server: HttpServer, parts: RouteParts): Promise<void> {
  addAlertRoutes(server, parts);
  await addHookRoutes(server, parts);
  addTelegramRoutes(server, parts);
}
