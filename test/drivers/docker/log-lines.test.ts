import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { frameReader } from '../../../src/drivers/docker/log-frames.ts';
import { lineAssembler } from '../../../src/drivers/docker/log-lines.ts';
import { engineTime, justAfter } from '../../../src/drivers/docker/logs.ts';
import type { LogLine } from '../../../src/drivers/driver.ts';

const time = '2026-01-02T03:04:05.000000006Z';
const later = '2026-01-02T03:04:05.100000000Z';

function frame(kind: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = kind;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function linesOf(chunks: readonly Buffer[]): readonly LogLine[] {
  const read = frameReader();
  const assembler = lineAssembler({ framed: true, timed: true });
  const lines: LogLine[] = [];
  for (const each of chunks.flatMap(read)) assembler.add(each, lines);
  return [...lines, ...assembler.rest()];
}

describe('the frames of a log', () => {
  it('give the same lines however the bytes are cut', () => {
    const bytes = Buffer.concat([
      frame(1, `${time} grüße 🚀\n`),
      frame(2, `${time} to stderr\n`),
      frame(1, `${time} 2026-01-02T03:04:05Z is what it printed\n`),
      frame(1, `${later} \n`),
    ]);
    const whole = linesOf([bytes]);
    expect(whole).toEqual([
      { stream: 'stdout', time, text: 'grüße 🚀' },
      { stream: 'stderr', time, text: 'to stderr' },
      { stream: 'stdout', time, text: '2026-01-02T03:04:05Z is what it printed' },
      { stream: 'stdout', time: later, text: '' },
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.sort((left, right) => left - right), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(linesOf(chunks)).toEqual(whole);
      }),
    );
  });

  it('that hold one long line between them give it whole, with its first time, characters included', () => {
    const rocket = Buffer.from('🚀');
    const first = Buffer.concat([Buffer.from(`${time} a`), rocket.subarray(0, 2)]);
    const second = Buffer.concat([Buffer.from(`${later} `), rocket.subarray(2), Buffer.from('b\n')]);
    expect(linesOf([frame(1, first), frame(2, `${time} between\n`), frame(1, second)])).toEqual([
      { stream: 'stderr', time, text: 'between' },
      { stream: 'stdout', time, text: 'a🚀b' },
    ]);
  });

  it('that end within a line or a frame give what there is', () => {
    expect(linesOf([frame(1, `${time} unfinished`)])).toEqual([{ stream: 'stdout', time, text: 'unfinished' }]);
    expect(linesOf([frame(1, `${time} done\n`), frame(1, `${time} cut off\n`).subarray(0, 20)])).toEqual([
      { stream: 'stdout', time, text: 'done' },
    ]);
  });

  it('that carry an error of the engine are an error', () => {
    expect(() => linesOf([frame(3, 'disk is gone')])).toThrow('disk is gone');
  });
});

describe('the log of a terminal', () => {
  it('has no frames, and times before whole lines alone', () => {
    const assembler = lineAssembler({ framed: false, timed: true });
    const bytes = Buffer.from(`${time} one\r\n${later} two\r\n`);
    const lines: LogLine[] = [];
    for (const byte of bytes) assembler.add({ stream: 'stdout', payload: Buffer.from([byte]) }, lines);
    expect(lines).toEqual([
      { stream: 'stdout', time, text: 'one' },
      { stream: 'stdout', time: later, text: 'two' },
    ]);
  });
});

describe('a log without times', () => {
  it.each([true, false])('keeps what looks like one, framed: %s', (framed) => {
    const assembler = lineAssembler({ framed, timed: false });
    const lines: LogLine[] = [];
    assembler.add({ stream: 'stdout', payload: Buffer.from(`${time} is what it printed\n`) }, lines);
    expect(lines).toEqual([{ stream: 'stdout', text: `${time} is what it printed` }]);
  });
});

describe('where to go on in a log', () => {
  it.each([
    ['2026-01-02T03:04:05.000000006Z', '1767323045.000000007'],
    ['2026-01-02T03:04:05Z', '1767323045.000000001'],
    ['2026-01-02T03:04:05.999999999Z', '1767323046'],
  ])('after %s is %s', (before, after) => {
    expect(justAfter(before)).toBe(after);
  });
});

describe('a time for the engine', () => {
  it.each([
    [0, '0.000000000'],
    [1_767_323_045_006, '1767323045.006000000'],
    [1_767_323_045_999.5, '1767323045.999500000'],
  ])('of %d ms is %s', (milliseconds, text) => {
    expect(engineTime(milliseconds)).toBe(text);
  });
});
