import { describe, expect, it } from 'vitest';
import type { EdgeDecision } from '../../src/model/edge.ts';
import { decisionDocument, decisionLine, egressTestDocument, egressTestLine } from '../../src/report/egress.ts';
import { plainStyle } from '../../src/report/style.ts';

const plain = { style: plainStyle };
const allowed: EdgeDecision = {
  ...{ time: '2026-01-31T09:30:00.000Z', agent: 'web', verdict: 'allowed', via: 'tls' },
  ...{ host: 'api.test', port: 443, address: '93.184.216.34' },
};
const denied: EdgeDecision = {
  ...{ time: '2026-01-31T09:30:01.500Z', agent: 'worker', verdict: 'denied', via: 'connect' },
  ...{ host: 'evil.test', port: 8443, reason: 'not in the list of allowed hosts' },
};

describe('a decision', () => {
  it('is a line for people', () => {
    const mute: EdgeDecision = { ...denied, via: 'unknown', host: '', port: 443, reason: 'said nothing' };
    expect([allowed, denied, mute].map((each) => decisionLine(each, plain))).toEqual([
      '2026-01-31T09:30:00.000Z  web             allowed  api.test:443                  tls      to 93.184.216.34',
      '2026-01-31T09:30:01.500Z  worker          denied   evil.test:8443                connect  not in the list of allowed hosts',
      '2026-01-31T09:30:01.500Z  worker          denied   port 443                      unknown  said nothing',
    ]);
  });

  it('cannot steer the terminal it is shown on, whatever an agent asks for', () => {
    const line = decisionLine({ ...denied, host: '\u001b[2Jevil', reason: 'other\nline' }, plain);
    expect(line).toContain('\\u001b[2Jevil');
    expect(line).toContain('other\\nline');
  });

  it('is a document for programs', () => {
    expect(JSON.stringify(decisionDocument(denied))).toBe(
      '{"formatVersion":"1.0","type":"egress-decision","at":"2026-01-31T09:30:01.500Z","agent":"worker",' +
        '"host":"evil.test","port":8443,"reason":"not in the list of allowed hosts","verdict":"denied","via":"connect"}',
    );
  });
});

describe('a test of the way out', () => {
  const tested = { agent: 'web', host: 'api.test', port: 443 };
  const address = '93.184.216.34';
  const rule = { host: 'api.test' };
  it.each([
    [{ verdict: 'unrestricted' }, 'allowed: web may reach everything, as its way out is not restricted'],
    [
      { verdict: 'allowed', reachable: true, address, rule },
      'allowed: web reaches api.test:443 at 93.184.216.34 (`api.test` allows it)',
    ],
    [
      { verdict: 'allowed', reachable: false, address, rule: { host: '*.test' } },
      'unreachable: web may reach api.test:443 at 93.184.216.34 (`*.test` allows it, for programs that use the proxy ' +
        'variables), but nothing answers there',
    ],
    [
      { verdict: 'allowed', reachable: false },
      'unreachable: web may reach api.test:443 (a service of it), but nothing answers there',
    ],
    [
      { verdict: 'denied', reason: 'the name does not resolve' },
      'denied: web may not reach api.test:443: the name does not resolve',
    ],
  ] as const)('is a sentence: %j', (outcome, sentence) => {
    expect(egressTestLine({ ...tested, outcome }, plain)).toBe(sentence);
  });

  it('is a document for programs', () => {
    const outcome = { verdict: 'allowed', reachable: true, address, rule } as const;
    expect(egressTestDocument({ ...tested, outcome })).toEqual({
      ...{ formatVersion: '1.0', type: 'egress-test', ...tested, ...outcome },
    });
  });
});
