import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { JsonObject } from '../util/json.ts';
import { diagnosticsJson, formatDiagnostics } from './diagnostics.ts';
import { driftJson, formatDrift } from './drift.ts';
import { diagnosticFindings, driftFindings, ledgerFindings, planFindings, type Finding } from './findings.ts';
import { githubAnnotations } from './github.ts';
import { diagnosticLines, driftLines, planLines } from './json-lines.ts';
import { diagnosticsJunit, driftJunit, ledgerJunit, planJunit } from './junit.ts';
import { formatLedger, ledgerJson } from './ledger.ts';
import { commentBudget, diagnosticsMarkdown, driftMarkdown, ledgerMarkdown, planMarkdown } from './markdown.ts';
import type { Budget } from './markdown-budget.ts';
import { planToJson } from './plan-json.ts';
import { formatPlan } from './plan-text.ts';
import { sarifLog } from './sarif.ts';
import { plainStyle, type Style } from './style.ts';

/** What a command has to tell, whatever the format. */
export type Subject =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'drift'; readonly plan: Plan }
  /** What is wrong: of a `validate`, or in place of a plan that could not be made. */
  | {
      readonly type: 'diagnostics';
      readonly diagnostics: readonly Diagnostic[];
      readonly workspace: string;
      /** The agents that were read without an error. */
      readonly agents: readonly string[];
    }
  | { readonly type: 'ledger'; readonly report: ApplyReport; readonly operation: 'apply' | 'destroy' };

/** How a subject can be told. */
export const formats = ['text', 'json', 'jsonl', 'markdown', 'github', 'sarif', 'junit'] as const;

/** One of {@link formats}. */
export type Format = (typeof formats)[number];

/** What {@link render} needs besides the subject. */
export interface RenderOptions {
  /** The version of aac. */
  readonly version: string;
  /** The texts of the manifests, for the lines that diagnostics show. */
  readonly texts: ReadonlyMap<string, string>;
  /** Makes a path of a manifest one from the root of the repository, for what points into it. */
  readonly place: (file: string) => string;
  /** No colours unless told. */
  readonly style?: Style;
  /** Columns for texts. */
  readonly width?: number;
}

/** A subject in a format, ending with a line break. The format `github` gives annotations; its summary is Markdown. */
export function render(subject: Subject, format: Format, options: RenderOptions): string {
  switch (format) {
    case 'text':
      return textOf(subject, options);
    case 'json':
      return `${JSON.stringify(jsonOf(subject), null, 2)}\n`;
    case 'jsonl':
      return linesOf(subject)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
    case 'markdown':
      return markdownOf(subject);
    case 'github':
      return githubAnnotations(findingsOf(subject), options.place);
    case 'sarif': {
      const category = `${categories[subject.type]}/${workspaceOf(subject)}`;
      return `${JSON.stringify(sarifLog(findingsOf(subject), { ...options, category }), null, 2)}\n`;
    }
    case 'junit':
      return junitOf(subject);
  }
}

/** A subject as Markdown within a budget, that of a comment unless told. */
export function markdownOf(subject: Subject, budget: Budget = commentBudget): string {
  switch (subject.type) {
    case 'plan':
      return planMarkdown(subject.plan, budget);
    case 'drift':
      return driftMarkdown(subject.plan, budget);
    case 'diagnostics':
      return diagnosticsMarkdown(subject.diagnostics, subject.workspace, budget);
    case 'ledger':
      return ledgerMarkdown(subject.report, subject.operation, budget);
  }
}

const categories: Readonly<Record<Subject['type'], string>> = {
  plan: 'plan',
  drift: 'drift',
  diagnostics: 'validate',
  ledger: 'apply',
};

function workspaceOf(subject: Subject): string {
  switch (subject.type) {
    case 'plan':
    case 'drift':
      return subject.plan.workspace;
    case 'diagnostics':
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
      return [formatDiagnostics(errors, { ...view, texts }), formatDrift(subject.plan, view)]
        .filter(Boolean)
        .join('\n');
    }
    case 'diagnostics':
      return formatDiagnostics(subject.diagnostics, { ...view, texts });
    case 'ledger':
      return formatLedger(subject.report, { ...view, operation: subject.operation });
  }
}

function jsonOf(subject: Subject): JsonObject {
  switch (subject.type) {
    case 'plan':
      return planToJson(subject.plan);
    case 'drift':
      return driftJson(subject.plan);
    case 'diagnostics':
      return diagnosticsJson(subject.diagnostics);
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
      return driftLines(subject.plan);
    case 'diagnostics':
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
      return driftFindings(subject.plan);
    case 'diagnostics':
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
      return driftJunit(subject.plan);
    case 'diagnostics':
      return diagnosticsJunit(subject.diagnostics, subject.workspace, subject.agents);
    case 'ledger':
      return ledgerJunit(subject.report);
  }
}
