import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplyReport, NodeReport } from '../model/outcome.ts';
import type { Cause, Change, FieldDiff, Plan } from '../model/plan.ts';
import type { Json } from '../util/json.ts';
import { redactTexts } from './redact.ts';

type Redact = (text: string) => string;

/**
 * A plan in which every text that people chose has passed `redact`, before anything cuts or escapes it. What apply is
 * about stays as it is: references stand in it for values.
 */
export function redactPlan(plan: Plan, redact: Redact): Plan {
  return {
    ...plan,
    changes: plan.changes.map((change) => redactChange(change, redact)),
    drift: plan.drift.map((drift) => ({ ...drift, fields: drift.fields.map((field) => redactField(field, redact)) })),
    diagnostics: redactDiagnostics(plan.diagnostics, redact),
  };
}

/** Diagnostics that have passed `redact`. */
export function redactDiagnostics(diagnostics: readonly Diagnostic[], redact: Redact): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    message: redact(diagnostic.message),
    ...(diagnostic.hint === undefined ? {} : { hint: redact(diagnostic.hint) }),
    ...(diagnostic.related
      ? { related: diagnostic.related.map(({ message, range }) => ({ message: redact(message), range })) }
      : {}),
  }));
}

/** The end of an apply that has passed `redact`. */
export function redactReport(report: ApplyReport, redact: Redact): ApplyReport {
  return {
    ...report,
    plan: redactPlan(report.plan, redact),
    nodes: report.nodes.map((node) => redactNode(node, redact)),
  };
}

function redactNode({ node, outcome }: NodeReport, redact: Redact): NodeReport {
  if (outcome.status !== 'failed') return { node, outcome };
  const { error } = outcome;
  return {
    node,
    outcome: {
      ...outcome,
      error: {
        ...error,
        message: redact(error.message),
        ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
        ...(error.details ? { details: error.details.map(redact) } : {}),
      },
    },
  };
}

function redactChange(change: Change, redact: Redact): Change {
  return {
    ...change,
    cause: redactCause(change.cause, redact),
    fields: change.fields.map((field) => redactField(field, redact)),
    notes: change.notes.map(redact),
  };
}

function redactCause(cause: Cause, redact: Redact): Cause {
  if (cause.type === 'image-moved') return { ...cause, image: redact(cause.image) };
  if (cause.type !== 'not-running') return cause;
  return { ...cause, ...(cause.detail === undefined ? {} : { detail: redact(cause.detail) }) };
}

function redactField(field: FieldDiff, redact: Redact): FieldDiff {
  return { ...field, ...redactedSide('before', field.before), ...redactedSide('after', field.after) };

  function redactedSide(side: 'before' | 'after', value: Json | undefined): Partial<Record<typeof side, Json>> {
    return value === undefined ? {} : { [side]: redactTexts(value, redact) };
  }
}
