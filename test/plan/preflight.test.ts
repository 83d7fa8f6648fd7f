import { describe, expect, it } from 'vitest';
import type { HeldPort } from '../../src/model/observed.ts';
import { plan } from '../../src/plan/plan.ts';
import { agentObjectName } from '../../src/model/name.ts';
import { expandReplicas } from '../../src/plan/replicas.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, network, observe, standing, volume } from '../support/planning.ts';

const stranger: HeldPort = { port: 8080, protocol: 'tcp', hostIp: '127.0.0.1', holder: 'container somebody' };
const web = agent('web', { ports: { '80/tcp': 8080 } });

function codes(...input: Parameters<typeof plan>): readonly string[] {
  return plan(...input).diagnostics.map(({ code }) => code);
}

describe('preflight', () => {
  it('says everything that would fail, at its line, with a way out', () => {
    const desired = desire([
      agent('greedy', { limits: { cpu: 8e9, memory: 64 * 2 ** 30 } }),
      agent('lost', { dependsOn: [['nobody', 'ready']] }),
      agent('offline', { image: 'offline:1', pullPolicy: 'Never' }),
      agent('pathless', {
        volumes: {
          '/data': { type: 'bind', source: './data', readOnly: false },
          '/made': { type: 'bind', source: './made', readOnly: false, create: true },
        },
      }),
      web,
    ]);
    const observed = observe([], {
      images: new Map([['offline:1', null]]),
      capacity: { cpu: 2e9, memory: 23.4 * 2 ** 30 },
      missingPaths: new Set(['./data', './made']),
      ports: [stranger],
      foreignNames: new Map([[`agent/${nameOf(web)}`, 'a container of somebody else']]),
    });
    const { diagnostics } = plan(desired, observed);
    expectGolden('plan/preflight/all.txt', planText({ ...plan(desire([]), observe([])), diagnostics }));
  });

  it('does not mind what the agents that are left alone would need', () => {
    const own = standing(web);
    const held: HeldPort = { ...stranger, ref: own.ref, hostIp: '0.0.0.0', holder: `container ${own.name}` };
    const observed = observe([own], {
      ports: [held],
      capacity: { cpu: 1, memory: 1 },
      images: new Map([['web:1', null]]),
    });
    expect(codes(desire([agent('web', { ports: { '80/tcp': 8080 }, pullPolicy: 'Never' })]), observed)).toEqual([]);
  });

  it('a port that is given up in the same plan is no conflict, one that is kept is', () => {
    const api = agent('api', { ports: { '80/tcp': 8080 } });
    expect(codes(desire([api]), observe([standing(web)]))).toEqual([]);
    expect(
      codes(desire([agent('web', { ports: { '80/tcp': 8080 }, image: 'web:2' })]), observe([standing(web)])),
    ).toEqual([]);
    const selection = { agents: new Set(['api']), manifests: new Set<string>() };
    const { diagnostics } = plan(desire([api, agent('web')]), observe([standing(web)]), { selection });
    expect(diagnostics.map(({ message }) => message)).toEqual(['port 8080 is already in use by `agent/web/0`']);
  });

  it('one port asked for twice collides unless address or protocol tells the two apart', () => {
    const pair = (left: object, right: object) =>
      codes(desire([agent('a', { ports: left as never }), agent('b', { ports: right as never })]), observe([]));
    const on = (hostIp: string) => ({ '80/tcp': { host: 8080, hostIp } });
    expect(pair(on('0.0.0.0'), on('127.0.0.1'))).toEqual(['port-conflict']);
    expect(pair(on('127.0.0.1'), on('::'))).toEqual(['port-conflict']);
    expect(pair(on('127.0.0.1'), on('127.0.0.2'))).toEqual([]);
    expect(pair(on('0.0.0.0'), { '80/udp': 8080 })).toEqual([]);
    expect(pair({ '80/tcp': 0 }, { '80/tcp': 0 })).toEqual([]);
  });

  it('a network or volume whose name a stranger holds is an error', () => {
    const foreignNames = new Map([
      ['network/demo-default', 'a network without our labels'],
      ['volume/demo-cache', 'a volume without our labels'],
      ['agent/demo-default', 'a container that has nothing to do with it'],
    ]);
    expect(codes(desire([network('default'), volume('cache')]), observe([], { foreignNames }))).toEqual([
      'name-taken',
      'name-taken',
    ]);
  });

  function nameOf(template: typeof web): string {
    const { address, specHash } = expandReplicas(template, []).resources[0]!;
    return agentObjectName('demo', address, specHash, 1);
  }
});
