import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeDocker, dockerClient, dockerHost } from '../support/docker.ts';
import { droppingProxy } from '../support/dropping-proxy.ts';
import { createRig, type Rig } from '../support/rig.ts';

function write(rig: Rig, spec: object): void {
  const common = { image: 'aac-test/busybox:1', command: ['sleep', '1000'], stop: { gracePeriod: '1s' } };
  const document = {
    apiVersion: 'agent.dev/v1',
    kind: 'Agent',
    metadata: { name: 'web' },
    spec: { ...common, ...spec },
  };
  rig.write({ 'web.agent.yaml': stringify(document) });
}

describeDocker('an engine that leaves fields out without a word', () => {
  test('gets an agent that runs, and a plan that is empty, and aac says what is left out', async () => {
    await using proxy = await droppingProxy(dockerHost(), (body) => {
      for (const field of ['Dns', 'ExtraHosts', 'Init', 'LogConfig', 'MemoryReservation', 'Memory', 'MemorySwap']) {
        delete body.HostConfig?.[field];
      }
      delete body.StopTimeout;
      delete body.Healthcheck;
    });
    await using rig = createRig({ docker: true });
    const spec = {
      network: { dns: ['127.0.0.53'], extraHosts: { ledger: '10.0.0.1' } },
      healthCheck: { command: ['true'], startInterval: '100ms' },
      resources: { requests: { memory: '16Mi' }, limits: { memory: '32Mi' } },
    };
    write(rig, spec);
    const through = rig.with({ environment: { DOCKER_HOST: proxy.host } });
    const applied = await through.apply();
    expect(applied.all).toContain('the engine does not keep');
    expect(applied.all).toContain('`network.dns`');
    const [web] = await dockerClient().listContainers({ filters: { name: [`${rig.workspace}-web-`] } });
    const seen = await dockerClient()
      .getContainer(web?.Id ?? '')
      .inspect();
    expect(seen.HostConfig.Dns ?? []).toEqual([]);

    await through.apply(); // what changes in place has been left out as well, and is set now
    const planned = await through.aac('plan', '--detailed-exitcode');
    expect(planned.exitCode, planned.all).toBe(0);

    write(rig, { ...spec, network: { ...spec.network, dns: ['127.0.0.54'] } });
    expect((await through.aac('plan', '--detailed-exitcode')).exitCode).toBe(2);
    await through.apply();
    await through.apply();
    expect((await through.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });

  test('gets no agent where the field is one that confines it', async () => {
    await using proxy = await droppingProxy(dockerHost(), (body) => {
      delete body.HostConfig?.CapDrop;
    });
    await using rig = createRig({ docker: true });
    write(rig, { security: { capabilities: { drop: ['ALL'] } } });
    const { exitCode, all } = await rig
      .with({ environment: { DOCKER_HOST: proxy.host } })
      .aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(all).toContain('the engine does not keep `security.capabilities.drop`');
    const filters = { name: [`${rig.workspace}-web-`] };
    expect(await dockerClient().listContainers({ all: true, filters })).toEqual([]);
  });
});
