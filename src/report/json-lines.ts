import type { Diagnostic } from '../model/diagnostic.ts';
import type { Plan } from '../model/plan.ts';
import type { JsonObject } from '../util/json.ts';
import { sortDiagnostics } from './diagnostics.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { withEvents, type Happened } from './drift.ts';
import { countActions } from './totals.ts';

/**
 * A plan as events, one document a line: what it is about, each drift, each change with its fields, each diagnostic,
 * and the totals.
 */
export function planLines(plan: Plan): readonly JsonObject[] {
  return [
    header('plan', plan),
    ...plan.drift.map((drift) => event('drift', { drift })),
    ...plan.changes.map((change) => event('change', { change })),
    ...diagnosticEvents(plan.diagnostics),
    event('totals', { counts: countActions(plan.changes), drift: plan.drift.length, steps: plan.nodes.length }),
  ];
}

/** The drift of a plan as events. */
export function driftLines(plan: Plan, happened: Happened = new Map()): readonly JsonObject[] {
  return [
    header('drift-check', plan),
    ...plan.drift.map((drift) => event('drift', { drift: withEvents(drift, happened) })),
    ...diagnosticEvents(plan.diagnostics),
    event('totals', { drift: plan.drift.length }),
  ];
}

/** Diagnostics as events. */
export function diagnosticLines(diagnostics: readonly Diagnostic[]): readonly JsonObject[] {
  const count = (severity: Diagnostic['severity']): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  return [
    toDocument({ formatVersion: reportFormatVersion, type: 'diagnostics' }),
    ...diagnosticEvents(diagnostics),
    event('totals', { errors: count('error'), warnings: count('warning'), notes: count('note') }),
  ];
}

function header(type: string, { workspace, digest }: Plan): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type, workspace, digest });
}

function event(type: string, members: object): JsonObject {
  return toDocument({ type, ...members });
}

function diagnosticEvents(diagnostics: readonly Diagnostic[]): readonly JsonObject[] {
  return sortDiagnostics(diagnostics).map((diagnostic) => event('diagnostic', { diagnostic }));
}
