/** The labels an engine object carries. They are the record: aac plans from them, so their names never change. */
export const labels = {
  workspace: 'dev.aac.workspace',
  address: 'dev.aac.address',
  specHash: 'dev.aac.spec-hash',
  generation: 'dev.aac.generation',
  /** Canonical JSON of the spec, references instead of values, at most 64 KiB. */
  lastApplied: 'dev.aac.last-applied',
  /** JSON: field → salt and HMAC of the value behind its reference. */
  fingerprints: 'dev.aac.fingerprints',
  /** Comma-separated template addresses. */
  dependsOn: 'dev.aac.depends-on',
  protect: 'dev.aac.protect',
  manifest: 'dev.aac.manifest',
  directory: 'dev.aac.directory',
  origin: 'dev.aac.origin',
  /** On what holds files of an agent, and is no object of the workspace by itself: the agent's address. */
  filesOf: 'dev.aac.files-of',
  /** Fields, one a line, that the engine left out when it made the object, and that are no drift therefore. */
  notKept: 'dev.aac.not-kept',
  /** Prefix of the labels that a manifest gives an agent. */
  userPrefix: 'dev.aac.label/',
} as const;
