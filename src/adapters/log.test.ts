/** What is written down, what is shown to a person, and what must appear in neither. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type LogOptions, openLog } from './log.ts';

class Captured extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): Record<string, unknown>[] {
    return this.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}

async function logTo(output: Captured, options: Partial<LogOptions> = {}) {
  return openLog({ level: 'info', file: null, output, readableFrom: null, ...options });
}

describe('json lines', () => {
  it('carry time, level, message, the fields and those of the parent', async () => {
    const output = new Captured();
    const { log } = await logTo(output);
    log.child({ requestId: 'r-1' }).child({ userId: 'u-1' }).info({ status: 200 }, 'answered');
    const [line] = output.lines;
    expect(line).toMatchObject({ level: 'info', requestId: 'r-1', userId: 'u-1', status: 200, msg: 'answered' });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('leave out what is below the level', async () => {
    const output = new Captured();
    const { log } = await logTo(output, { level: 'warn' });
    log.info({}, 'know');
    log.warn({}, 'look');
    expect(output.lines.map((line) => line['msg'])).toEqual(['look']);
  });

  it('follow the level while the process runs, those of children made before too', async () => {
    const output = new Captured();
    const { log, level } = await logTo(output);
    const child = log.child({ botId: 'b-1' });
    child.debug({}, 'not yet');
    expect(level.get()).toBe('info');
    level.set('debug');
    child.debug({}, 'now');
    log.debug({}, 'here too');
    level.set('error');
    child.warn({}, 'not any more');
    log.error({}, 'always');
    expect(output.lines.map(({ msg }) => msg)).toEqual(['now', 'here too', 'always']);
  });

  it('tell an error with its cause', async () => {
    const output = new Captured();
    const { log } = await logTo(output);
    log.error({ err: new Error('could not place', { cause: new TypeError('socket closed') }) }, 'failed');
    expect(output.lines[0]?.['err']).toMatchObject({ type: 'Error', message: 'could not place', cause: { type: 'TypeError', message: 'socket closed' } });
  });

  it('survive what JSON cannot hold', async () => {
    const output = new Captured();
    const { log } = await logTo(output);
    const circular: Record<string, unknown> = { big: 10n, when: new Date(0), bad: new Date(Number.NaN) };
    circular['self'] = circular;
    log.info({ circular }, 'odd');
    expect(output.lines[0]).toMatchObject({ circular: { big: '10', when: '1970-01-01T00:00:00.000Z', bad: 'invalid date' } });
  });
});

const SECRET = 'hunter2Zq9';

describe('secrets', () => {
  it.each([
    ['apiKey'],
    ['api_secret'],
    ['passphrase'],
    ['password'],
    ['authorization'],
    ['Authorization'],
    ['cookie'],
    ['set-cookie'],
    ['access_token'],
    ['refreshToken'],
    ['X-MBX-APIKEY'],
    ['signature'],
    ['masterKey'],
    ['sealed'],
    ['passwordHash'],
  ])('the field %s is masked at any depth, also in children', async (name) => {
    const output = new Captured();
    const { log } = await logTo(output);
    log.child({ [name]: SECRET }).warn({ [name]: SECRET, request: { headers: [{ [name]: SECRET }] } }, 'look');
    expect(output.text).not.toContain(SECRET);
    expect(output.text).toContain('[secret]');
  });

  it.each([
    `postgresql://argosy:${SECRET}@db:5432/argosy refused`,
    `GET /api/v3/order?symbol=BTCUSDT&signature=${SECRET}&x=1`,
    `{"apiKey":"${SECRET}","secret": "${SECRET}"}`,
    `authorization: Bearer ${SECRET}.${SECRET}`,
    `https://api.telegram.org/bot1234567:${SECRET}/getMe failed`,
  ])('inside a text or an error: %s', async (text) => {
    const output = new Captured();
    const { log } = await logTo(output);
    log.error({ text, err: Object.assign(new Error(text), { request: { url: text } }) }, 'failed');
    expect(output.text).not.toContain(SECRET);
  });

  it('leaves fields alone whose names only resemble a secret', async () => {
    const output = new Captured();
    const { log } = await logTo(output);
    log.info({ tokenCount: 3, keyHint: 'abcd', passwordlessUsers: 1 }, 'fine');
    expect(output.lines[0]).toMatchObject({ tokenCount: 3, keyHint: 'abcd', passwordlessUsers: 1 });
  });
});

describe('at a terminal', () => {
  it('shows warnings and errors in readable lines and nothing less', async () => {
    const output = new Captured();
    const { log } = await logTo(output, { readableFrom: 'warn' });
    log.info({ port: 8000 }, 'listening');
    log.warn({ symbol: 'BTC/USDT', attempt: 2, err: new Error('no answer') }, 'stream is silent');
    expect(output.text).toMatch(/^\d\d:\d\d:\d\d warning {2}stream is silent: no answer {2}symbol=BTC\/USDT {2}attempt=2\n$/);
  });
});

describe('the log file', () => {
  it('gets the same lines as JSON, masked, whatever the terminal shows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'argosy-log-'));
    const output = new Captured();
    const { log, close } = await logTo(output, { readableFrom: 'error', file: join(folder, 'logs', 'argosy.log') });
    log.info({ password: SECRET, runId: 'run-1' }, 'placed');
    await close();
    const [name] = readdirSync(join(folder, 'logs'));
    expect(name).toBe('argosy.1.log');
    expect(JSON.parse(readFileSync(join(folder, 'logs', 'argosy.1.log'), 'utf8'))).toMatchObject({
      level: 'info',
      runId: 'run-1',
      password: '[secret]',
      msg: 'placed',
    });
    expect(output.text).toBe('');
  });

  it('is rotated at its size, keeps so many files before it, and cuts no line', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'argosy-log-'));
    const { log, close } = await logTo(new Captured(), { file: join(directory, 'argosy.log'), rotation: { size: '4k', kept: 2 } });
    const numbered = () => readdirSync(directory).filter((name) => name.startsWith('argosy'));
    for (let round = 0; round < 40; round += 1) {
      log.info({ round, padding: 'x'.repeat(900) }, 'a line');
      // The next file is opened beside the work: give it its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => numbered().length).toBeGreaterThan(1);
    await expect.poll(() => numbered().length).toBeLessThanOrEqual(3);
    await close();
    const rounds = numbered().flatMap((name) =>
      readFileSync(join(directory, name), 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => Number(JSON.parse(line).round)),
    );
    expect(new Set(rounds).size, 'no line twice').toBe(rounds.length);
    expect(Math.max(...rounds), 'the newest line is there').toBe(39);
  });

  it('is refused with its path when it cannot be opened', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'argosy-log-')), 'file');
    writeFileSync(path, '');
    await expect(logTo(new Captured(), { file: join(path, 'argosy.log') })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining(join(path, 'argosy.log')),
    });
  });

  it.runIf(existsSync('/dev/full'))('may fail later without harm: the output says so once', async () => {
    const output = new Captured();
    const folder = mkdtempSync(join(tmpdir(), 'argosy-log-'));
    symlinkSync('/dev/full', join(folder, 'argosy.1.log'));
    const { log } = await logTo(output, { file: join(folder, 'argosy.log') });
    log.info({}, 'lost');
    log.info({}, 'lost too');
    await expect.poll(() => output.text).toContain('the log file cannot be written');
    expect(output.text.match(/cannot be written/g)).toHaveLength(1);
  });
});
