import type { ChangeAction } from '../model/plan.ts';

/** Puts a colour or a weight round a text, or gives it back as it is. */
export type Paint = (text: string) => string;

/**
 * How a report may colour its words. `createColors(enabled)` of picocolors is one; colour never carries what the words
 * do not say.
 */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
}

const plain: Paint = (text) => text;

/** No colours at all: for files, pipes and tests. */
export const plainStyle: Style = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  blue: plain,
  magenta: plain,
  cyan: plain,
};

/** The sign of each action, at most three columns wide. */
export const symbols: Readonly<Record<ChangeAction, string>> = {
  'no-op': ' ',
  create: '+',
  update: '~',
  replace: '-/+',
  delete: '-',
  start: '>',
  stop: '[]',
  restart: '->',
};

/** The colour of each action. */
export function actionPaint(style: Style, action: ChangeAction): Paint {
  switch (action) {
    case 'no-op':
      return style.dim;
    case 'create':
    case 'start':
      return style.green;
    case 'update':
    case 'stop':
    case 'restart':
      return style.yellow;
    case 'replace':
      return style.magenta;
    case 'delete':
      return style.red;
  }
}
