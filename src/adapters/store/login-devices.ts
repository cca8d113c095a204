/** From where users log in: noted with the session that begins, and told of when it is new. */
import type { LoginDevice } from '#core/store/people.ts';
import type { Session } from './database.ts';
import { insertFacts } from './facts.ts';

/** Logins of one user go one after the other, so that two at once from a new device tell of it once. */
const LOCK_USER = { name: 'lock_user_logging_in', text: 'select id from users where id = $1 for no key update' };
const LOOK = {
  name: 'look_for_login_device',
  text: `select exists (select from login_devices where user_id = $1) as "hasAny",
           exists (select from login_devices where user_id = $1 and device_hash = $2 and last_login_at >= $3) as "isKnown"`,
};
const NOTE = {
  name: 'note_login_device',
  text: `insert into login_devices (user_id, device_hash, last_login_at) values ($1, $2, $3)
         on conflict (user_id, device_hash) do update set last_login_at = excluded.last_login_at`,
};
const FORGET = {
  name: 'forget_login_devices',
  text: `delete from login_devices where user_id = $1 and device_hash in
           (select device_hash from login_devices where user_id = $1 order by last_login_at desc, device_hash offset $2)`,
};

export async function noteLoginDevice(session: Session, userId: string, { deviceHash, at, knownSince, most, fact }: LoginDevice): Promise<void> {
  await session.row(LOCK_USER, [userId]);
  const found = await session.row<{ hasAny: boolean; isKnown: boolean }>(LOOK, [userId, deviceHash, knownSince]);
  await session.write(NOTE, [userId, deviceHash, at]);
  await session.write(FORGET, [userId, most]);
  if (found?.hasAny === true && !found.isKnown) await insertFacts(session, [fact]);
}
