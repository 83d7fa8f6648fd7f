import type { Instance, Run } from '../../../src/drivers/process/instance.ts';
import { agentAddress } from '../../../src/model/address.ts';
import type { SpecHash } from '../../../src/model/desired.ts';

/** An agent as the state folder has it. */
export const sampleInstance: Instance = {
  format: 1,
  name: 'shop-web-0-aa',
  nonce: '0f0f',
  record: {
    workspace: 'shop',
    address: agentAddress('web', 0),
    specHash: 'aa' as SpecHash,
    generation: 1,
    lastApplied: {},
    fingerprints: {},
    dependsOn: [],
    protect: false,
    manifest: 'agent.yaml',
    directory: '/srv/shop',
    origin: 'manifest',
  },
  ports: {},
  createdAt: '2026-01-01T00:00:00.000Z',
};

/** Its first start. */
export const sampleRun: Run = {
  number: 1,
  bootId: 'this boot',
  starter: { pid: 7, started: 't7' },
  startedAt: '2026-01-01T00:00:01.000Z',
  folder: '/srv/shop',
  process: { pid: 100, started: 't100', sid: 100 },
};
