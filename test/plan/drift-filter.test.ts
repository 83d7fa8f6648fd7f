import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import type { Drift } from '../../src/model/plan.ts';
import { baselineOf, parseDriftRule, withoutIgnored, withoutKnown } from '../../src/plan/drift-filter.ts';
import { at } from '../support/planning.ts';

const field = (path: string, after: number | string): Drift['fields'][number] => ({
  path: fieldPath(...path.split('.')),
  origin: 'drift',
  after,
  forcesReplacement: false,
});

const drift: readonly Drift[] = [
  { address: at('agent/api/0'), driver: 'docker', type: 'missing', fields: [] },
  {
    address: at('agent/web/0'),
    driver: 'docker',
    type: 'fields',
    fields: [
      field('environment.TOKEN', 'hunter22'),
      field('resources.limits.memory', 1),
      field('resources.limits.pids', 2),
    ],
  },
  { address: at('agent/web/1'), driver: 'docker', type: 'not-running', fields: [] },
  { address: at('network/default'), driver: 'docker', type: 'missing', fields: [] },
];

/** `address path path` of what is left. */
function left(entries: readonly Drift[]): readonly string[] {
  return entries.map(({ address, fields }) => [address, ...fields.map(({ path }) => path)].join(' '));
}

function ignoring(...rules: readonly string[]): readonly string[] {
  return left(withoutIgnored(drift, rules.map(parseDriftRule)));
}

describe('ignored drift', () => {
  const all = left(drift);

  it('is that of an agent, of one replica, or of an address', () => {
    expect(ignoring('web')).toEqual([all[0], all[3]]);
    expect(ignoring('web/1', 'network/default')).toEqual([all[0], all[1]]);
    expect(ignoring('agent/api/0')).toEqual(all.slice(1));
  });

  it('is a field with all below it, everywhere or of one agent', () => {
    expect(ignoring('resources.limits', ':environment')).toEqual([all[0], all[2], all[3]]);
    expect(ignoring('web:resources.limits.memory')[1]).toBe('agent/web/0 /environment/TOKEN /resources/limits/pids');
    expect(ignoring('api:resources.limits', 'spec.resources.limits.cpu')).toEqual(all);
  });
});

describe('a baseline', () => {
  const baseline = baselineOf('demo', drift);

  it('knows all that it was made of, and holds no value', () => {
    expect(withoutKnown(drift, baseline)).toEqual([]);
    expect(JSON.stringify(baseline)).not.toContain('hunter22');
  });

  it('lets through a field that has moved on, a resource that moved since, and another kind of drift', () => {
    const web = drift
      .filter(({ address }) => address === 'agent/web/0')
      .map((entry) => ({ ...entry, fields: [field('resources.limits.memory', 9), field('resources.limits.pids', 2)] }));
    const later: readonly Drift[] = [
      { address: at('agent/api/0'), driver: 'docker', type: 'not-running', fields: [] },
      { address: at('agent/new/0'), driver: 'docker', type: 'missing', fields: [] },
      ...web,
    ];
    expect(left(withoutKnown(later, baseline))).toEqual([
      'agent/api/0',
      'agent/new/0',
      'agent/web/0 /resources/limits/memory',
    ]);
  });
});
