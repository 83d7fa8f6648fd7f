import { createLogUpdate } from 'log-update';
import type { Terminal } from './terminal.ts';

/** Something that changes while it is looked at. Disposing of it leaves what was shown last. */
export interface LiveView extends Disposable {
  /** Shows the lines in place of those before; `lines` is asked anew when the terminal changes its size. */
  show(lines: (size: { readonly width: number }) => readonly string[]): void;
  /** Whether it is redrawn in place, for a person. */
  readonly inPlace: boolean;
}

/**
 * A view on stdout: drawn in place on a terminal, no higher than it is; elsewhere one text after the other, an empty
 * line between them.
 */
export function liveView(terminal: Terminal): LiveView {
  const { stdout } = terminal;
  if (!stdout.isTTY) return appending(terminal);
  const draw = createLogUpdate(stdout, { showCursor: true });
  let current: (size: { readonly width: number }) => readonly string[] = () => [];
  const redraw = (): void => {
    const rows = Math.max(2, stdout.rows - 1);
    const lines = current({ width: stdout.columns });
    const shown =
      lines.length > rows ? [...lines.slice(0, rows - 1), `… and ${String(lines.length - rows + 1)} more`] : lines;
    draw(terminal.redacted(shown.join('\n')));
  };
  stdout.on('resize', redraw);
  return {
    inPlace: true,
    show: (lines) => {
      current = lines;
      redraw();
    },
    [Symbol.dispose]: () => {
      stdout.off('resize', redraw);
      draw.done();
    },
  };
}

function appending(terminal: Terminal): LiveView {
  let isFirst = true;
  return {
    inPlace: false,
    show: (lines) => {
      const text = lines({ width: terminal.size().columns }).join('\n');
      terminal.out(`${isFirst ? '' : '\n'}${text}\n`);
      isFirst = false;
    },
    [Symbol.dispose]: () => undefined,
  };
}
