/** The only addresses that a session of a person goes out to: Telegram's own networks, whatever an answer names as the next one. */
import { BlockList, isIP, Socket } from 'node:net';
import { TcpConnection } from '@fuman/node';
import { IntermediatePacketCodec, type TelegramTransport } from '@mtcute/core';

const PORTS: readonly number[] = [80, 443, 5222];

/** One address instead of Telegram's: a stand-in on this machine. */
export interface StandIn {
  readonly address: string;
  readonly port: number;
}

export interface DataCentres extends TelegramTransport {
  /** Ends what is open, and what is only being opened: the library forgets that, and an open socket keeps a process alive. */
  close(): void;
}

/** Connects by TCP to data centres, or to the stand-in and nowhere else. */
export function dataCentres(standIn: StandIn | null): DataCentres {
  const sockets = new Set<Socket>();
  let isClosed = false;
  return {
    connect: async ({ ipAddress: address, port }) => {
      const isAllowed = standIn === null ? isDataCentre(address, port) : address === standIn.address && port === standIn.port;
      if (!isAllowed) throw new Error('an address that is not of Telegram is not connected to');
      if (isClosed) throw new Error('nothing is connected to any more');
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      await connected(socket.connect(port, address));
      return new TcpConnection(socket);
    },
    packetCodec: () => new IntermediatePacketCodec(),
    close: () => {
      isClosed = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket
    .once('connect', resolve)
    .once('error', reject)
    .once('close', () => reject(new Error('closed before it was connected')));
  return promise;
}

/** Whether it lies in the networks that Telegram names as its own, and is a port of its protocol. */
export function isDataCentre(address: string, port: number): boolean {
  const kind = isIP(address);
  return kind !== 0 && PORTS.includes(port) && (kind === 6 ? NETWORKS.ipv6.check(address, 'ipv6') : NETWORKS.ipv4.check(address, 'ipv4'));
}

const NETWORKS = { ipv4: new BlockList(), ipv6: new BlockList() };
// @see https://core.telegram.org/resources/cidr.txt
for (const [network, bits] of [
  ['91.105.192.0', 23],
  ['91.108.4.0', 22],
  ['91.108.8.0', 22],
  ['91.108.12.0', 22],
  ['91.108.16.0', 22],
  ['91.108.20.0', 22],
  ['91.108.56.0', 22],
  ['149.154.160.0', 20],
  ['185.76.151.0', 24],
] as const)
  NETWORKS.ipv4.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['2001:67c:4e8::', 48],
  ['2001:b28:f23c::', 48],
  ['2001:b28:f23d::', 48],
  ['2001:b28:f23f::', 48],
  ['2a0a:f280::', 32],
] as const)
  NETWORKS.ipv6.addSubnet(network, bits, 'ipv6');
