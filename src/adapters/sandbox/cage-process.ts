/** A process of a sandbox seen from outside: started poor, asked over a pipe, ended from outside when it does not answer. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type Frame, readFrames, writeFrame } from './frames.ts';
import type { Launched, Launcher } from './launcher.ts';
import { LIMITS } from './limits.ts';
import { type Question, READY_ID, type Reply, readReply } from './messages.ts';

/** Where the code is that runs inside: the folder of the product's sources, two modules of it, and the types of the second. */
export interface GuestPaths {
  readonly source: string;
  readonly guest: string;
  readonly api: string;
  readonly types: string;
}

/** `unavailable`: it never stood; `lost`: it stood, but the process that starts them is gone, and it with that one; `ended`: from here. No program is to blame for these. */
type EndReason = 'time' | 'crashed' | 'unavailable' | 'lost' | 'ended';

export type CageReply = { readonly reply: Reply; readonly text: string } | { readonly reply: null; readonly text: ''; readonly reason: EndReason };

interface Waiting {
  readonly done: (reply: CageReply) => void;
  readonly deadline: NodeJS.Timeout;
}

export class CageProcess {
  readonly #launched: Launched;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEnd: (isBad: boolean) => void;
  /** What was asked before its pipe was there. */
  #unsent: (readonly [question: object, bodies: readonly Uint8Array[]])[] = [];
  #pipe: Socket | null = null;
  #nextId = 1;
  #isOver = false;
  #isReady = false;

  constructor(launcher: Launcher, command: CageCommand, isBackground: boolean, onEnd: (isBad: boolean) => void) {
    this.#onEnd = onEnd;
    this.#launched = launcher.launch({
      ...command,
      isBackground,
      onPipe: (pipe) => (pipe === null ? this.#end() : this.#listen(pipe)),
      onLost: () => this.#end(this.#isReady ? 'lost' : 'unavailable'),
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Questions under way. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Asks; an answer that does not come within `withinMs` ends the process, and all that waits for it. */
  ask(question: Question, withinMs: number, bodies: readonly Uint8Array[] = []): Promise<CageReply> {
    if (this.#isOver) return Promise.resolve({ reply: null, text: '', reason: this.#isReady ? 'crashed' : 'unavailable' });
    const id = this.#nextId++;
    return new Promise((done) => {
      const deadline = setTimeout(() => this.#giveUp(id), withinMs);
      this.#waiting.set(id, { done, deadline });
      if (this.#pipe === null) this.#unsent.push([{ ...question, id }, bodies]);
      else writeFrame(this.#pipe, { ...question, id }, bodies);
    });
  }

  /** Ends it at once. */
  kill(): void {
    this.#end('ended');
  }

  #listen(pipe: Socket): void {
    this.#pipe = pipe;
    // Its end, too, comes as a close: a process that is no more has closed its pipe.
    pipe.on('close', () => this.#end());
    pipe.on('error', () => this.#end());
    readFrames(
      pipe,
      { headerBytes: LIMITS.answerBytes, bodyBytes: LIMITS.rehearsalAnswerBytes },
      (frame) => this.#take(frame),
      () => this.#end(),
    );
    for (const [question, bodies] of this.#unsent) writeFrame(pipe, question, bodies);
    this.#unsent = [];
  }

  #giveUp(id: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.done({ reply: null, text: '', reason: this.#isReady ? 'time' : 'unavailable' });
    this.#end();
  }

  #take({ header, body }: Frame): void {
    const reply = readReply(header);
    if (reply.id === READY_ID) this.#isReady = true;
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    clearTimeout(waiting.deadline);
    waiting.done({ reply, text: body.toString('utf8') });
  }

  /** One that never stood says nothing about any program. */
  #end(reason: EndReason = this.#isReady ? 'crashed' : 'unavailable'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#launched.kill();
    this.#pipe?.destroy();
    for (const { done, deadline } of this.#waiting.values()) {
      clearTimeout(deadline);
      done({ reply: null, text: '', reason });
    }
    this.#waiting.clear();
    this.#onEnd(reason !== 'lost' && reason !== 'ended');
  }
}

export interface CageCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** How a script is run as a process of the sandbox: it may read the code that runs in there, and do nothing else to the machine. */
export function cageCommand(script: string, { source, guest, api, types }: GuestPaths): CageCommand {
  const require = createRequire(import.meta.url);
  const folders = [realpathSync(source), ...PACKAGES.map((name) => packageFolder(require, name))].map((folder) => `${folder}/`);
  // The last is looked for by the loader of the isolate's prebuilt file, to tell one system library from another.
  const readable = [...folders, join(realpathSync(source), '..', 'package.json'), '/etc/alpine-release'];
  const rights = ['--permission', '--allow-addons', ...readable.map((path) => `--allow-fs-read=${path}`)];
  const args = [...rights, '--no-warnings', '--no-node-snapshot', '--disable-proto=delete', script, source, guest, api, types];
  if (process.platform !== 'linux') return { command: process.execPath, args };
  const limits = `ulimit -d ${LIMITS.processMemoryMiB * 1_024} -c 0`;
  return { command: '/bin/sh', args: ['-c', `${limits}; exec "$0" "$@"`, process.execPath, ...args] };
}

/** TypeScript, and what it comes with. */
const COMPILER = ['@ts-morph/common', 'minimatch', 'brace-expansion', 'balanced-match', 'path-browserify', 'tinyglobby', 'fdir', 'picomatch'] as const;
/** What the code of a sandbox imports. */
const PACKAGES = ['isolated-vm', 'node-gyp-build', 'acorn', 'acorn-walk', 'decimal.js', 'zod', ...COMPILER] as const;

function packageFolder(require: NodeJS.Require, name: string): string {
  const entry = realpathSync(require.resolve(name));
  return entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 1);
}
