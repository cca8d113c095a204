/**
 * A server on loopback that speaks the Telegram Bot API: keeps what is sent, hands out updates by long polling or webhook, and does what
 * Telegram does when it is asked too much, is blocked, or is away.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { textOfHtml } from './markup.ts';

export interface SentMessage {
  readonly messageId: number;
  readonly chatId: number;
  /** Of the message as it stands. */
  parameters: Readonly<Record<string, unknown>>;
  /** As a person reads it, without markup. */
  text: string;
  /** As it was sent. */
  raw: string;
  readonly at: number;
}

export interface Call {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

type Fault =
  /** Refused with this answer. */
  | { readonly kind: 'refuse'; readonly code: number; readonly description: string; readonly retryAfterSeconds?: number }
  /** The connection is cut before anything is done. */
  | { readonly kind: 'cut' }
  /** It is done, and the connection is cut instead of an answer. */
  | { readonly kind: 'loseAnswer' }
  /** Never answered, until the simulator closes. */
  | { readonly kind: 'hang' }
  /** An answer that is no JSON, as of a gateway on the way. */
  | { readonly kind: 'gateway' };

export interface SimulatorLimits {
  /** Messages to one chat in a second; without it there is no limit. */
  readonly perChatPerSecond?: number;
  /** Messages to all chats in a second. */
  readonly perSecond?: number;
}

const MAX_TEXT = 4_096;
const WINDOW_MS = 1_000;

export class TelegramSimulator {
  readonly token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
  readonly calls: Call[] = [];
  readonly messages: SentMessage[] = [];
  /** Chats whose people have blocked the bot. */
  readonly blocked = new Set<number>();
  /** Chats there are; every chat when it is `null`. */
  chats: Set<number> | null = null;
  limits: SimulatorLimits = {};
  isAway = false;
  /** Every update is handed out once more, whatever offset is asked for. */
  repeatsUpdates = false;
  webhook: { readonly url: string; readonly secret: string | null } | null = null;
  #updates: { readonly update_id: number; readonly [name: string]: unknown }[] = [];
  #nextUpdate = 1_000;
  #nextMessage = 1;
  readonly #faults: { method: string | null; times: number; fault: Fault }[] = [];
  readonly #sentAt: { readonly chatId: number; readonly at: number }[] = [];
  readonly #waiting = new Set<() => void>();
  #server: Server | null = null;

  async start(): Promise<void> {
    // A connection that is kept is not ended for being idle: on a busy machine a request may be on its way just then.
    const server = createServer({ keepAliveTimeout: 0 }, (request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
  }

  /** For `TELEGRAM_API_ROOT`. */
  get apiRoot(): string {
    const address = this.#server?.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    this.#wake();
    const server = this.#server;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  /** The next `times` calls of the method (of any when it is `null`) come to this. */
  fail(method: string | null, fault: Fault, times = 1): void {
    this.#faults.push({ method, times, fault });
  }

  /** What a chat has been told, oldest first. */
  toldTo(chatId: number): readonly SentMessage[] {
    return this.messages.filter((message) => message.chatId === chatId);
  }

  /** Somebody writes to the bot. Returns the number of the update. */
  say(chatId: number, text: string, more: { readonly chatType?: string; readonly language?: string; readonly fromId?: number } = {}): number {
    const from = { id: more.fromId ?? chatId, is_bot: false, first_name: 'Ann', ...(more.language === undefined ? {} : { language_code: more.language }) };
    const command = /^\/\w+(@\w+)?/.exec(text)?.[0];
    const entities = command === undefined ? {} : { entities: [{ type: 'bot_command', offset: 0, length: command.length }] };
    const chat = { id: chatId, type: more.chatType ?? 'private', first_name: 'Ann' };
    return this.push({ message: { message_id: this.#nextMessage++, from, chat, date: seconds(), text, ...entities } });
  }

  /** Somebody presses a button below a message. */
  press(chatId: number, messageId: number, data: string, fromId = chatId): number {
    const from = { id: fromId, is_bot: false, first_name: 'Ann' };
    const message = { message_id: messageId, chat: { id: chatId, type: 'private' }, date: seconds() };
    return this.push({ callback_query: { id: `press-${this.#nextUpdate}`, from, message, chat_instance: '1', data } });
  }

  /** Any other update. */
  push(update: Readonly<Record<string, unknown>>): number {
    const numbered = { update_id: this.#nextUpdate++, ...update };
    this.#updates.push(numbered);
    if (this.webhook !== null) void this.#post(numbered);
    this.#wake();
    return numbered.update_id;
  }

  /** Hands an update to the webhook again, as Telegram does when it doubts that it has arrived. */
  async repeat(updateId: number): Promise<void> {
    const update = this.#updates.find((each) => each.update_id === updateId);
    if (update !== undefined) await this.#post(update);
  }

  async #post(update: object): Promise<void> {
    if (this.webhook === null) return;
    const { url, secret } = this.webhook;
    const headers = { 'content-type': 'application/json', ...(secret === null ? {} : { 'x-telegram-bot-api-secret-token': secret }) };
    await fetch(url, { method: 'POST', headers, body: JSON.stringify(update) }).catch(() => undefined);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return void request.socket.destroy();
    const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? [];
    const parameters = await readParameters(request);
    if (token !== this.token) return refuse(response, { code: 401, description: 'Unauthorized' });
    this.calls.push({ method, parameters });
    const fault = this.#takeFault(method);
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'refuse') return refuse(response, fault);
    if (fault?.kind === 'gateway') return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
    const answer = await this.#answer(method, parameters);
    if (fault?.kind === 'loseAnswer') return void request.socket.destroy();
    if ('code' in answer) refuse(response, answer);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, result: answer.result }));
  }

  #takeFault(method: string): Fault | null {
    const found = this.#faults.find((each) => each.times > 0 && (each.method === null || each.method === method));
    if (found === undefined) return null;
    found.times -= 1;
    return found.fault;
  }

  async #answer(method: string, parameters: Readonly<Record<string, unknown>>): Promise<{ readonly result: unknown } | Refusal> {
    switch (method) {
      case 'getMe':
        return { result: { id: 110201543, is_bot: true, first_name: 'Argosy', username: 'argosy_test_bot' } };
      case 'sendMessage':
        return this.#send(parameters);
      case 'editMessageText':
        return this.#edit(parameters);
      case 'getUpdates':
        return this.#hand(parameters);
      case 'setWebhook':
        this.webhook = { url: String(parameters['url']), secret: typeof parameters['secret_token'] === 'string' ? parameters['secret_token'] : null };
        return { result: true };
      case 'deleteWebhook':
        this.webhook = null;
        return { result: true };
      case 'answerCallbackQuery':
      case 'setMyCommands':
      case 'deleteMessage':
      case 'sendChatAction':
      case 'setMyDescription':
      case 'editMessageReplyMarkup':
      case 'leaveChat':
        return { result: true };
      default:
        return { code: 404, description: 'Not Found: method not found' };
    }
  }

  #send(parameters: Readonly<Record<string, unknown>>): { readonly result: unknown } | Refusal {
    const chatId = Number(parameters['chat_id']);
    const problem = this.#chatProblem(chatId) ?? this.#limitProblem(chatId);
    if (problem !== null) return problem;
    const text = readText(parameters);
    if (typeof text !== 'string') return text;
    const message: SentMessage = { messageId: this.#nextMessage++, chatId, parameters, text, raw: String(parameters['text']), at: Date.now() };
    this.messages.push(message);
    this.#sentAt.push({ chatId, at: message.at });
    return { result: { message_id: message.messageId, chat: { id: chatId, type: 'private' }, date: seconds(), text } };
  }

  #edit(parameters: Readonly<Record<string, unknown>>): { readonly result: unknown } | Refusal {
    const chatId = Number(parameters['chat_id']);
    const problem = this.#chatProblem(chatId);
    if (problem !== null) return problem;
    const message = this.messages.find((each) => each.chatId === chatId && each.messageId === Number(parameters['message_id']));
    if (message === undefined) return { code: 400, description: 'Bad Request: message to edit not found' };
    const text = readText(parameters);
    if (typeof text !== 'string') return text;
    message.text = text;
    message.raw = String(parameters['text']);
    message.parameters = parameters;
    return { result: { message_id: message.messageId, chat: { id: chatId, type: 'private' }, date: seconds(), text } };
  }

  #chatProblem(chatId: number): Refusal | null {
    if (this.blocked.has(chatId)) return { code: 403, description: 'Forbidden: bot was blocked by the user' };
    return this.chats === null || this.chats.has(chatId) ? null : { code: 400, description: 'Bad Request: chat not found' };
  }

  #limitProblem(chatId: number): Refusal | null {
    const { perChatPerSecond = Number.POSITIVE_INFINITY, perSecond = Number.POSITIVE_INFINITY } = this.limits;
    const since = Date.now() - WINDOW_MS;
    while ((this.#sentAt[0]?.at ?? Number.POSITIVE_INFINITY) <= since) this.#sentAt.shift();
    const ofChat = this.#sentAt.filter((sent) => sent.chatId === chatId).length;
    if (this.#sentAt.length < perSecond && ofChat < perChatPerSecond) return null;
    return { code: 429, description: 'Too Many Requests: retry after 1', retryAfterSeconds: 1 };
  }

  /** Waits up to `timeout` seconds for an update from `offset` on; what is below it is confirmed and forgotten. */
  async #hand(parameters: Readonly<Record<string, unknown>>): Promise<{ readonly result: unknown } | Refusal> {
    if (this.webhook !== null) return { code: 409, description: "Conflict: can't use getUpdates method while webhook is active" };
    const offset = Number(parameters['offset'] ?? 0);
    if (!this.repeatsUpdates) this.#updates = this.#updates.filter((update) => update.update_id >= offset);
    const timeoutMs = Number(parameters['timeout'] ?? 0) * 1_000;
    if (this.#updates.length === 0 && timeoutMs > 0) await this.#nextUpdateWithin(timeoutMs);
    const limit = Number(parameters['limit'] ?? 100);
    return { result: this.#updates.slice(0, limit) };
  }

  #nextUpdateWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

interface Refusal {
  readonly code: number;
  readonly description: string;
  readonly retryAfterSeconds?: number;
}

function refuse(response: ServerResponse, { code, description, retryAfterSeconds }: Refusal): void {
  const parameters = retryAfterSeconds === undefined ? {} : { parameters: { retry_after: retryAfterSeconds } };
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, error_code: code, description, ...parameters }));
}

/** The text as a person reads it, or why Telegram refuses it. */
function readText(parameters: Readonly<Record<string, unknown>>): string | Refusal {
  const raw = parameters['text'];
  if (typeof raw !== 'string' || raw.trim() === '') return { code: 400, description: 'Bad Request: message text is empty' };
  const text = parameters['parse_mode'] === 'HTML' ? textOfHtml(raw) : raw;
  if (text === null) return { code: 400, description: "Bad Request: can't parse entities" };
  return text.length > MAX_TEXT ? { code: 400, description: 'Bad Request: message is too long' } : text;
}

async function readParameters(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}
