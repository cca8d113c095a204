/**
 * The process of a sandbox: started with an empty environment and without the right to files, network, children or
 * workers. It holds isolates and passes questions in and answers out; it decides nothing and knows nothing.
 */
import { Socket } from 'node:net';
import ivm from 'isolated-vm';
import type { ProgramFile } from '#core/sandbox/program.ts';
import { API_NAME, Cell } from './cell.ts';
import { type Frame, readFrames, writeFrame } from './frames.ts';
import { collectModules } from './guest-code.ts';
import { inspectProgram } from './inspect.ts';
import { LIMITS } from './limits.ts';
import { type Limit, type Question, READY_ID } from './messages.ts';
import { RehearsalCells } from './rehearsal-cells.ts';
import { TypeChecker } from './types.ts';

const COLUMNS = ['startAt', 'openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'volumeLots'] as const;

type Asked = Question & { readonly id: number };

const [source = '', guest = '', api = '', types = ''] = process.argv.slice(2);
/** Questions come and answers go over what others have as their input. */
const asker = new Socket({ fd: 0, readable: true, writable: true });
const modules = collectModules(source, [guest, api]);
const runs = new Map<number, Cell>();
const checker = new TypeChecker(types);
const rehearsals = new RehearsalCells((files, memoryMiB) => openCell(files, memoryMiB));

readFrames(asker, { headerBytes: LIMITS.requestBytes, bodyBytes: LIMITS.requestBytes }, (frame) => void take(frame), end);
asker.on('end', end);
asker.on('error', end);

// Whoever started this process knows by it that the fault is not here, should anything end it from now on.
reply(READY_ID, '');

/** Whatever is asked gets exactly one answer. */
async function take({ header, body }: Frame): Promise<void> {
  const asked = header as Asked;
  try {
    if (asked.op === 'check') await check(asked.id, asked.files);
    else if (asked.op === 'types') reply(asked.id, '', { issues: checker.issuesOf(asked.files) });
    else reply(asked.id, await answerTo(asked, body));
  } catch (error) {
    const cell = asked.op === 'step' ? runs.get(asked.run) : undefined;
    refuse(asked.id, error, cell?.isDead === true);
  }
}

async function answerTo(asked: Exclude<Asked, { op: 'check' | 'types' }>, body: Buffer): Promise<string> {
  switch (asked.op) {
    case 'plan':
      return await rehearsals.plan(asked);
    case 'open': {
      const cell = await openCell(asked.files, LIMITS.runMemoryMiB);
      runs.set(asked.run, cell);
      return await cell.call('open', [asked.recipe, asked.state], LIMITS.loadMs);
    }
    case 'step':
      return await running(asked.run).call('step', [asked.event], LIMITS.stepMs);
    case 'close':
      runs.get(asked.run)?.close();
      runs.delete(asked.run);
      return '';
    case 'history':
      rehearsals.keep(asked.key, columnsOf(asked, body), body.byteLength, asked.drop);
      return '';
    case 'rehearse':
      return await rehearsals.rehearse(asked);
  }
}

async function check(id: number, files: readonly ProgramFile[]): Promise<void> {
  const { files: plain, issues } = inspectProgram(files, API_NAME);
  if (issues.length > 0) return reply(id, '', { issues });
  const { cell, declared } = await Cell.open({ modules, guest, api, files: plain, memoryMiB: LIMITS.runMemoryMiB, loadMs: LIMITS.loadMs });
  try {
    const trial = declared.startsWith(YES) ? await cell.call('tryOut', [], LIMITS.trialMs) : '';
    reply(id, declared, { trial });
  } finally {
    cell.close();
  }
}

/** How the guest's answer to a question begins that it could answer. */
const YES = '{"ok":true';

async function openCell(files: readonly ProgramFile[], memoryMiB: number): Promise<Cell> {
  const { files: plain, issues } = inspectProgram(files, API_NAME);
  if (issues[0] !== undefined) throw new Error(`${issues[0].file}:${issues[0].line}:${issues[0].column}: ${issues[0].message}`);
  const { cell, declared } = await Cell.open({ modules, guest, api, files: plain, memoryMiB, loadMs: LIMITS.loadMs });
  if (declared.startsWith(YES)) return cell;
  cell.close();
  throw new Error('the program declares no strategy');
}

function running(run: number): Cell {
  const cell = runs.get(run);
  if (cell === undefined) throw new Error('the run is not open here');
  return cell;
}

function columnsOf({ length, intervalMs }: Extract<Question, { op: 'history' }>, body: Buffer): ivm.ExternalCopy<unknown> {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  const columns = COLUMNS.map((name, index) => {
    const column = new Float64Array(length);
    new Uint8Array(column.buffer).set(body.subarray(index * bytes, (index + 1) * bytes));
    return [name, column] as const;
  });
  return new ivm.ExternalCopy({ length, intervalMs, ...Object.fromEntries(columns) });
}

function reply(id: number, text: string, more: { readonly issues?: readonly unknown[]; readonly trial?: string } = {}): void {
  writeFrame(asker, { id, ok: true, ...more }, text === '' ? [] : [Buffer.from(text)]);
}

function refuse(id: number, error: unknown, isDead: boolean): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  writeFrame(asker, { id, ok: false, limit: limitOf(message, isDead), message: message.slice(0, 300), stack: String(stack).slice(0, 4_000) });
}

/** The isolate's own words for a limit; there is nothing else to tell them by. */
function limitOf(message: string, isDead: boolean): Limit {
  if (message.includes('Script execution timed out')) return 'time';
  if (isDead || message.includes('disposed') || message.includes('Array buffer allocation failed')) return 'memory';
  return 'threw';
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
