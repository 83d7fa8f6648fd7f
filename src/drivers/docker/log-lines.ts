import type { LogLine } from '../driver.ts';
import type { LogFrame, LogStream } from './log-frames.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/** How the engine was asked to write. A terminal has no frames; times stand there only if they were asked for. */
export interface LogLayout {
  readonly framed: boolean;
  readonly timed: boolean;
}

/** Puts frames together to lines. */
export interface LineAssembler {
  /** Appends the lines that are complete with this frame. */
  add(frame: LogFrame, lines: LogLine[]): void;
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
 * cut too. Without frames, for a terminal, chunks are cut anywhere and the time stands before whole lines.
 */
export function lineAssembler({ framed, timed }: LogLayout): LineAssembler {
  const open = new Map<LogStream, Piece[]>();
  const pieceOf = (bytes: Buffer): Piece => (timed ? splitTime(bytes) : { body: bytes });
  const wholeLine = (stream: LogStream, { time, body }: Piece): LogLine => {
    const end = body.at(-1) === carriageReturn ? body.length - 1 : body.length;
    const text = body.toString('utf8', 0, end);
    return time === undefined ? { stream, text } : { stream, text, time };
  };
  const lineOf = (stream: LogStream, pieces: readonly Piece[]): LogLine => {
    const whole = Buffer.concat(pieces.map((piece) => piece.body));
    return wholeLine(stream, framed ? { ...pieces[0], body: whole } : pieceOf(whole));
  };
  return {
    add: ({ stream, payload }, lines) => {
      let from = 0;
      for (let at = payload.indexOf(newline); at >= 0; at = payload.indexOf(newline, from)) {
        const bytes = payload.subarray(from, at);
        const begun = open.get(stream);
        if (begun) {
          open.delete(stream);
          lines.push(lineOf(stream, [...begun, framed && from === 0 ? pieceOf(bytes) : { body: bytes }]));
        } else lines.push(wholeLine(stream, !framed || from === 0 ? pieceOf(bytes) : { body: bytes }));
        from = at + 1;
      }
      if (from === payload.length) return;
      const bytes = payload.subarray(from);
      const piece = framed && from === 0 ? pieceOf(bytes) : { body: bytes };
      const begun = open.get(stream);
      if (begun) begun.push(piece);
      else open.set(stream, [piece]);
    },
    rest: () => [...open].map(([stream, pieces]) => lineOf(stream, pieces)),
  };
}

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Longest time the engine writes, with nanoseconds and an offset. */
const maxTimeLength = 36;
const space = 0x20;

function splitTime(bytes: Buffer): Piece {
  const end = Math.min(bytes.length, maxTimeLength + 1);
  let at = 0;
  while (at < end && bytes[at] !== space) at += 1;
  if (at === end) return { body: bytes };
  const time = bytes.toString('latin1', 0, at);
  return timePattern.test(time) ? { time, body: bytes.subarray(at + 1) } : { body: bytes };
}
