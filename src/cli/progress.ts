import { createLogUpdate } from 'log-update';
import type { ApplyEvent } from '../model/event.ts';
import { advanceProgress, initialProgress } from '../report/progress-state.ts';
import { eventJson, progressLine, renderProgress, settledLines } from '../report/progress.ts';
import type { CommonOptions } from './context.ts';
import { styleOf } from './present.ts';
import type { Terminal } from './terminal.ts';

/** Shows an apply as it goes. Disposing of it leaves the terminal as the lines that stay have it. */
export interface Progress extends Disposable {
  show(event: ApplyEvent): void;
}

const redrawEvery = 100;

/** Live lines on a terminal, plain lines elsewhere, JSON lines on stdout where they were asked for. */
export function showProgress(terminal: Terminal, format: CommonOptions['format']): Progress {
  switch (format) {
    case 'jsonl':
      return printing((event) => terminal.json(eventJson(event)));
    case 'json':
      return printing(() => undefined);
    case 'text':
      return terminal.stderr.isTTY ? drawing(terminal) : printing((event) => printLine(terminal, event));
  }
}

function printing(show: (event: ApplyEvent) => void): Progress {
  return { show, [Symbol.dispose]: () => undefined };
}

function printLine(terminal: Terminal, event: ApplyEvent): void {
  const line = progressLine(event);
  if (line !== undefined) terminal.error(`${line}\n`);
}

function drawing(terminal: Terminal): Progress {
  const draw = createLogUpdate(terminal.stderr, { showCursor: true });
  const style = styleOf(terminal, 'error');
  let state = initialProgress;
  const redraw = (): void => {
    const { columns, rows } = terminal.size();
    draw(terminal.redacted(renderProgress(state, Date.now(), { style, width: columns, rows: rows - 1 }).join('\n')));
  };
  const timer = setInterval(redraw, redrawEvery);
  return {
    show: (event) => {
      state = advanceProgress(state, event);
      const lines = settledLines(state, { style });
      if (lines.length > 0) draw.persist(terminal.redacted(lines.join('\n')));
      redraw();
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      draw.clear();
      draw.done();
    },
  };
}
