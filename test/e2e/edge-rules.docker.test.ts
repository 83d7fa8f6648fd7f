import { expect, test } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import { eventually } from '../contract/stage.ts';
import { describeDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { connectTo, tlsOf } from './edge-clients.ts';
import { edgeOf, shared, startLoad } from './edge-load.ts';
import { openOutside } from './edge-outside.ts';
import { docker } from './engine-view.ts';
import { agentText } from './manifests.ts';
import { containersOf } from './rolling.ts';

/** What comes of a script of Node in the restricted agent, as it comes. */
async function inAgent(rig: Rig, script: string): Promise<() => string> {
  const [container] = await containersOf(rig, 'agent');
  const whole = `const say=(t)=>{process.stdout.write(String(t));process.exit(0)};setTimeout(()=>say('NOTHING'),60000);${script}`;
  const exec = await docker()
    .getContainer(container?.Id ?? '')
    .exec({ Cmd: ['node', '-e', whole], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  let text = '';
  stream.on('data', (data: Buffer) => (text += data.toString()));
  return () => text.trim();
}

async function said(rig: Rig, script: string): Promise<string> {
  const text = await inAgent(rig, script);
  return eventually(async () => text(), Boolean);
}

describeDocker('what agents may reach', () => {
  test('changes while the edge runs, and cuts nothing that is still allowed', async () => {
    await using outside = await openOutside();
    await using rig = createRig({
      docker: true,
      project: { edge: { image: 'aac-test/node:20', dns: [`${outside.host}:${String(outside.dns)}`] } },
    });
    const port = await freePort();
    const allow = (...hosts: readonly string[]) =>
      agentText('agent', {
        image: 'aac-test/node:20',
        imagePullPolicy: 'Never',
        command: ['node', '-e', 'setInterval(() => {}, 1000)'],
        stop: { gracePeriod: '0s' },
        network: {
          security: {
            allowExternalConnections: false,
            allowedHosts: [
              { host: 'held.test', port: outside.http, private: true },
              ...hosts.map((host) => ({ host, port: outside.tls, private: true })),
            ],
          },
        },
      });
    rig.write({ 'web.agent.yaml': shared('v1', port), 'agent.agent.yaml': allow('one.test') });
    await rig.apply();
    const [edge] = await edgeOf(rig);
    expect(edge?.Labels).not.toHaveProperty([labels.notKept]); // it was made once
    const proxied = (name: string) => connectTo(`${name}:${String(outside.tls)}`, name);
    await using load = startLoad(port);
    await load.answered('v1', 50);
    expect(await said(rig, tlsOf('one.test', outside.tls))).toBe('secure');
    expect(await said(rig, proxied('two.test'))).toBe('403');
    const held = await inAgent(
      rig,
      `require('http').get('http://held.test:${String(outside.http)}/hold',r=>r.pipe(process.stdout).on('error',say)).on('close',()=>say('closed'))`,
    );
    await eventually(
      async () => held(),
      (text) => text.includes('...'),
    );

    rig.write({ 'agent.agent.yaml': allow('two.test', '*.wild.test') });
    const plan = await rig.aac('plan');
    expect(plan.all).toMatch(/edge\/edge +will be updated in place/);
    expect(plan.all).not.toContain('not there');
    await rig.apply();
    const expectChanged = async () => {
      expect(await said(rig, tlsOf('two.test', outside.tls))).toBe('secure');
      expect(await said(rig, proxied('one.test'))).toBe('403');
      const again = await rig.aac('plan', '--detailed-exitcode');
      expect(again.exitCode, again.all).toBe(0);
      expect((await edgeOf(rig)).map(({ Id }) => Id)).toEqual([edge?.Id]);
    };
    await expectChanged();
    const before = held().length;
    await eventually(
      async () => held(),
      (text) => text.length > before + 5,
    );
    expect(held()).toMatch(/^\.+$/);
    await load[Symbol.asyncDispose]();
    expect(load.failed).toEqual({});

    await docker()
      .getContainer(edge?.Id ?? '')
      .restart({ t: 0 });
    await eventually(
      () => said(rig, tlsOf('two.test', outside.tls)),
      (text) => text === 'secure', // once it listens again
    );
    await expectChanged();
  });
});
