/** Users of the API under load, made through it: each with a paper account, the first with a list of bots. */

/** Of the first user. */
export const BOTS = 100;
const PASSWORD = 'correct horse battery';
const CONFIG = { lower_price: '50000', upper_price: '70000', levels: 11, investment: '100' };

export interface Person {
  readonly credentials: { readonly email: string; readonly password: string };
  readonly authorization: string;
  readonly accountId: string;
}

/** So many users, logged in. */
export async function prepare(address: string, count: number): Promise<readonly Person[]> {
  const people: Person[] = [];
  for (let index = 0; index < count; index += 1) {
    const credentials = { email: `user${index}@example.org`, password: PASSWORD };
    await post(address, '/auth/register', credentials);
    const { access_token: token } = await post<{ access_token: string }>(address, '/auth/login', credentials);
    const authorization = `Bearer ${token}`;
    const { id: accountId } = await post<{ id: string }>(address, '/accounts', { name: 'Paper', exchange: 'paper' }, authorization);
    people.push({ credentials, authorization, accountId });
  }
  const [first] = people;
  for (let index = 0; first !== undefined && index < BOTS; index += 1) {
    const bot = { name: `Grid ${index}`, strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: first.accountId, config: CONFIG };
    await post(address, '/bots', bot, first.authorization);
  }
  return people;
}

async function post<Answer>(address: string, path: string, body: unknown, authorization?: string): Promise<Answer> {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path} was answered with ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
