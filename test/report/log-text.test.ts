import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { formatLog, logPrefixes } from '../../src/report/log-text.ts';
import { plainStyle } from '../../src/report/style.ts';

const plain = { style: plainStyle, color: false };
const colors = pc.createColors(true);

describe('the lines of a log', () => {
  it('are as they were printed where nothing is to stand before them', () => {
    const lines = [{ text: 'one', time: '2026-01-01T00:00:00Z' }, { text: '' }, { text: '\u001b[31mred' }];
    expect(formatLog(lines, { prefix: '', timestamps: false, ...plain })).toBe('one\n\n\u001b[31mred\n');
  });

  it('have their times before them, where there are any', () => {
    const lines = [{ text: 'one', time: '2026-01-01T00:00:00Z' }, { text: 'two' }];
    expect(formatLog(lines, { prefix: 'web | ', timestamps: true, ...plain })).toBe(
      'web | 2026-01-01T00:00:00Z one\nweb | two\n',
    );
  });

  it('do not colour what comes after them', () => {
    const lines = [{ text: '\u001b[31mred' }, { text: 'plain' }];
    expect(formatLog(lines, { prefix: 'web | ', timestamps: false, style: colors, color: true })).toBe(
      'web | \u001b[31mred\u001b[0m\nweb | plain\n',
    );
  });
});

describe('the prefixes of logs', () => {
  it('are none for one log', () => {
    expect(logPrefixes([{ agent: 'web', replica: 0 }], plainStyle)).toEqual(['']);
  });

  it('are aligned, and name the replica where several are shown', () => {
    const names = [
      { agent: 'db' },
      { agent: 'web', replica: 0 },
      { agent: 'web', replica: 11 },
      { agent: 'x', replica: 3 },
    ];
    expect(logPrefixes(names, plainStyle)).toEqual(['db     | ', 'web/0  | ', 'web/11 | ', 'x      | ']);
  });

  it('have five colours in turn, and an agent keeps its own beside others', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((agent) => ({ agent }));
    const colorOf = (prefix = '') => prefix.split('|')[0]?.replace(/[a-z] /, '');
    const prefixes = logPrefixes(names, colors);
    expect(new Set(prefixes.map(colorOf)).size).toBe(5);
    const [first] = logPrefixes([{ agent: 'a' }, { agent: 'z' }], colors);
    expect(colorOf(first)).toBe(colorOf(prefixes[0]));
  });
});
