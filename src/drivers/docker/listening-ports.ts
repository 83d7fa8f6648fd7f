/** A socket that listens, or with UDP is bound, as the kernel lists it. */
export interface ListeningSocket {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly ip: string;
  readonly inode: string;
}

/** Socket states of `/proc/net/*`: TCP listening, and UDP bound without a peer. */
const listeningState = { tcp: '0A', udp: '07' } as const;

/** The listening sockets of one of `/proc/net/tcp`, `tcp6`, `udp`, `udp6`. */
export function parseListening(text: string, protocol: 'tcp' | 'udp'): readonly ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== listeningState[protocol] || !port) return [];
    return [{ port: parseInt(port, 16), protocol, ip: parseAddress(address), inode }];
  });
}

/** The kernel writes addresses as 32-bit words in the machine's byte order, which is little-endian wherever aac runs. */
function parseAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/^(?:0:)+(?=[^:]*$)/, '::');
}
