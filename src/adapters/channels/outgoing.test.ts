import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpPeer } from '#test/notices/http-peer.ts';
import { addressFault, MAX_ANSWER_BYTES, openOutgoing } from './outgoing.ts';

const post = (url: string, allowsPrivate = false) => {
  const outgoing = openOutgoing({ allowsPrivate });
  onTestFinished(() => outgoing.close());
  return outgoing.post(url, {}, 'x');
};

describe('the way out to addresses of users', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0177.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://１２７.０.０.１/',
    'https://10.1.2.3/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://224.0.0.1/',
  ])('does not lead to %s', async (url) => {
    expect(await post(url)).toEqual({ isAnswered: false, isForbidden: true, reason: 'it leads into a private network' });
  });

  it('does not lead into a private network by a name either, however often it is asked', async () => {
    for (const _ of [1, 2])
      expect(await post('https://localhost/')).toEqual({ isAnswered: false, isForbidden: true, reason: 'it leads into a private network' });
  });

  it.each([
    ['http://example.com/', 'it does not begin with https://'],
    ['https://example.com:22/', 'its port is neither 443 nor 8443'],
    ['https://name@example.com/', 'it has a name or a password in it'],
    ['file:///etc/passwd', 'it does not begin with https://'],
    ['nonsense', 'it is not an address'],
  ])('does not take %s', async (url, reason) => {
    expect(await post(url)).toEqual({ isAnswered: false, isForbidden: true, reason });
  });

  it.each(['https://8.8.8.8/', 'https://example.com:8443/x', 'https://[2606:4700::1]/'])('takes %s', (url) => {
    expect(addressFault(new URL(url), false)).toBeNull();
  });

  it('goes no further where an answer points elsewhere, and reads no more of it than is needed', async () => {
    const peer = new HttpPeer();
    await peer.start();
    onTestFinished(() => peer.close());
    peer.answer = (path) =>
      path === '/' ? { status: 302, headers: { location: `${peer.url}/elsewhere` } } : { status: 200, body: 'x'.repeat(MAX_ANSWER_BYTES * 3) };
    expect(await post(`${peer.url}/`, true)).toMatchObject({ isAnswered: true, status: 302 });
    expect(peer.taken.map(({ path }) => path)).toEqual(['/']);
    const long = await post(`${peer.url}/long`, true);
    expect(long.isAnswered && [long.status, long.body.length <= MAX_ANSWER_BYTES]).toEqual([200, true]);
  });

  it('says why nobody answered, without the address', async () => {
    const peer = new HttpPeer();
    await peer.start();
    peer.answer = () => 'cut';
    expect(await post(peer.url, true)).toEqual({ isAnswered: false, isForbidden: false, reason: 'it cannot be reached (ECONNRESET)' });
    await peer.close();
    expect(await post(peer.url, true)).toEqual({ isAnswered: false, isForbidden: false, reason: 'it cannot be reached (ECONNREFUSED)' });
  });
});
