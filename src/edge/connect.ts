import { connect, type Socket } from 'node:net';

/** How long a connection may take to come about, in milliseconds. */
const connectWithin = 5000;

/** A connection to an address or name; `undefined` where it is refused or takes too long. */
export function connectTo(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => settle(undefined), connectWithin);
    const settle = (connected: Socket | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      if (!connected) {
        socket.on('error', () => undefined);
        socket.destroy();
      }
      resolve(connected);
    };
    socket.once('connect', () => settle(socket));
    socket.once('error', () => settle(undefined));
  });
}
