/**
 * The process of a sandbox: started with an empty environment and without the right to files, network, children or
 * workers. It holds isolates and passes questions in and answers out; it decides nothing and knows nothing.
 */
import ivm from 'isolated-vm';
import type { ProgramFile } from '#core/sandbox/port.ts';
import { API_NAME, Cell } from './cell.ts';
import { type Frame, readFrames, writeFrame } from './frames.ts';
import { collectModules } from './guest-code.ts';
import { inspectProgram } from './inspect.ts';
import { LIMITS } from './limits.ts';
import type { Question } from './messages.ts';

const COLUMNS = ['startAt', 'openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'volumeLots'] as const;

type Asked = Question & { readonly id: number };
type Limit = 'time' | 'memory' | 'threw' | 'crashed';

const [source = '', guest = '', api = ''] = process.argv.slice(2);
const modules = collectModules(source, [guest, api]);
const runs = new Map<number, Cell>();
const histories = new Map<number, ivm.ExternalCopy<unknown>>();

readFrames(process.stdin, { headerBytes: LIMITS.requestBytes, bodyBytes: LIMITS.requestBytes }, (frame) => void take(frame), end);
process.stdin.on('end', () => end());

async function take(frame: Frame): Promise<void> {
  const asked = frame.header as Asked;
  let cell: Cell | null = null;
  try {
    if (asked.op === 'check') return await check(asked.id, asked.files);
    if (asked.op === 'history') keepHistory(asked, frame.body);
    else if (asked.op === 'close') closeRun(asked.run);
    else {
      cell = asked.op === 'step' ? running(asked.run) : await openCell(asked.files, asked.op === 'rehearse' ? LIMITS.rehearsalMemoryMiB : LIMITS.runMemoryMiB);
      reply(asked.id, await ask(cell, asked));
      return;
    }
    reply(asked.id, '');
  } catch (error) {
    refuse(asked.id, error, cell?.isDead === true);
  } finally {
    if (cell !== null && (asked.op === 'plan' || asked.op === 'rehearse')) cell.close();
  }
}

/** Asks a program's isolate; one whose question was left unanswered is of no use any more. */
async function ask(cell: Cell, asked: Asked): Promise<string> {
  switch (asked.op) {
    case 'plan':
      return cell.call('plan', [asked.question], LIMITS.planMs);
    case 'open': {
      const opened = await cell.call('open', [asked.recipe, asked.state], LIMITS.loadMs);
      runs.set(asked.run, cell);
      return opened;
    }
    case 'step':
      return cell.call('step', [asked.event], LIMITS.stepMs);
    case 'rehearse':
      return cell.call('rehearse', [asked.options, columnsOf(asked.bars), asked.history === null ? null : columnsOf(asked.history)], LIMITS.rehearsalMs);
    default:
      return '';
  }
}

async function check(id: number, files: readonly ProgramFile[]): Promise<void> {
  const { files: plain, issues } = inspectProgram(files, API_NAME);
  if (issues.length > 0) return reply(id, '', issues);
  try {
    const { cell, declared } = await Cell.open({ modules, guest, api, files: plain, memoryMiB: LIMITS.runMemoryMiB, loadMs: LIMITS.loadMs });
    cell.close();
    reply(id, declared, []);
  } catch (error) {
    refuse(id, error, false);
  }
}

async function openCell(files: readonly ProgramFile[], memoryMiB: number): Promise<Cell> {
  const { files: plain, issues } = inspectProgram(files, API_NAME);
  if (issues[0] !== undefined) throw new Error(`${issues[0].file}:${issues[0].line}:${issues[0].column}: ${issues[0].message}`);
  const { cell, declared } = await Cell.open({ modules, guest, api, files: plain, memoryMiB, loadMs: LIMITS.loadMs });
  if (declared.startsWith('{"ok":true')) return cell;
  cell.close();
  throw new Error('the program declares no strategy');
}

function running(run: number): Cell {
  const cell = runs.get(run);
  if (cell === undefined) throw new Error('the run is not open here');
  return cell;
}

function closeRun(run: number): void {
  runs.get(run)?.close();
  runs.delete(run);
}

function keepHistory({ key, length, intervalMs }: Extract<Question, { op: 'history' }>, body: Buffer): void {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  const columns = COLUMNS.map((name, index) => {
    const column = new Float64Array(length);
    new Uint8Array(column.buffer).set(body.subarray(index * bytes, (index + 1) * bytes));
    return [name, column] as const;
  });
  while (histories.size >= LIMITS.histories) {
    const oldest = histories.keys().next().value;
    if (oldest === undefined) break;
    histories.get(oldest)?.release();
    histories.delete(oldest);
  }
  histories.set(key, new ivm.ExternalCopy({ length, intervalMs, ...Object.fromEntries(columns) }));
}

function columnsOf(key: number): unknown {
  const history = histories.get(key);
  if (history === undefined) throw new Error('the history is not here');
  return history.copyInto();
}

function reply(id: number, text: string, issues?: readonly unknown[]): void {
  writeFrame(process.stdout, { id, ok: true, ...(issues === undefined ? {} : { issues }) }, text === '' ? [] : [Buffer.from(text)]);
}

function refuse(id: number, error: unknown, isDead: boolean): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  writeFrame(process.stdout, { id, ok: false, limit: limitOf(message, isDead), message: message.slice(0, 300), stack: String(stack).slice(0, 4_000) });
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
