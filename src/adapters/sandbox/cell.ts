/**
 * One isolate with one program in it and the product's own code beside it. Only texts and columns of numbers go in, only
 * texts come out. Runs in the process of a sandbox, never in a process with secrets.
 */
import ivm from 'isolated-vm';
import type { ProgramFile } from '#core/sandbox/program.ts';
import type { GuestModule } from './guest-code.ts';

export interface CellParts {
  readonly modules: ReadonlyMap<string, GuestModule>;
  /** Path of the module that answers questions, and of the one that programs import. */
  readonly guest: string;
  readonly api: string;
  /** As JavaScript. */
  readonly files: readonly ProgramFile[];
  readonly memoryMiB: number;
  readonly loadMs: number;
}

/** The name under which programs import the product. */
export const API_NAME = 'argosy/strategy';
/** Folder under which files of a program stand in traces. */
const PROGRAM_FOLDER = 'strategy/';

export class Cell {
  readonly #isolate: ivm.Isolate;
  readonly #guest: ivm.Reference<Record<string, unknown>>;
  readonly #calls = new Map<string, ivm.Reference>();

  readonly #linker: Linker;

  private constructor(isolate: ivm.Isolate, linker: Linker, guest: ivm.Reference<Record<string, unknown>>) {
    this.#isolate = isolate;
    this.#linker = linker;
    this.#guest = guest;
  }

  /** Opens an isolate, lets the program in, and returns it with what the program declares, as the guest's answer. */
  static async open(parts: CellParts): Promise<{ readonly cell: Cell; readonly declared: string }> {
    // An isolate that cannot be stopped takes its process with it; whoever is outside begins the others anew.
    const isolate = new ivm.Isolate({ memoryLimit: parts.memoryMiB, onCatastrophicError: () => process.kill(process.pid, 'SIGKILL') });
    try {
      const context = await isolate.createContext();
      const linker = new Linker(isolate, context, parts);
      const guest = await linker.evaluate(parts.guest);
      const cell = new Cell(isolate, linker, guest as ivm.Reference<Record<string, unknown>>);
      await cell.call('prepare', [], parts.loadMs);
      return { cell, declared: await cell.reload(parts.loadMs) };
    } catch (error) {
      if (!isolate.isDisposed) isolate.dispose();
      throw error;
    }
  }

  /** Lets the program in, or in anew: whatever it remembered outside the state of a run is gone. Returns what it declares, as the guest's answer. */
  async reload(loadMs: number): Promise<string> {
    const program = await this.#linker.evaluateProgram();
    const strategy = await program.get('default', { reference: true });
    return await this.call('adopt', [strategy.derefInto()], loadMs);
  }

  /** Asks the guest; the answer is a text. Throws where a limit was hit. */
  async call(name: string, args: readonly unknown[], timeoutMs: number): Promise<string> {
    let reference = this.#calls.get(name);
    if (reference === undefined) {
      reference = (await this.#guest.get(name, { reference: true })) as ivm.Reference;
      this.#calls.set(name, reference);
    }
    const answer: unknown = await reference.apply(undefined, [...args], { timeout: timeoutMs });
    return typeof answer === 'string' ? answer : '';
  }

  /** Whether its memory ran out. */
  get isDead(): boolean {
    return this.#isolate.isDisposed;
  }

  close(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }
}

/** Compiles and links modules into one context. */
class Linker {
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #parts: CellParts;
  readonly #compiled = new Map<string, Promise<ivm.Module>>();
  readonly #paths = new Map<ivm.Module, string>();

  constructor(isolate: ivm.Isolate, context: ivm.Context, parts: CellParts) {
    this.#isolate = isolate;
    this.#context = context;
    this.#parts = parts;
  }

  /** The program's first file, with all of its files compiled anew. */
  evaluateProgram(): Promise<ivm.Reference> {
    for (const path of this.#compiled.keys()) if (path.startsWith(PROGRAM_FOLDER)) this.#compiled.delete(path);
    return this.evaluate(`${PROGRAM_FOLDER}${this.#parts.files[0]?.path ?? ''}`);
  }

  async evaluate(path: string): Promise<ivm.Reference> {
    const module = await this.#compile(path);
    await module.instantiate(this.#context, (specifier, referrer) => this.#compile(this.#resolve(specifier, this.#paths.get(referrer) ?? '')));
    await module.evaluate({ timeout: this.#parts.loadMs });
    return module.namespace;
  }

  #compile(path: string): Promise<ivm.Module> {
    const known = this.#compiled.get(path);
    if (known !== undefined) return known;
    const made = this.#make(path);
    this.#compiled.set(path, made);
    return made;
  }

  async #make(path: string): Promise<ivm.Module> {
    const file = this.#parts.files.find((each) => `${PROGRAM_FOLDER}${each.path}` === path);
    const code = this.#parts.modules.get(path)?.code ?? file?.text;
    if (code === undefined) throw new Error(`there is no module ${path}`);
    const module = await this.#isolate.compileModule(code, { filename: path });
    this.#paths.set(module, path);
    return module;
  }

  /** The product's modules import each other; a program imports its own files and the one module made for it. */
  #resolve(specifier: string, from: string): string {
    const own = this.#parts.modules.get(from)?.imports.get(specifier);
    if (own !== undefined) return own;
    if (specifier === API_NAME) return this.#parts.api;
    if (specifier.startsWith('./') && from.startsWith(PROGRAM_FOLDER)) return `${PROGRAM_FOLDER}${specifier.slice(2)}`;
    throw new Error(`${specifier} cannot be imported`);
  }
}
