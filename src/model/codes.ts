/**
 * Every diagnostic aac can give, and what it means: the type, the documentation and `--format json` all come from this
 * one table. A code, once published, keeps its meaning.
 */
export const diagnosticCodes = {
  // reading
  'no-manifests': 'no manifest was found under the path',
  'unreadable-file': 'a file or directory could not be read',
  'invalid-yaml': 'a file is not YAML 1.2',
  'several-projects': 'two project files claim the same directory',
  // shape
  'unknown-field': 'a key that the schema does not have',
  'missing-field': 'a required key is not there',
  'invalid-type': 'a value is of the wrong type',
  'invalid-value': 'a value is of the right type, but not allowed',
  'unsupported-version': 'an apiVersion or kind that aac does not know',
  'carried-field': 'a field that is accepted and changes nothing',
  // meaning
  'duplicate-name': 'two things of one project share a name',
  'conflicting-fields': 'two fields contradict each other',
  'unknown-reference': 'a name that nothing declares',
  'dependency-cycle': 'agents wait for each other in a circle',
  'unset-variable': 'a ${VARIABLE} without a value',
  'unsupported-field': 'a field that the chosen driver cannot honour',
  'unknown-driver': 'a driver that this aac does not have',
  // preflight
  'image-not-found': 'the image is absent and may not be pulled',
  'port-in-use': 'a host port is held by somebody else',
  'port-conflict': 'two agents of the plan ask for one host port',
  'too-few-ports': 'a host port range is smaller than the number of replicas',
  'insufficient-resources': 'a limit is above what the host has',
  'secret-not-found': 'a secret or config is not where its source looks for it',
  'unreadable-source': 'a source of secrets or configs cannot be read',
  'secrets-unchecked': 'secrets were not read, and count as unchanged',
  'path-not-found': 'a bind source does not exist',
  'name-taken': 'an object that is not ours has the name we need',
  'foreign-directory': 'an object of this workspace was applied from another directory',
  'unmanaged-volume': 'a named volume that nobody declares any more is kept',
  'runs-as-root': 'an image runs as root where the manifest forbids it',
  'network-not-found': 'a network that somebody else keeps does not exist',
  'unreachable-model': 'an agent may not connect to the provider of its own model',
  'network-failed': 'the engine cannot make a network',
  // plan and apply
  'driver-unreachable': 'the engine of a driver that is needed does not answer',
  'no-edge': 'no edge stands that decides on what agents reach',
  'not-restarting': 'an agent keeps crashing while its restart policy retries it',
  watched: 'a running watch will undo, or already does, what is asked for',
  suspended: '`aac watch` leaves an agent as it is, as a person asked for',
  waiting: 'a running watch holds a change back',
  unsupervised: 'nothing restarts crashed processes while no watch runs',
  'limits-enforced': 'what holds local processes to their limits on this machine',
  'unknown-agent': 'a name given on the command line is no agent of the project',
  'invalid-plan-file': 'a saved plan cannot be used',
  'digest-mismatch': 'the plan is not the one that was approved',
  'mass-delete': 'more would be deleted than `maxDelete` allows, or nothing is declared any more',
  'fail-on': 'the plan holds what `--fail-on` forbids',
  'excluded-dependency': 'an agent waits because it depends on an excluded one that does not run',
  'plan-differs': 'where a plan differs from the one that was approved',
  'unknown-revision': 'a revision that the history does not have, or not whole',
  locked: 'another aac works on this workspace',
  'invalid-argument': 'a command line argument is not usable',
} as const;

/** A code of {@link diagnosticCodes}. */
export type DiagnosticCode = keyof typeof diagnosticCodes;
