/** A certificate of its own for a server of a test, made when it is asked for: no key lies in the repository or is known from a library. */
import { generateKeyPairSync, sign } from 'node:crypto';

const DAY_MS = 86_400_000;

/** Key and certificate in PEM, for `127.0.0.1`, valid from yesterday until tomorrow. X.509 as in RFC 5280, signed with Ed25519 (RFC 8410). */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const algorithm = sequence(der(0x06, [0x2b, 0x65, 0x70]));
  const commonName = sequence(der(0x31, sequence(der(0x06, [0x55, 0x04, 0x03]), der(0x0c, Buffer.from('127.0.0.1')))));
  const time = (fromNow: number): Buffer => der(0x18, Buffer.from(`${new Date(Date.now() + fromNow).toISOString().replace(/[-:T]|\.\d+/g, '')}`));
  const serial = der(0x02, [1]);
  const version = der(0xa0, der(0x02, [2]));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(version, serial, algorithm, commonName, sequence(time(-DAY_MS), time(DAY_MS)), commonName, key);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), sign(null, body, privateKey)])));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** Tag, length and value. */
function der(tag: number, value: Uint8Array | readonly number[]): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), Buffer.from(value)]);
}
