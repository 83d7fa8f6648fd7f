import { describe, expect, it } from 'vitest';
import { runAddress, runTemplate } from '../../src/model/address.ts';
import type { ResourceTemplate } from '../../src/model/desired.ts';
import { plan } from '../../src/plan/plan.ts';
import { agent, desire, network, observe, standing } from '../support/planning.ts';

const onDefault: ResourceTemplate['dependsOn'] = [{ address: network('default').address, until: 'exists' }];

function runOf(name: string, parts: Parameters<typeof agent>[1] = {}): ResourceTemplate {
  return { ...agent(name, parts), address: runTemplate(name), dependsOn: onDefault };
}

function started(name: string) {
  return standing(runOf(name), { record: { origin: 'run' } });
}

const run = new Set([runAddress('extra')]);
const verbs = (made: ReturnType<typeof plan>): readonly string[] =>
  made.nodes.map(({ step }) => `${step.verb} ${step.address}`);

describe('an agent of `aac run`', () => {
  it('is created with what it stands on, and nothing else of the workspace is touched', () => {
    const web = standing(agent('web'), { phase: 'exited', exitCode: 1 });
    const made = plan(desire([runOf('extra'), network('default')]), observe([web]), { run });
    expect(verbs(made).slice(0, 3)).toEqual(['create network/default', 'create run/extra', 'start run/extra']);
    expect(verbs(made).some((verb) => verb.includes('web'))).toBe(false);
  });

  it('takes the network that stands as it is', () => {
    const drifted = standing(network('default', true));
    const made = plan(desire([runOf('extra'), network('default')]), observe([drifted]), { run });
    expect(verbs(made).filter((verb) => verb.includes('network'))).toEqual([]);
  });

  it('takes the first port of a range', () => {
    const made = plan(desire([runOf('extra', { ports: { '80/tcp': '8080-8089' } })]), observe([]), { run });
    const create = made.nodes.map(({ step }) => step).find((step) => step.verb === 'create');
    expect(create?.spec.ports).toMatchObject({ '80/tcp': { host: 8080 } });
  });

  it('is passed by by a plan of the project', () => {
    const made = plan(desire([]), observe([started('extra')]), {});
    expect(made.nodes).toEqual([]);
  });

  it('goes with its network, unless a manifest declares that or another agent stands on it', () => {
    const net = standing(network('default'));
    const options = { run, destroy: { volumes: false } };
    const gone = ['stop run/extra', 'remove run/extra'];
    const alone = plan(desire([]), observe([started('extra'), net]), options);
    expect(verbs(alone)).toEqual([...gone, 'remove network/default']);
    const used = plan(desire([]), observe([started('extra'), started('other'), net]), options);
    expect(verbs(used)).toEqual(gone);
    const declared = plan(desire([network('default')]), observe([started('extra'), net]), options);
    expect(verbs(declared)).toEqual(gone);
  });
});
