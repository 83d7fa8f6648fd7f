import type { DriverName } from '../model/agent.ts';
import type { Finding } from '../model/finding.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import type { Paint, Style } from './style.ts';
import { padded, printable, widest } from './text.ts';

/** What `aac doctor` says of one part of the machine. */
export interface ExaminedPart {
  /** `aac`, or the driver. */
  readonly name: 'aac' | DriverName;
  /** A few words behind the name: `2 agents use it`. */
  readonly remark: string;
  readonly findings: readonly Finding[];
}

/** The parts one below the other, each finding on a line of its own with what to do about it on the next. */
export function formatExamination(parts: readonly ExaminedPart[], style: Style): string {
  const all = parts.flatMap(({ findings }) => findings);
  const topics = widest(all.map(({ topic }) => topic));
  const states = widest(all.map(({ status }) => status));
  const lines = parts.flatMap(({ name, remark, findings }) => [
    `${style.bold(name)}${remark === '' ? '' : `  ${style.dim(remark)}`}`,
    ...findings.flatMap(({ topic, status, message, hint }) => {
      const start = `  ${paintOf(style, status)(padded(status, states))}  ${padded(topic, topics)}  `;
      const indent = ' '.repeat(states + topics + 6);
      return [
        `${start}${printable(message)}`,
        ...(hint === undefined ? [] : [style.dim(`${indent}${printable(hint)}`)]),
      ];
    }),
    '',
  ]);
  return lines.join('\n');
}

/** The same for programs; `fit` says whether what the manifests ask for can be done here. */
export function examinationJson(parts: readonly ExaminedPart[], workspace: string, fit: boolean): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type: 'examination', workspace, fit, parts });
}

function paintOf(style: Style, status: Finding['status']): Paint {
  switch (status) {
    case 'ok':
      return style.green;
    case 'limited':
      return style.yellow;
    case 'broken':
      return style.red;
  }
}
