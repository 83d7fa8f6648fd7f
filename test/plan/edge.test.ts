import { describe, expect, it } from 'vitest';
import { edgeTemplate } from '../../src/model/address.ts';
import type { ResourceTemplate } from '../../src/model/desired.ts';
import type { Plan } from '../../src/model/plan.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, rolling, standing, tcpCheck, type AgentParts } from '../support/planning.ts';

function edge(parts: AgentParts = {}): ResourceTemplate {
  return { ...agent('edge', { image: 'edge:1', ...parts }), address: edgeTemplate };
}

function dependsOn({ nodes }: Plan, id: string): readonly string[] | undefined {
  return nodes.find((node) => node.id === id)?.dependsOn;
}

function notes({ changes }: Plan, address: string): readonly string[] {
  return (changes.find((change) => change.address === address)?.notes ?? []).filter(
    (note) => !note.startsWith('open to'),
  );
}

const direct = agent('web', { ports: { '80/tcp': 8080 }, check: tcpCheck });
const behind = agent('web', { rollout: rolling(), check: tcpCheck, routes: true });

describe('the edge', () => {
  it('takes a port over from an agent once what is to serve behind it is ready, and says so', () => {
    const made = plan(desire([behind, edge({ ports: { '8080/tcp': 8080 } })]), observe([standing(direct)]));
    expectGolden('plan/edge/takes-over.txt', planText(made));
    expect(notes(made, 'edge/edge')).toEqual([
      'host port 8080 moves here from `agent/web/0`: not there for a second or two, open connections are cut',
    ]);
    expect(notes(made, 'agent/web/0')).toEqual([]);
  });

  it('takes it over at once from an agent whose successor waits for it, also by way of another one', () => {
    const bot = { ...agent('bot'), dependsOn: [{ address: edgeTemplate, until: 'started' } as const] };
    const web = { ...behind, dependsOn: [{ address: bot.address, until: 'ready' } as const] };
    const made = plan(desire([web, bot, edge({ ports: { '8080/tcp': 8080 } })]), observe([standing(direct)]));
    expect(dependsOn(made, 'stop agent/web/0 (generation 1)')).toEqual([]);
    expect(dependsOn(made, 'create agent/web/0')).toEqual(['remove agent/web/0 (generation 1)']);
  });

  it('gives a port back to an agent, which is not there until that answers', () => {
    const made = plan(desire([direct]), observe([standing(behind), standing(edge({ ports: { '8080/tcp': 8080 } }))]));
    expect(dependsOn(made, 'start agent/web/0')).toContain('stop edge/edge');
    expect(notes(made, 'agent/web/0')).toContain(
      'host port 8080 moves here from `edge/edge`: not there until this answers there, open connections are cut',
    );
  });

  it('that changes is made before the old one stops, and says what is not there meanwhile', () => {
    const before = edge({ ports: { '8080/tcp': 8080, '53/udp': 5353 } });
    const after = edge({ ports: { '8080/tcp': 8080, '53/udp': 5353, '9090/tcp': 9090 } });
    const made = plan(desire([after]), observe([standing(before)]));
    expectGolden('plan/edge/replaced.txt', planText(made));
    expect(notes(made, 'edge/edge')).toEqual([
      'host ports 5353/udp, 8080 are not there for a second or two, open connections are cut',
    ]);
    const rules = plan(desire([edge({ environment: { RULES: 'b' } })]), observe([standing(edge())]));
    expect(notes(rules, 'edge/edge')).toEqual([
      'the way out is not there for a second or two, open connections are cut',
    ]);
  });
});
