import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactTexts, shortestRedacted } from '../../src/report/redact.ts';
import { printable, quoted } from '../../src/report/text.ts';

const secret = 'p@ss "w/ör+d"\n2 & more';

describe('a redactor', () => {
  it('hides a value wherever it stands', () => {
    const redact = createRedactor(['hunter2']);
    expect(redact('hunter2')).toBe('(sensitive)');
    expect(redact('a=hunter2;b=hunter2!')).toBe('a=(sensitive);b=(sensitive)!');
    expect(redact('nothing here')).toBe('nothing here');
  });

  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ secret })],
    ['in JSON within JSON', JSON.stringify(JSON.stringify({ secret }))],
    ['in a URL', `http://x/?q=${encodeURIComponent(secret)}`],
    [
      'in a URL with small hexadecimal digits',
      encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ['in a query', new URLSearchParams({ secret }).toString().replaceAll('%22', '%22')],
    ['as a report prints it', quoted(secret)],
    ['as a report prints it bare', printable(secret)],
    ['line by line', secret.split('\n').join('\n  | ')],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
  ])('hides a value %s', (_how, text) => {
    const hidden = createRedactor([secret])(text);
    expect(hidden).toContain('(sensitive)');
    for (const part of ['p@ss', 'p%40ss', 'ör', 'cEBz']) expect(hidden).not.toContain(part);
  });

  it('hides a value inside of a longer text in base64, wherever it begins', () => {
    for (const before of ['', 'a', 'ab', 'user:']) {
      const encoded = Buffer.from(`${before}correct horse battery${before}`).toString('base64');
      const hidden = createRedactor(['correct horse battery'])(`Basic ${encoded}`);
      expect(hidden).toContain('(sensitive)');
      expect(Buffer.from(hidden.replace('Basic ', '').replace('(sensitive)', ''), 'base64').toString()).not.toContain(
        'horse',
      );
    }
  });

  it('hides overlapping values together', () => {
    expect(createRedactor(['abcdef', 'defghi'])('xabcdefghix')).toBe('x(sensitive)x');
    expect(createRedactor(['abcabc'])('abcabcabc')).toBe('(sensitive)');
    expect(createRedactor(['secret', 'secret-and-more'])('secret-and-more')).toBe('(sensitive)');
  });

  it('leaves values alone that are too short to hide', () => {
    const redact = createRedactor(['', '8080', 'info', 'a'.repeat(shortestRedacted - 1)]);
    expect(redact('info: listening on 8080 aaaaa')).toBe('info: listening on 8080 aaaaa');
  });

  it('leaves no occurrence of a value', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', 'b', '"', '\\', '/', 'é', '\n'),
      minLength: shortestRedacted,
      maxLength: 12,
    });
    const noise = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', ' ', 'é'), maxLength: 20 });
    const shape = fc.constantFrom(
      (text: string) => text,
      (text: string) => JSON.stringify({ text }),
      (text: string) => encodeURIComponent(text),
      (text: string) => Buffer.from(text).toString('base64'),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), noise, noise, shape, (values, before, end, form) => {
        const hidden = createRedactor(values)(`${before}${values.map(form).join(before)}${end}`);
        for (const piece of hidden.split('(sensitive)')) {
          for (const each of values) {
            expect(piece).not.toContain(each);
            expect(piece).not.toContain(form(each));
          }
        }
      }),
    );
  });

  it('does not stumble over half a surrogate pair', () => {
    expect(createRedactor(['abcde\ud800f'])('x abcde\ud800f y')).toBe('x (sensitive) y');
  });
});

describe('the texts of a document', () => {
  it('are redacted without touching numbers or keys', () => {
    const redact = createRedactor(['808080']);
    expect(redactTexts({ a: 'at 808080', b: [808080, null, true], '808080': 'x' }, redact)).toEqual({
      a: 'at (sensitive)',
      b: [808080, null, true],
      '808080': 'x',
    });
  });
});
