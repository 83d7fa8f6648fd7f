import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cut,
  cutStart,
  displayWidth,
  listed,
  padded,
  printable,
  printableLines,
  shellWords,
} from '../../src/report/text.ts';
import { controls, hostile } from './hostile.ts';

describe('printable', () => {
  it('writes out everything that a terminal would obey', () => {
    expect(printable(hostile.ansi)).toBe('\\u001b[2J\\u001b[31mred\\u001b[0m');
    expect(printable('a\tb\nc\u202ed\ud800')).toBe('a\\tb\\nc\\u202ed\\ud800');
  });

  it('leaves letters, wide characters and emoji as they are', () => {
    expect(printable('größe 日本 👩‍💻')).toBe('größe 日本 👩‍💻');
  });

  it('lets no control character through, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !controls.test(printable(text))));
  });

  it('keeps the lines of a text apart', () => {
    expect(printableLines('one\r\ntwo\u0007\n\n')).toEqual(['one', 'two\\u0007']);
  });
});

describe('displayWidth', () => {
  it('counts two columns for wide characters and none for combining ones', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👩‍💻')).toBe(2);
  });
});

describe('cut', () => {
  it('is never wider than it may be, at either end', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '日', 'é', '👩‍💻', ' ') });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 30 }), (value, width) => {
        expect(displayWidth(cut(value, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(cutStart(value, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('leaves a text alone that fits', () => {
    expect(cut('日本', 4)).toBe('日本');
    expect(cut('日本語', 4)).toBe('日…');
    expect(cutStart('abcdef', 4)).toBe('…def');
  });
});

describe('lists and words', () => {
  it('pads by columns, not by characters', () => {
    expect(padded('日本', 6)).toBe('日本  ');
  });

  it('counts the names of a list that has no room', () => {
    expect(listed(['a', 'b', 'c'], 20)).toBe('a, b, c');
    expect(listed(['alpha', 'beta', 'gamma', 'delta'], 22)).toBe('alpha, beta and 2 more');
    expect(listed(['alpha', 'beta'], 3)).toBe('al… and 1 more');
    expect(listed([], 10)).toBe('');
  });

  it('quotes only the words that a shell would split', () => {
    expect(shellWords(['node', 'server.js', '--name', 'hello world', ''])).toBe(
      'node server.js --name "hello world" ""',
    );
  });
});
