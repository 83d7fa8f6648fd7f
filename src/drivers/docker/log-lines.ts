import type { LogLine } from '../driver.ts';
import type { LogFrame, LogStream } from './log-frames.ts';

const newline = 0x0a;

/** Puts frames together to lines. */
export interface LineAssembler {
  /** The lines that are complete with this frame. */
  add(frame: LogFrame): readonly LogLine[];
  /** What was begun and not ended: the log's last line may have no line break. */
  rest(): readonly LogLine[];
}

interface Piece {
  readonly time?: string;
  readonly body: Buffer;
}

/**
 * Lines out of frames. The engine writes its time before each message, and cuts a long line into several messages:
 * each loses its time, the line keeps the first. Bytes become text only once the line is whole, as a character may be
 * cut too. With `framed` false, for a terminal, chunks are cut anywhere and the time stands before whole lines.
 */
export function lineAssembler(framed: boolean): LineAssembler {
  const open = new Map<LogStream, readonly Piece[]>();
  return {
    add: ({ stream, payload }) => {
      const lines: LogLine[] = [];
      let pieces = open.get(stream) ?? [];
      for (const [index, { bytes, ends }] of cut(payload).entries()) {
        pieces = [...pieces, framed && index === 0 ? splitTime(bytes) : { body: bytes }];
        if (!ends) continue;
        lines.push(toLine(stream, pieces, framed));
        pieces = [];
      }
      open.set(stream, pieces);
      return lines;
    },
    rest: () => [...open].flatMap(([stream, pieces]) => (pieces.length === 0 ? [] : [toLine(stream, pieces, framed)])),
  };
}

/** The stretches between line breaks, and which of them end with one. */
function cut(bytes: Buffer): readonly { readonly bytes: Buffer; readonly ends: boolean }[] {
  const stretches: { readonly bytes: Buffer; readonly ends: boolean }[] = [];
  let from = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
    stretches.push({ bytes: bytes.subarray(from, at), ends: true });
    from = at + 1;
  }
  return from < bytes.length ? [...stretches, { bytes: bytes.subarray(from), ends: false }] : stretches;
}

function toLine(stream: LogStream, pieces: readonly Piece[], framed: boolean): LogLine {
  const whole = Buffer.concat(pieces.map((piece) => piece.body));
  const { time, body }: Piece = framed ? { ...pieces[0], body: whole } : splitTime(whole);
  const text = body.toString('utf8').replace(/\r$/, '');
  return { stream, text, ...(time === undefined ? {} : { time }) };
}

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Longest time the engine writes, with nanoseconds and an offset. */
const maxTimeLength = 36;

function splitTime(bytes: Buffer): Piece {
  const space = bytes.subarray(0, maxTimeLength + 1).indexOf(0x20);
  const time = bytes.subarray(0, Math.max(space, 0)).toString('latin1');
  return timePattern.test(time) ? { time, body: bytes.subarray(space + 1) } : { body: bytes };
}
