import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { JsonObject } from '../util/json.ts';
import { diagnosticsJson, formatDiagnostics } from './diagnostics.ts';
import { driftJson, formatDrift, type Happened } from './drift.ts';
import { diagnosticFindings, driftFindings, ledgerFindings, planFindings, type Finding } from './findings.ts';
import type { Format } from './format.ts';
import { githubAnnotations } from './github.ts';
import { diagnosticLines, driftLines, planLines } from './json-lines.ts';
import { diagnosticsJunit, driftJunit, ledgerJunit, planJunit } from './junit.ts';
import { formatLedger, ledgerJson, type Operation } from './ledger.ts';
import { commentBudget, diagnosticsMarkdown, driftMarkdown, ledgerMarkdown, planMarkdown } from './markdown.ts';
import { bytes, type Budget } from './markdown-budget.ts';
import { placeDiagnostics, placePlan, placeReport, type PlaceFile } from './place-subject.ts';
import { planToJson } from './plan-json.ts';
import { formatPlan } from './plan-text.ts';
import { redactDiagnostics, redactPlan, redactReport } from './redact-subject.ts';
import { redactTexts } from './redact.ts';
import { sarifLog } from './sarif.ts';
import { plainStyle, type Style } from './style.ts';
import { formatValidation, validationJson, type Validation } from './validation.ts';

/** What a command has to tell, whatever the format. */
export type Subject =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'drift'; readonly plan: Plan; readonly happened?: Happened }
  /** Why there is no plan, or why it is not carried out; an empty workspace is not known. */
  | { readonly type: 'refusal'; readonly diagnostics: readonly Diagnostic[]; readonly workspace: string }
  | ({ readonly type: 'validation' } & Validation)
  | { readonly type: 'ledger'; readonly report: ApplyReport; readonly operation: Operation };

/** What {@link render} needs besides the subject. */
export interface RenderOptions {
  /** The version of aac. */
  readonly version: string;
  /** The texts of the manifests, for the lines that diagnostics show. */
  readonly texts: ReadonlyMap<string, string>;
  /** Makes a path of a manifest one from the root of the repository, for what is read elsewhere. */
  readonly place: PlaceFile;
  /** Hides sensitive values; every text passes through it twice: before it is cut or escaped, and at the end. */
  readonly redact: (text: string) => string;
  /** No colours unless told. */
  readonly style?: Style;
  /** Columns for texts. */
  readonly width?: number;
}

/** A subject in a format, ending with a line break. The format `github` gives annotations; its summary is Markdown. */
export function render(told: Subject, format: Format, options: RenderOptions): string {
  const { redact } = options;
  const redacted = redactSubject(told, redact);
  const subject = isReadHere(format) ? redacted : placeSubject(redacted, options.place);
  const document = (json: JsonObject, indent?: number): string =>
    `${JSON.stringify(redactTexts(json, redact), null, indent)}\n`;
  switch (format) {
    case 'text':
      return redact(textOf(subject, options));
    case 'json':
      return document(jsonOf(subject), 2);
    case 'jsonl':
      return linesOf(subject)
        .map((line) => document(line))
        .join('');
    case 'markdown':
      return redact(markdownOf(subject));
    case 'github':
      return redact(githubAnnotations(findingsOf(subject)));
    case 'sarif': {
      const category = [categories[subject.type], workspaceOf(subject)].filter(Boolean).join('/');
      return document(sarifLog(findingsOf(subject), { ...options, category }), 2);
    }
    case 'junit':
      return redact(junitOf(subject));
  }
}

/** What `$GITHUB_STEP_SUMMARY` may hold of a subject, in `room` bytes. */
export function githubSummary(
  subject: Subject,
  room: number,
  { redact, place }: Pick<RenderOptions, 'redact' | 'place'>,
): string {
  return redact(markdownOf(placeSubject(redactSubject(subject, redact), place), { limit: room, measure: bytes }));
}

/** Texts and JSON name files as they were found from here; what is read elsewhere names them from the root. */
function isReadHere(format: Format): boolean {
  return format === 'text' || format === 'json' || format === 'jsonl';
}

/** What is to be made of the parts of a subject. */
interface SubjectMap {
  plan(plan: Plan): Plan;
  diagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[];
  report(report: ApplyReport): ApplyReport;
}

function mapSubject(subject: Subject, map: SubjectMap): Subject {
  switch (subject.type) {
    case 'plan':
    case 'drift':
      return { ...subject, plan: map.plan(subject.plan) };
    case 'refusal':
    case 'validation':
      return { ...subject, diagnostics: map.diagnostics(subject.diagnostics) };
    case 'ledger':
      return { ...subject, report: map.report(subject.report) };
  }
}

/** A subject whose places are named from the root of the repository. */
function placeSubject(subject: Subject, place: PlaceFile): Subject {
  return mapSubject(subject, {
    plan: (plan) => placePlan(plan, place),
    diagnostics: (diagnostics) => placeDiagnostics(diagnostics, place),
    report: (report) => placeReport(report, place),
  });
}

/** A subject whose texts have passed `redact`. */
export function redactSubject(subject: Subject, redact: (text: string) => string): Subject {
  return mapSubject(subject, {
    plan: (plan) => redactPlan(plan, redact),
    diagnostics: (diagnostics) => redactDiagnostics(diagnostics, redact),
    report: (report) => redactReport(report, redact),
  });
}

/** A subject as Markdown within a budget, that of a comment unless told. */
export function markdownOf(subject: Subject, budget: Budget = commentBudget): string {
  switch (subject.type) {
    case 'plan':
      return planMarkdown(subject.plan, budget);
    case 'drift':
      return driftMarkdown(subject.plan, budget, subject.happened);
    case 'refusal':
    case 'validation':
      return diagnosticsMarkdown(subject.diagnostics, subject.workspace, budget);
    case 'ledger':
      return ledgerMarkdown(subject.report, subject.operation, budget);
  }
}

const categories: Readonly<Record<Subject['type'], string>> = {
  plan: 'plan',
  drift: 'drift',
  refusal: 'plan',
  validation: 'validate',
  ledger: 'apply',
};

function workspaceOf(subject: Subject): string {
  switch (subject.type) {
    case 'plan':
    case 'drift':
      return subject.plan.workspace;
    case 'refusal':
    case 'validation':
      return subject.workspace;
    case 'ledger':
      return subject.report.plan.workspace;
  }
}

function textOf(subject: Subject, { texts, style = plainStyle, width }: RenderOptions): string {
  const view = { style, ...(width === undefined ? {} : { width }) };
  switch (subject.type) {
    case 'plan':
      return [formatDiagnostics(subject.plan.diagnostics, { ...view, texts }), formatPlan(subject.plan, view)]
        .filter(Boolean)
        .join('\n');
    case 'drift': {
      const errors = subject.plan.diagnostics.filter(({ severity }) => severity === 'error');
      return [formatDiagnostics(errors, { ...view, texts }), formatDrift(subject.plan, view, subject.happened)]
        .filter(Boolean)
        .join('\n');
    }
    case 'refusal':
      return formatDiagnostics(subject.diagnostics, { ...view, texts });
    case 'validation':
      return `${formatDiagnostics(subject.diagnostics, { ...view, texts })}${formatValidation(subject)}`;
    case 'ledger':
      return formatLedger(subject.report, { ...view, operation: subject.operation });
  }
}

function jsonOf(subject: Subject): JsonObject {
  switch (subject.type) {
    case 'plan':
      return planToJson(subject.plan);
    case 'drift':
      return driftJson(subject.plan, subject.happened);
    case 'refusal':
      return diagnosticsJson(subject.diagnostics);
    case 'validation':
      return validationJson(subject);
    case 'ledger':
      return ledgerJson(subject.report);
  }
}

/** One document a line; the events of an apply are told while it goes, so what is left is its ledger. */
function linesOf(subject: Subject): readonly JsonObject[] {
  switch (subject.type) {
    case 'plan':
      return planLines(subject.plan);
    case 'drift':
      return driftLines(subject.plan, subject.happened);
    case 'refusal':
    case 'validation':
      return diagnosticLines(subject.diagnostics);
    case 'ledger':
      return [ledgerJson(subject.report)];
  }
}

function findingsOf(subject: Subject): readonly Finding[] {
  switch (subject.type) {
    case 'plan':
      return planFindings(subject.plan);
    case 'drift':
      return driftFindings(subject.plan, subject.happened);
    case 'refusal':
    case 'validation':
      return diagnosticFindings(subject.diagnostics);
    case 'ledger':
      return ledgerFindings(subject.report);
  }
}

function junitOf(subject: Subject): string {
  switch (subject.type) {
    case 'plan':
      return planJunit(subject.plan);
    case 'drift':
      return driftJunit(subject.plan, subject.happened);
    case 'refusal':
    case 'validation':
      return diagnosticsJunit(subject.diagnostics, subject.workspace, 'agents' in subject ? subject.agents : []);
    case 'ledger':
      return ledgerJunit(subject.report);
  }
}
