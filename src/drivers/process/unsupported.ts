import type { Agent } from '../../model/agent.ts';
import type { Unsupported } from '../compile.ts';

const hostNetwork = 'a local process shares the network of the host';

/** What a local process cannot be given, or not yet. */
const always: readonly Unsupported[] = [
  { field: 'network.dns', when: 'never', hint: hostNetwork },
  { field: 'network.dnsSearch', when: 'never', hint: hostNetwork },
  { field: 'network.aliases', when: 'never', hint: hostNetwork },
  { field: 'network.extraHosts', when: 'never', hint: hostNetwork },
  { field: 'network.security', when: 'not yet' },
  { field: 'services', when: 'not yet', hint: 'set the address with `environment`' },
  { field: 'secrets.mountPath', when: 'never', hint: 'take it out: the file is `$AAC_SECRETS_DIR/<name>`' },
  { field: 'resources.limits', when: 'not yet' },
  { field: 'resources.requests', when: 'not yet' },
  { field: 'security', when: 'not yet' },
  { field: 'securityContext', when: 'not yet' },
  { field: 'deployment', when: 'not yet' },
  { field: 'scaling.metrics', when: 'not yet' },
  { field: 'scaling.minReplicas', when: 'not yet' },
  { field: 'scaling.maxReplicas', when: 'not yet' },
  { field: 'autoscaling', when: 'not yet' },
  { field: 'logging', when: 'not yet' },
];

/** The table for one agent: what depends on the values that it gives a field is worked out first. */
export function unsupportedFields(agent: Agent): readonly Unsupported[] {
  const written = (name: string): readonly (string | number | boolean)[] =>
    agent.written.flatMap((field) => (field.name === name && field.value !== undefined ? [field.value] : []));
  const modes = written('network.mode').filter((mode) => mode !== 'host');
  const absolute = written('volumes.target').filter((target) => String(target).startsWith('/'));
  return [
    ...(modes.length > 0
      ? ([{ field: 'network.mode', values: modes, when: 'never', hint: `${hostNetwork}: take it out` }] as const)
      : []),
    ...(absolute.length > 0
      ? ([{ field: 'volumes.target', values: absolute, when: 'never', hint: mountHint }] as const)
      : []),
    { field: 'volumes.target', when: 'not yet' },
    ...always,
  ];
}

const mountHint = 'a local process sees the files of the host where they are: give it their path with `environment`';
