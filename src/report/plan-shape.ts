import type { Address, ResourceKind, TemplateAddress } from '../model/address.ts';
import type { DriverName, Scope } from '../model/agent.ts';
import type { DiagnosticCode } from '../model/codes.ts';
import type { SpecHash } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { FieldPath } from '../model/field-path.ts';
import type {
  ApprovalReason,
  Call,
  Cause,
  Change,
  ChangeAction,
  CreateCall,
  Drift,
  FieldDiff,
  NodeId,
  ObjectTarget,
  Plan,
  PlanNode,
  Wait,
} from '../model/plan.ts';
import type { Position, SourceRange } from '../model/source.ts';
import type { Json } from '../util/json.ts';
import {
  amount,
  anything,
  exactly,
  flag,
  integer,
  keeping,
  list,
  object,
  oneOf,
  optional,
  record,
  shape,
  text,
  textOf,
  union,
  yes,
  type Shape,
} from './shape.ts';
import { agentSpecShape, healthCheckShape, networkSpecShape, volumeSpecShape } from './spec-shape.ts';

const address = textOf<Address>(
  /^(?:agent\/[^/]+\/\d+|(?:network|volume|run)\/[^/]+)$/,
  'an address such as `agent/web/0`',
);
const template = textOf<TemplateAddress>(
  /^(?:agent|network|volume|run)\/[^/]+$/,
  'an address such as `agent/web` or `network/default`',
);
const path = textOf<FieldPath>(/^(?:\/.*)?$/s, 'a JSON Pointer');
const nodeId = textOf<NodeId>(/./s, 'the id of a node');
const hash = textOf<SpecHash>(/^[0-9a-f]{64}$/, 'a SHA-256 hash');
const driver = oneOf<DriverName>({ docker: true, process: true, kubernetes: true, memory: true });
const kind = oneOf<ResourceKind>({ agent: true, network: true, volume: true });
const position = object<Position>({ line: integer, column: integer, offset: integer });
const range = object<SourceRange>({ file: text, start: position, end: position });

const plainCauses = [
  'declared',
  'requested',
  'changed',
  'drifted',
  'unknown',
  'missing',
  'reference-changed',
  'superseded',
  'unrouted',
  'scaled-up',
  'scaled-down',
] as const;
type PlainCause = (typeof plainCauses)[number];
const plainCause = Object.fromEntries(plainCauses.map((name) => [name, object({ type: exactly(name) })])) as {
  readonly [Name in PlainCause]: Shape<{ readonly type: Name }>;
};

const cause = union<'type', Cause>('type', {
  ...plainCause,
  undeclared: object<Extract<Cause, { readonly type: 'undeclared' }>>({
    type: exactly('undeclared'),
    manifest: optional(text),
  }),
  'not-running': object<Extract<Cause, { readonly type: 'not-running' }>>({
    type: exactly('not-running'),
    phase: text,
    exitCode: optional(integer),
    detail: optional(text),
  }),
  'image-moved': object({ type: exactly('image-moved'), image: text }),
  'dependency-replaced': object({ type: exactly('dependency-replaced'), dependency: address }),
  'driver-changed': object({ type: exactly('driver-changed'), from: driver, to: driver }),
  scaled: object({ type: exactly('scaled'), from: integer, to: integer, because: text }),
});

const field = object<FieldDiff>({
  path,
  origin: oneOf<FieldDiff['origin']>({ change: true, drift: true, unknown: true }),
  before: optional<Json>(anything),
  after: optional<Json>(anything),
  forcesReplacement: flag,
  source: optional(range),
});

const change = object<Change>({
  address,
  driver,
  action: oneOf<ChangeAction>({
    'no-op': true,
    create: true,
    update: true,
    replace: true,
    delete: true,
    start: true,
    stop: true,
    restart: true,
  }),
  cause,
  fields: list(field),
  approval: optional(
    union<'type', ApprovalReason>('type', {
      protected: object({ type: exactly('protected') }),
      'data-loss': object({ type: exactly('data-loss') }),
      rerun: object({ type: exactly('rerun') }),
    }),
  ),
  source: optional(range),
  notes: list(text),
});

const drift = object<Drift>({
  address,
  driver,
  type: oneOf<Drift['type']>({ missing: true, fields: true, 'not-running': true, 'image-moved': true }),
  fields: list(field),
});

const base = {
  address,
  driver,
  kind,
  target: object<ObjectTarget>({
    name: textOf(/./s, 'a name'),
    generation: integer,
    ref: optional(text),
    workspace: optional(text),
    address: optional(address),
  }),
};

const createCall = object<CreateCall>({
  ...base,
  verb: exactly('create'),
  spec: record(anything),
  specHash: hash,
  dependsOn: list(template),
  protect: flag,
  manifest: text,
  unrouted: optional(yes),
});

const specs = { agent: agentSpecShape, network: networkSpecShape, volume: volumeSpecShape };
const specOfItsKind = Object.entries(specs).map(([name, { schema }]) => ({
  if: { properties: { kind: { const: name } } },
  then: { properties: { spec: schema } },
}));

/** A create whose spec is one of its own kind, too: a driver trusts it. */
const checkedCreateCall = shape<CreateCall>({ ...createCall.schema, allOf: specOfItsKind }, (value, report) => {
  const call = createCall(value, report);
  if (!call) return undefined;
  keeping(specs[call.kind])(call.spec, { path: `${report.path}.spec`, problems: report.problems });
  return call;
});

const step = union<'verb', Call | Wait>('verb', {
  pull: object({ ...base, verb: exactly('pull'), image: text }),
  create: checkedCreateCall,
  update: object({ ...base, verb: exactly('update'), fields: record(anything) }),
  start: object({ ...base, verb: exactly('start') }),
  route: object({ ...base, verb: exactly('route') }),
  unroute: object({ ...base, verb: exactly('unroute') }),
  stop: object({ ...base, verb: exactly('stop'), gracePeriod: amount }),
  remove: object({ ...base, verb: exactly('remove') }),
  wait: object<Wait>({
    ...base,
    verb: exactly('wait'),
    until: oneOf<Wait['until']>({ started: true, ready: true, completed: true, drained: true }),
    check: optional(healthCheckShape),
    minReady: amount,
    deadline: amount,
  }),
});

const diagnostic = object<Diagnostic>({
  // a newer aac may know more codes; they are shown, never acted upon
  code: textOf<DiagnosticCode>(/^[a-z][a-z-]*$/, 'a diagnostic code'),
  severity: oneOf<Diagnostic['severity']>({ error: true, warning: true, note: true }),
  message: text,
  hint: optional(text),
  range: optional(range),
  address: optional<Address | TemplateAddress>(text as Shape<Address | TemplateAddress>),
  related: optional(list(object({ message: text, range }))),
});

/** A saved plan. Its version has been looked at before, as it decides how to read the rest. */
export const planShape: Shape<Omit<Plan, 'formatVersion'>> = object<Omit<Plan, 'formatVersion'>>({
  workspace: textOf(/./s, 'a name'),
  scope: union<'type', Scope>('type', {
    project: object({ type: exactly('project'), directory: text }),
    directory: object({ type: exactly('directory'), directory: text }),
  }),
  docker: optional(object({ host: text })),
  digest: hash,
  changes: list(change),
  drift: list(drift),
  nodes: list(
    object<PlanNode>({
      id: nodeId,
      step,
      cause,
      dependsOn: list(nodeId),
      precondition: optional(text),
    }),
  ),
  diagnostics: list(diagnostic),
});
