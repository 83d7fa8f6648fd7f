import { templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import { fieldPath, formatFieldPath, isWithin, type FieldPath } from '../model/field-path.ts';
import type { Change, CreateCall, FieldDiff, Plan } from '../model/plan.ts';
import { isReference } from '../model/reference.ts';
import { formatRange } from '../model/source.ts';
import { toAgentSpec, type AgentSpec, type ResourceLimits } from '../model/spec.ts';
import { isJsonObject, type JsonObject } from '../util/json.ts';
import { formatApproval } from './cause.ts';
import { formatFieldChange, formatHealthCheck, formatPort, formatVolume } from './field-value.ts';
import type { Row } from './rows.ts';
import { counted, cut, listed, printable, shellWords } from './text.ts';
import { formatBytes, formatCores } from './units.ts';

/** `health check` is the longest name among the lines of a new object; all new objects share one column. */
const createdNameWidth = 12;

/** What a plan is going to make: the call behind each address, and how many of each template. */
export interface Creations {
  readonly calls: ReadonlyMap<Address, CreateCall>;
  readonly replicas: ReadonlyMap<TemplateAddress, number>;
}

/** Looks a plan's creations up once for all of its changes. */
export function creationsOf(plan: Plan): Creations {
  const calls = new Map<Address, CreateCall>();
  for (const { step } of plan.nodes) if (step.verb === 'create') calls.set(step.address, step);
  const replicas = new Map<TemplateAddress, number>();
  for (const change of plan.changes) {
    // of more replicas than there were, the number of new ones would read as the number of all
    if (change.action !== 'create' || change.cause.type === 'scaled-up' || change.cause.type === 'scaled') continue;
    const template = templateOf(change.address);
    replicas.set(template, (replicas.get(template) ?? 0) + 1);
  }
  return { calls, replicas };
}

/** The lines below a change's heading, before they are aligned. `budget` is the columns a value may take. */
export function changeRows(change: Change, creations: Creations, budget: number): readonly Row[] {
  return [...bodyRows(change, creations, budget), ...warningRows(change)];
}

/** One line per field that the world moved: `~ resources.limits.memory  256Mi → 1Gi`. */
export function driftRows(fields: readonly FieldDiff[], budget: number): readonly Row[] {
  return fields.map((field) => fieldRow(field, '', budget));
}

/** One line per differing field: `~ environment.LOG_LEVEL  "info" → "debug"  # forces replacement  web.agent.yaml:12:7`. */
function fieldRows(fields: readonly FieldDiff[], budget: number): readonly Row[] {
  return fields.map((field) => fieldRow(field, fieldRemark(field), budget));
}

function fieldRow(field: FieldDiff, remark: string, budget: number): Row {
  return {
    mark: field.before === undefined ? '+' : field.after === undefined ? '-' : '~',
    name: cut(printable(formatFieldPath(field.path)), 60),
    value: formatFieldChange(field.path, field.before, field.after, budget),
    ...(remark === '' ? {} : { remark }),
  };
}

function bodyRows(change: Change, creations: Creations, budget: number): readonly Row[] {
  const call = creations.calls.get(change.address);
  switch (change.action) {
    case 'create':
      return call ? createdRows(call, creations.replicas.get(templateOf(change.address)) ?? 1, budget) : [];
    case 'update':
    case 'start':
      return fieldRows(change.fields, budget);
    case 'replace':
      return [...fieldRows(change.fields, budget), ...hiddenRow(change.fields, call)];
    case 'no-op':
    case 'delete':
    case 'stop':
    case 'restart':
      return [];
  }
}

function warningRows(change: Change): readonly Row[] {
  const notes = [...change.notes.map(printable), ...(change.approval ? [formatApproval(change.approval)] : [])];
  return notes.map((name) => ({ mark: '!', name, value: '' }));
}

function fieldRemark(field: FieldDiff): string {
  const origins = { change: '', drift: 'changed outside aac', unknown: 'cannot tell who changed it' } as const;
  const words = [field.forcesReplacement ? 'forces replacement' : '', origins[field.origin]].filter(Boolean).join(', ');
  const place = field.source ? printable(formatRange(field.source)) : '';
  return [words, place].filter(Boolean).join('  ');
}

/** What of a new object a reviewer wants to see; the rest is in the manifest. */
function createdRows(call: CreateCall, replicas: number, budget: number): readonly Row[] {
  if (call.kind !== 'agent') {
    return call.spec.internal === true
      ? [{ mark: ' ', name: 'internal'.padEnd(createdNameWidth), value: 'no way out of it' }]
      : [];
  }
  const spec = toAgentSpec(call.spec);
  const entries: readonly (readonly [string, string])[] = [
    ['image', printable(spec.image ?? '')],
    ['command', shellWords([...(spec.command ?? []), ...(spec.args ?? [])])],
    ['ports', listed(portTexts(spec), budget)],
    ['environment', listed(environmentTexts(spec), budget)],
    ['secrets', listed(secretTexts(spec), budget)],
    ['volumes', listed(volumeTexts(spec), budget)],
    ['health check', spec.healthCheck ? formatHealthCheck(spec.healthCheck) : ''],
    ['limits', limitsText(spec.resources.limits)],
    ['replicas', replicas === 1 ? '' : String(replicas)],
    ['restart', spec.restartPolicy.name === 'always' ? '' : spec.restartPolicy.name],
  ];
  return entries.flatMap(([name, value]) =>
    value === '' ? [] : [{ mark: ' ', name: name.padEnd(createdNameWidth), value: cut(value, budget) }],
  );
}

function portTexts(spec: AgentSpec): readonly string[] {
  return Object.entries(spec.ports).map(([port, published]) => `${formatPort(published)} → ${printable(port)}`);
}

function environmentTexts(spec: AgentSpec): readonly string[] {
  return Object.entries(spec.environment).map(
    ([name, value]) => `${printable(name)}${isReference(value) ? ' (sensitive)' : ''}`,
  );
}

function secretTexts({ secrets = {} }: AgentSpec): readonly string[] {
  return Object.entries(secrets).map(
    ([name, { mountPath }]) => `${printable(name)}${mountPath === undefined ? '' : ` at ${printable(mountPath)}`}`,
  );
}

function volumeTexts(spec: AgentSpec): readonly string[] {
  return Object.entries(spec.volumes).map(([target, volume]) => `${formatVolume(volume)} at ${printable(target)}`);
}

function limitsText(limits: ResourceLimits): string {
  return [
    limits.cpu === null ? '' : formatCores(limits.cpu),
    limits.memory === null ? '' : `${formatBytes(limits.memory)} memory`,
    limits.pids === null ? '' : counted(limits.pids, 'pid'),
  ]
    .filter(Boolean)
    .join(', ');
}

/** How much of a replaced object stays as it is: each variable, port, volume, label and limit, else each section. */
function hiddenRow(fields: readonly FieldDiff[], call: CreateCall | undefined): readonly Row[] {
  if (fields.length === 0 || call === undefined) return [];
  const hidden = units(call.spec).filter(
    (unit) => !fields.some((field) => isWithin(field.path, unit) || isWithin(unit, field.path)),
  ).length;
  return hidden === 0 ? [] : [{ mark: ' ', name: `(${counted(hidden, 'unchanged field')} hidden)`, value: '' }];
}

const keyed = new Set(['environment', 'secrets', 'ports', 'volumes', 'labels']);

function units(spec: JsonObject): readonly FieldPath[] {
  return Object.entries(spec).flatMap(([name, value]) => {
    if (!isJsonObject(value)) return [fieldPath(name)];
    if (keyed.has(name)) return Object.keys(value).map((key) => fieldPath(name, key));
    if (name !== 'resources') return [fieldPath(name)];
    return Object.entries(value).flatMap(([group, limits]) =>
      isJsonObject(limits)
        ? Object.entries(limits).flatMap(([key, limit]) => (limit === null ? [] : [fieldPath(name, group, key)]))
        : [],
    );
  });
}
