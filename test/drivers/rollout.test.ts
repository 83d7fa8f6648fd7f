import { describe, expect, it } from 'vitest';
import { refuseRollingPorts, rolloutOf } from '../../src/drivers/rollout.ts';
import type { Agent } from '../../src/model/agent.ts';
import { agentOf } from '../contract/calls.ts';

const rolling = { ...agentOf('docker', 'web').deployment, strategy: 'rolling' } as const;
const web = (fields: Partial<Agent>): Agent => agentOf('docker', 'web', fields);
const at = (host: number | string): Partial<Agent> => ({ ports: { '80/tcp': { host, hostIp: '0.0.0.0' } } });
const mount = (readOnly: boolean): Partial<Agent> => ({
  volumes: [{ type: 'volume', source: 'cache', target: '/cache', readOnly }],
});

describe('an agent that says nothing of its rollout', () => {
  it.each<[string, Partial<Agent>]>([
    ['nothing that only one can hold', {}],
    ['any free port', at(0)],
    ['a volume that is only read', mount(true)],
    ['memory', { volumes: [{ type: 'tmpfs', target: '/tmp', readOnly: false }] }],
  ])('rolls with %s', (_, fields) => {
    expect(rolloutOf(web(fields))).toEqual({ strategy: 'rolling', maxSurge: 1, maxUnavailable: 0 });
  });

  it.each<[string, Partial<Agent>]>([
    ['a host port', at(8080)],
    ['a range of them', at('8080-8089')],
    ['a volume that it writes to', mount(false)],
    [
      'a folder that it writes to',
      { volumes: [{ type: 'bind', source: './data', target: '/data', readOnly: false, create: false }] },
    ],
  ])('is stopped first with %s', (_, fields) => {
    expect(rolloutOf(web(fields))).toEqual({ strategy: 'recreate' });
  });

  it('does as it is told otherwise', () => {
    expect(rolloutOf(web({ ...mount(false), deployment: rolling })).strategy).toBe('rolling');
    expect(rolloutOf(web({ deployment: { ...rolling, strategy: 'recreate' } })).strategy).toBe('recreate');
  });
});

describe('rolling beside host ports', () => {
  const refusals = (fields: Partial<Agent>) => refuseRollingPorts(web({ deployment: rolling, ...fields }), 'docker');

  it('is refused for one port, and for a range where none of the old may go first', () => {
    expect(refusals(at(8080))).toMatchObject([{ code: 'unsupported-field', severity: 'error' }]);
    expect(refusals(at('8080-8089'))[0]?.message).toContain('needs `maxUnavailable` above 0');
    const oneByOne = { ...rolling, maxSurge: 0, maxUnavailable: 1 };
    expect(refusals({ ...at('8080-8089'), deployment: oneByOne })).toEqual([]);
    expect(refusals({ ...at(8080), deployment: oneByOne })).toHaveLength(1);
  });

  it('is a warning where the agent may run without', () => {
    const lifecycle = { protect: false, ignoreDifferences: [], bestEffort: ['deployment.strategy'] };
    expect(refusals({ ...at(8080), lifecycle })).toMatchObject([{ severity: 'warning' }]);
  });

  it('is nothing to refuse without one', () => {
    expect(refusals(at(0))).toEqual([]);
    expect(refuseRollingPorts(web(at(8080)), 'docker')).toEqual([]);
  });
});
