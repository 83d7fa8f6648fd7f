import { describe, expect, it } from 'vitest';
import { plainStyle } from '../../src/report/style.ts';
import { displayWidth } from '../../src/report/text.ts';
import { formatSize } from '../../src/report/units.ts';
import { sparkline, usageJson, usageLines, type UsageRow } from '../../src/report/usage-table.ts';
import { expectGolden } from '../support/golden.ts';
import { agent, standing } from '../support/planning.ts';

const web = agent('web', { replicas: 2 });
const measured: UsageRow = {
  agent: standing(web, { phase: 'running' }),
  status: 'measured',
  usage: {
    at: Date.parse('2026-01-01T00:00:00Z'),
    cpu: 12e9,
    memory: 60 * 2 ** 20,
    memoryLimit: 64 * 2 ** 20,
    pids: 7,
    io: { read: 2 ** 20, written: 4096 },
    network: { received: 1500, sent: 0 },
  },
  cores: 1.234,
};
const rows: readonly UsageRow[] = [
  measured,
  { agent: standing(web, { index: 1, phase: 'exited' }), status: 'not-running' },
  { agent: standing(agent('api'), { phase: 'running' }), status: 'unknown', error: { message: 'it did not answer' } },
];
const histories = new Map([[measured.agent.ref, [0, 0.5, 1, 1.234]]]);

describe('the table of what agents use', () => {
  it('has a bar and a sparkline for people', () => {
    const lines = usageLines(rows, { style: plainStyle, width: 160, pictures: true, histories });
    expectGolden('report/usage-table/pictures.txt', `${lines.join('\n')}\n`);
  });

  it('has plain columns elsewhere', () => {
    const lines = usageLines(rows, { style: plainStyle, width: 160, pictures: false });
    expectGolden('report/usage-table/plain.txt', `${lines.join('\n')}\n`);
  });

  it.each([150, 120, 100, 80, 60, 40, 20])('fits %i columns', (width) => {
    const lines = usageLines(rows, { style: plainStyle, width, pictures: true, histories });
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  it('is a document for programs', () => {
    const document = usageJson(Date.parse('2026-01-01T00:00:01Z'), rows);
    expectGolden('report/usage-table/stats.json', `${JSON.stringify(document, null, 2)}\n`);
  });

  it('draws a full block for a busy core, or for the busiest sample', () => {
    expect(sparkline([0, 0.5, 0.999, 1])).toBe('▁▅██');
    expect(sparkline([1, 4])).toBe('▃█');
    expect(sparkline([])).toBe('');
  });
});

describe('sizes for people', () => {
  it.each([
    [0, '0'],
    [999, '999B'],
    [1023, '1.00Ki'],
    [1536, '1.50Ki'],
    [12.34 * 2 ** 20, '12.3Mi'],
    [512 * 2 ** 20, '512Mi'],
    [1023.9 * 2 ** 20, '1.00Gi'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});
