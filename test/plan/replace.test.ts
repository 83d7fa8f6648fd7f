import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import type { ReferenceState } from '../../src/model/reference.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, at, desire, network, observe, secret, standing, volume } from '../support/planning.ts';

const old = agent('web', { environment: { LEVEL: 'info', OLD: 'x' }, ports: { '80/tcp': 8080 } });

describe('replacing', () => {
  it('names the fields and the line that force it, and the old goes before the new comes', () => {
    const changed = agent('web', {
      environment: { LEVEL: 'debug', NEW: 'y' },
      ports: { '80/tcp': 8081 },
      limits: { memory: 100 },
    });
    expectGolden('plan/replace/changed.txt', planText(plan(desire([changed]), observe([standing(old)]))));
  });

  it('pulls before it stops anything', () => {
    const observed = observe([standing(old)], { images: new Map([['web:2', null]]) });
    const { nodes } = plan(desire([agent('web', { image: 'web:2' })]), observed);
    expect(nodes.find(({ step }) => step.verb === 'stop')?.dependsOn).toEqual(['pull web:2']);
  });

  it('stops an agent with the grace period it was applied with', () => {
    const patient = standing(agent('web', { gracePeriod: 90_000 }));
    const { nodes } = plan(desire([agent('web', { gracePeriod: 1000 })]), observe([patient]));
    expect(nodes.find(({ step }) => step.verb === 'stop')?.step).toMatchObject({ gracePeriod: 90_000 });
  });

  it('a tag that names another image now forces it, without a word of drift', () => {
    const object = standing(old, { imageId: 'sha256:1' });
    const observed = observe([object], { images: new Map([['web:1', 'sha256:2']]) });
    const made = plan(desire([old]), observed);
    expect(made.changes[0]).toMatchObject({ action: 'replace', cause: { type: 'image-moved', image: 'web:1' } });
    expect(made.changes[0]?.source).toEqual(old.source.locate(fieldPath('image')));
    expect(made.drift).toEqual([]);
  });

  it('an image that is not known on one side has not moved', () => {
    const images = new Map([['web:1', 'sha256:2']]);
    expect(plan(desire([old]), observe([standing(old)], { images })).nodes).toEqual([]);
    expect(plan(desire([old]), observe([standing(old, { imageId: 'sha256:1' })])).nodes).toEqual([]);
  });

  it('another value behind an unchanged reference forces it, and shows the reference alone', () => {
    const template = agent('web', { environment: { TOKEN: secret('token') } });
    const states = (state: ReferenceState) => ({
      references: new Map([[at('agent/web/0'), new Map([[fieldPath('environment', 'TOKEN'), state]])]]),
    });
    const observed = observe([standing(template)]);
    expectGolden('plan/replace/reference.txt', planText(plan(desire([template]), observed, states('changed'))));
    expect(plan(desire([template]), observed, states('unchanged')).nodes).toEqual([]);
    expect(plan(desire([template]), observed, states('unknown')).nodes).toEqual([]);
  });

  it('another reference is a change of the manifest, whatever is behind it', () => {
    const before = agent('web', { environment: { TOKEN: secret('token') } });
    const after = agent('web', { environment: { TOKEN: secret('other') } });
    const states = new Map([[fieldPath('environment', 'TOKEN'), 'changed' as const]]);
    const references = new Map([[at('agent/web/0'), states]]);
    const made = plan(desire([after]), observe([standing(before)]), { references });
    expect(made.changes[0]?.cause).toEqual({ type: 'changed' });
    expect(made.changes[0]?.fields).toMatchObject([{ before: secret('token'), after: secret('other') }]);
  });

  it('what is asked for on the command line is replaced although nothing differs', () => {
    const { changes, nodes } = plan(desire([old]), observe([standing(old)]), { replace: new Set([at('agent/web/0')]) });
    expect(changes[0]).toMatchObject({ action: 'replace', cause: { type: 'requested' }, fields: [] });
    expect(nodes.find(({ step }) => step.verb === 'create')?.step.target.generation).toBe(2);
  });

  it('an object beyond starting is replaced', () => {
    const { changes } = plan(desire([old]), observe([standing(old, { phase: 'dead' })]));
    expect(changes[0]).toMatchObject({ action: 'replace', cause: { type: 'not-running', phase: 'dead' } });
  });

  it('a list that differs is one field, not one for each item', () => {
    const withCommand = (...command: string[]) => {
      const template = agent('web');
      return { ...template, spec: { ...template.spec, command } };
    };
    const made = plan(desire([withCommand('b', 'c')]), observe([standing(withCommand('a'))]));
    expect(made.changes[0]?.fields).toMatchObject([{ path: '/command', before: ['a'], after: ['b', 'c'] }]);
  });

  it('an ignored field neither changes nor drifts', () => {
    const ignore = [fieldPath('environment')];
    const template = agent('web', { environment: { LEVEL: 'debug' }, ports: { '80/tcp': 8080 }, ignore });
    const object = standing(old, { live: { [fieldPath('environment', 'LEVEL')]: 'warn' } });
    const made = plan(desire([template]), observe([object]));
    expect([made.nodes, made.drift]).toEqual([[], []]);
  });

  it('a network that changes takes down and brings up again all that stand on it, rolling or not', () => {
    const web = agent('web', { network: 'default', rollout: { strategy: 'rolling', maxSurge: 1, maxUnavailable: 0 } });
    const api = agent('api', { network: 'default', dependsOn: [['web', 'ready']] });
    const alone = agent('alone');
    const observed = observe([network('default'), web, api, alone].map((template) => standing(template)));
    const desired = desire([network('default', true), web, api, alone]);
    expectGolden('plan/replace/network.txt', planText(plan(desired, observed)));
  });

  it('a volume that is replaced asks, as its data goes with it', () => {
    const cache = volume('cache');
    const web = agent('web', { volumes: { '/cache': { type: 'volume', source: 'cache', readOnly: false } } });
    const options = { replace: new Set([at('volume/cache')]) };
    const { changes } = plan(desire([cache, web]), observe([standing(cache), standing(web)]), options);
    expect(
      changes.map(({ address, action, cause, approval }) => [address, action, cause.type, approval?.type]),
    ).toEqual([
      ['agent/web/0', 'replace', 'dependency-replaced', undefined],
      ['volume/cache', 'replace', 'requested', 'data-loss'],
    ]);
  });

  it('what was applied under an earlier name of the workspace is ours, and made anew under the new one', () => {
    const object = standing(old, { record: { workspace: 'former' } });
    expect(plan(desire([old]), observe([object])).changes).toMatchObject([{ action: 'create' }]);
    const { changes } = plan(desire([old]), observe([object]), { previousNames: ['former'] });
    expect(changes).toMatchObject([{ action: 'replace', fields: [{ before: 'former', after: 'demo' }] }]);
  });

  it('a replacement stops the old agent only when all that the new one needs is ready', () => {
    const before = agent('web');
    const after = agent('web', { environment: { A: 'b' }, dependsOn: [['cache', 'ready']] });
    const { nodes } = plan(desire([after, agent('cache')]), observe([standing(before)]));
    expect(nodes.find(({ step }) => step.verb === 'stop')?.dependsOn).toEqual(['wait ready agent/cache/0']);
  });
});
