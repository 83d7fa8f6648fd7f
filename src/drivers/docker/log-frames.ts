/** The streams of a container. */
export type LogStream = 'stdout' | 'stderr';

/** One piece of output as the engine wrote it; it may begin or end within a line. */
export interface LogFrame {
  readonly stream: LogStream;
  readonly payload: Buffer;
}

/** Before each payload: the stream's number, three zeros, the length as a big-endian 32-bit number. */
const headerLength = 8;

const systemError = 3;

/**
 * Takes the engine's multiplexed output apart, however it was cut into chunks. Standard input, which the engine may
 * echo, counts as output. A frame of the engine's own errors is thrown, as the output is not to be trusted then.
 */
export function frameReader(): (chunk: Buffer) => readonly LogFrame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: LogFrame[] = [];
    let at = 0;
    while (bytes.length - at >= headerLength) {
      const end = at + headerLength + bytes.readUInt32BE(at + 4);
      if (bytes.length < end) break;
      const kind = bytes[at];
      const payload = bytes.subarray(at + headerLength, end);
      if (kind === systemError)
        throw new Error(`the engine cannot read the output: ${payload.toString('utf8').trim()}`);
      frames.push({ stream: kind === 2 ? 'stderr' : 'stdout', payload });
      at = end;
    }
    rest = bytes.subarray(at);
    return frames;
  };
}
