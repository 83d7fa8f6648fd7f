import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplyReport, NodeReport } from '../model/outcome.ts';
import type { FieldDiff, Plan } from '../model/plan.ts';
import type { SourceRange } from '../model/source.ts';

/** Makes a path of a manifest, as it was typed or found, another one: that from the root of the repository. */
export type PlaceFile = (file: string) => string;

/** A plan whose places are all named as `place` names them. */
export function placePlan(plan: Plan, place: PlaceFile): Plan {
  const fields = (all: readonly FieldDiff[]): readonly FieldDiff[] => all.map((field) => placeSource(field, place));
  return {
    ...plan,
    changes: plan.changes.map((change) => ({ ...placeSource(change, place), fields: fields(change.fields) })),
    drift: plan.drift.map((drift) => ({ ...drift, fields: fields(drift.fields) })),
    diagnostics: placeDiagnostics(plan.diagnostics, place),
  };
}

/** The same for diagnostics. */
export function placeDiagnostics(diagnostics: readonly Diagnostic[], place: PlaceFile): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    ...(diagnostic.range ? { range: placeRange(diagnostic.range, place) } : {}),
    ...(diagnostic.related
      ? { related: diagnostic.related.map((each) => ({ ...each, range: placeRange(each.range, place) })) }
      : {}),
  }));
}

/** The same for the end of an apply. */
export function placeReport(report: ApplyReport, place: PlaceFile): ApplyReport {
  const placeNode = ({ node, outcome }: NodeReport): NodeReport =>
    outcome.status === 'failed'
      ? { node, outcome: { ...outcome, error: placeSource(outcome.error, place) } }
      : { node, outcome };
  return { ...report, plan: placePlan(report.plan, place), nodes: report.nodes.map(placeNode) };
}

function placeSource<T extends { readonly source?: SourceRange }>(value: T, place: PlaceFile): T {
  return value.source ? { ...value, source: placeRange(value.source, place) } : value;
}

function placeRange(range: SourceRange, place: PlaceFile): SourceRange {
  return { ...range, file: place(range.file) };
}
