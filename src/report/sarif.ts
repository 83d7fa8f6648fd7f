import type { Log, ReportingDescriptor, Result } from 'sarif';
import { hashJson } from '../util/hash.ts';
import type { JsonObject } from '../util/json.ts';
import type { Finding } from './findings.ts';

/** What {@link sarifLog} needs besides the findings. */
export interface SarifOptions {
  /** What was looked at, for services that keep several reports apart: `plan/shop`. */
  readonly category: string;
  /** The version of aac. */
  readonly version: string;
}

/** How many results a service shows of one run; the others are told of as one notification. */
export const resultsPerRun = 5000;

/**
 * Findings as SARIF 2.1.0, each at its line of the manifest. What stands in no manifest, such as an agent that nobody
 * declares any more, has no line and names its resource only.
 */
export function sarifLog(findings: readonly Finding[], options: SarifOptions): JsonObject {
  const rules = [...new Map(findings.map(({ rule, meaning }) => [rule, meaning]))];
  const shown = findings.slice(0, resultsPerRun);
  const more = findings.length - shown.length;
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'aac',
            version: options.version,
            rules: rules.map(([id, text]): ReportingDescriptor => ({ id, shortDescription: { text } })),
          },
        },
        automationDetails: { id: `aac/${options.category}/` },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: !findings.some(({ level }) => level === 'error'),
            ...(more === 0
              ? {}
              : {
                  toolExecutionNotifications: [
                    { level: 'warning', message: { text: `${String(more)} more results are not listed` } },
                  ],
                }),
          },
        ],
        results: shown.map((finding) =>
          result(
            finding,
            rules.findIndex(([id]) => id === finding.rule),
          ),
        ),
      },
    ],
  };
  return log as unknown as JsonObject;
}

function result(finding: Finding, ruleIndex: number): Result {
  const { rule, level, title, details, address, range } = finding;
  const location = {
    ...(range
      ? {
          physicalLocation: {
            artifactLocation: artifact(range.file),
            region: {
              startLine: range.start.line,
              startColumn: range.start.column,
              endLine: range.end.line,
              endColumn: range.end.column,
            },
          },
        }
      : {}),
    ...(address === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: address, kind: 'resource' }] }),
  };
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: [title, ...details].join('\n') },
    ...(Object.keys(location).length === 0 ? {} : { locations: [location] }),
    partialFingerprints: { 'aac/v1': fingerprint(finding) },
  };
}

/** The same for what is the same in the next run: a resource has one change, a file several problems. */
function fingerprint({ rule, title, address, range }: Finding): string {
  return hashJson(address !== undefined && rule.includes('/') ? { rule, address } : { rule, title, file: range?.file });
}

/** A relative path is one from the root of the repository, whatever that is on the machine that reads it. */
function artifact(file: string): { readonly uri: string; readonly uriBaseId?: string } {
  const uri = file
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' };
}
