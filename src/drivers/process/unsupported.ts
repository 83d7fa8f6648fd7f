import type { Agent } from '../../model/agent.ts';
import type { Unsupported } from '../compile.ts';
import type { Machine } from './machine.ts';
import { refuseRestriction } from './restricted.ts';
import type { CgroupSupport } from './find-cgroups.ts';

const hostNetwork = 'a local process shares the network of the host';

/** What a local process cannot be given, or not yet. */
const always: readonly Unsupported[] = [
  { field: 'network.dns', when: 'never', hint: hostNetwork },
  { field: 'network.dnsSearch', when: 'never', hint: hostNetwork },
  { field: 'network.aliases', when: 'never', hint: hostNetwork },
  { field: 'network.extraHosts', when: 'never', hint: hostNetwork },
  { field: 'services', when: 'not yet', hint: 'set the address with `environment`' },
  { field: 'secrets.mountPath', when: 'never', hint: 'take it out: the file is `$AAC_SECRETS_DIR/<name>`' },
  { field: 'resources.limits.ephemeral-storage', when: 'not yet' },
  { field: 'resources.requests.ephemeral-storage', when: 'not yet' },
];

/** The table for one agent: what depends on the values that it gives a field is worked out first. */
export function unsupportedFields(agent: Agent, machine: Machine): readonly Unsupported[] {
  const { cgroups, user } = machine;
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
    ...needingCgroups(cgroups),
    ...securityFields(agent, user),
    ...refuseRestriction(agent, machine),
    ...always,
  ];
}

const asRoot = 'only root may run a process as somebody else: start aac as root, or take it out';

/** Of the security context only user and group, and those only for root. */
function securityFields({ security, written }: Agent, user: number): readonly Unsupported[] {
  const others = written.filter(({ name }) => name.endsWith('.runAsUser')).map(({ value }) => value ?? '');
  return ['security', 'securityContext'].flatMap((name): readonly Unsupported[] => [
    ...(user === 0
      ? []
      : ([
          { field: `${name}.runAsUser`, values: others.filter((other) => other !== user), when: 'never', hint: asRoot },
          { field: `${name}.runAsGroup`, when: 'never', hint: asRoot },
        ] as const)),
    ...((security.runAsUser ?? user) === 0
      ? ([{ field: `${name}.runAsNonRoot`, values: [true], when: 'never', hint: 'set `runAsUser`' }] as const)
      : []),
    { field: `${name}.readOnlyRootFilesystem`, values: [true], when: 'never' },
    { field: `${name}.capabilities`, when: 'never' },
    { field: `${name}.noNewPrivileges`, values: [true], when: 'never' },
    { field: `${name}.seccompProfile`, when: 'never' },
  ]);
}

/** Memory is watched over where there is no cgroup for it; the rest cannot be had without. */
function needingCgroups(support: CgroupSupport | undefined): readonly Unsupported[] {
  const hint =
    'it needs a cgroup: run aac as root or where cgroup v2 is delegated, or list it in `lifecycle.bestEffort`';
  const needing = [
    ['cpu', 'resources.limits.cpu'],
    ['cpu', 'resources.requests.cpu'],
    ['memory', 'resources.requests.memory'],
    ['pids', 'resources.limits.pids'],
  ] as const;
  return needing.flatMap(([controller, field]) =>
    support?.parents[controller] === undefined ? [{ field, when: 'never', hint } as const] : [],
  );
}

const mountHint = 'a local process sees the files of the host where they are: give it their path with `environment`';
