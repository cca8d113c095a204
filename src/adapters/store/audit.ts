/** The audit log: written with each deed, read in pages. A trigger refuses every change to what is there. */
import type { Actor, AuditAction, AuditEntry, AuditLog, Deed } from '#core/audit.ts';
import type { Database, Session } from './database.ts';
import { pageOf, pageStart } from './paging.ts';

const INSERT = {
  name: 'insert_audit_entry',
  text: `insert into audit_log (at, actor_id, address, is_anonymous, action, subject_kind, subject_id, owner_id, details)
         values ((extract(epoch from clock_timestamp()) * 1000)::bigint, $1, $2, $3, $4, $5, $6, $7, $8)`,
};
const COLUMNS = `id, at, actor_id as "actorId", address, is_anonymous as "isAnonymous", action, subject_kind as "subjectKind", subject_id as "subjectId",
  owner_id as "ownerId", details`;
const LIST = { name: 'list_audit', text: `select ${COLUMNS} from audit_log where id < $1 order by id desc limit $2` };
const OF_USER = { name: 'list_audit_of_user', text: `select ${COLUMNS} from audit_log where owner_id = $1 and id < $2 order by id desc limit $3` };

/** What is done to no thing in particular. */
export const INSTALLATION: Deed['subject'] = { kind: 'installation', id: '' };

interface Row {
  readonly id: number;
  readonly at: number;
  readonly actorId: string | null;
  readonly address: string | null;
  readonly isAnonymous: boolean;
  readonly action: AuditAction;
  readonly subjectKind: Deed['subject']['kind'];
  readonly subjectId: string;
  readonly ownerId: string | null;
  readonly details: Deed['details'];
}

/** Notes a deed in its transaction, with whoever acts at this moment. */
export function note(database: Database, session: Session, deed: Deed): Promise<void> {
  return insert(session, deed, database.actors?.current() ?? null);
}

/** Notes a deed of the server's own in its transaction. */
export function noteOwn(session: Session, deed: Deed): Promise<void> {
  return insert(session, deed, null);
}

async function insert(session: Session, { action, subject, ownerId, details }: Deed, actor: Actor | null): Promise<void> {
  const who = [actor?.userId ?? null, actor?.address ?? null, actor !== null && actor.userId === null];
  await session.write(INSERT, [...who, action, subject.kind, subject.id, ownerId, JSON.stringify(details)]);
}

export function auditOf(database: Database): AuditLog {
  const place = ({ id, at }: AuditEntry) => ({ at, id });
  return {
    add: (deed) => note(database, database, deed),
    list: async (page) => {
      const start = pageStart(page, 'serial');
      return pageOf((await database.rows<Row>(LIST, [before(start.id), start.rows])).map(entryOf), page, place);
    },
    ofUser: async (userId, page) => {
      const start = pageStart(page, 'serial');
      return pageOf((await database.rows<Row>(OF_USER, [userId, before(start.id), start.rows])).map(entryOf), page, place);
    },
  };
}

/** The first page begins past every entry. */
function before(id: string): number {
  return id === '0' ? Number.MAX_SAFE_INTEGER : Number(id);
}

function entryOf({ id, at, actorId, address, isAnonymous, action, subjectKind, subjectId, ownerId, details }: Row): AuditEntry {
  const actor = actorId === null && address === null && !isAnonymous ? null : { userId: actorId, address };
  return { id: String(id), at, actor, action, subject: { kind: subjectKind, id: subjectId }, ownerId, details };
}
