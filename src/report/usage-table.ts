import type { Usage } from '../drivers/driver.ts';
import { parseAddress } from '../model/address.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import type { Paint, Style } from './style.ts';
import { tableLines, type Column } from './table.ts';
import { printable } from './text.ts';
import { formatSize } from './units.ts';

/** What is known of one agent's use: the same shape as the runtime's samples have. */
export interface UsageRow {
  readonly agent: ObservedResource;
  readonly status: 'measured' | 'not-running' | 'unknown';
  readonly usage?: Usage;
  /** Busy cores: 0.5 is half of one. */
  readonly cores?: number;
  readonly error?: { readonly message: string };
}

/** How {@link usageLines} shows what is used. */
export interface UsageView {
  readonly style: Style;
  readonly width: number;
  /** Bars and sparklines, for people who look at a terminal. */
  readonly pictures: boolean;
  /** Busy cores of the samples so far, oldest first, by engine id. */
  readonly histories?: ReadonlyMap<string, readonly number[]>;
}

const barWidth = 10;
/** How many samples a sparkline shows. */
export const sparkWidth = 16;

/** A table of what agents use, as lines. Where it is too wide, pictures go first, then disk and network. */
export function usageLines(
  rows: readonly UsageRow[],
  { style, width, pictures, histories }: UsageView,
): readonly string[] {
  const right = 'right' as const;
  const columns: readonly Column<UsageRow>[] = [
    { heading: 'AGENT', cell: ({ agent }) => printable(parseAddress(agent.address)?.name ?? agent.address) },
    { heading: 'REPLICA', cell: ({ agent }) => String(parseAddress(agent.address)?.index ?? ''), dropOrder: 1 },
    { heading: 'CPU', cell: cpuCell, paint: (row) => heat(style, row.cores), align: right, width: 6 },
    ...(pictures && histories
      ? [
          {
            heading: '',
            cell: ({ agent }: UsageRow) => sparkline(histories.get(agent.ref) ?? []),
            paint: () => style.cyan,
            width: sparkWidth,
            dropOrder: 6,
          },
        ]
      : []),
    { heading: 'MEMORY', cell: ({ usage }) => sizeCell(usage?.memory), align: right, width: 9 },
    { heading: 'LIMIT', cell: ({ usage }) => sizeCell(usage?.memoryLimit), align: right, dropOrder: 2 },
    { heading: 'MEM %', cell: shareCell, paint: (row) => heat(style, memoryShare(row)), align: right, width: 6 },
    ...(pictures
      ? [
          {
            heading: '',
            cell: (row: UsageRow) => bar(memoryShare(row)),
            paint: (row: UsageRow) => heat(style, memoryShare(row), style.green),
            dropOrder: 5,
          },
        ]
      : []),
    { heading: 'NET IN', cell: ({ usage }) => sizeCell(usage?.network?.received), align: right, dropOrder: 3 },
    { heading: 'NET OUT', cell: ({ usage }) => sizeCell(usage?.network?.sent), align: right, dropOrder: 3 },
    { heading: 'DISK READ', cell: ({ usage }) => sizeCell(usage?.io?.read), align: right, dropOrder: 4 },
    { heading: 'DISK WRITTEN', cell: ({ usage }) => sizeCell(usage?.io?.written), align: right, dropOrder: 4 },
    { heading: 'PIDS', cell: ({ usage }) => (usage ? String(usage.pids) : ''), align: right, dropOrder: 2 },
    { heading: 'NOTE', cell: noteCell },
  ];
  return tableLines(columns, rows, { style, width });
}

/** What agents use, as a document for programs: bytes, nanoseconds, and percent of one core. */
export function usageJson(at: number, rows: readonly UsageRow[]): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'stats',
    at: new Date(at).toISOString(),
    agents: rows.map((row) => {
      const { agent, status, usage, cores, error } = row;
      const parts = parseAddress(agent.address);
      const share = memoryShare(row);
      return {
        address: agent.address,
        agent: parts?.name,
        replica: parts?.index,
        driver: agent.driver,
        state: agent.phase,
        status,
        ...(error ? { message: error.message } : {}),
        ...(usage
          ? {
              at: new Date(usage.at).toISOString(),
              cpu: { percent: cores === undefined ? undefined : rounded(cores * 100), nanoseconds: usage.cpu },
              memory: {
                used: usage.memory,
                limit: usage.memoryLimit,
                percent: share === undefined ? undefined : rounded(share * 100),
              },
              network: usage.network,
              disk: usage.io,
              pids: usage.pids,
            }
          : {}),
      };
    }),
  });
}

/** The last samples as a row of blocks; a full block is a busy core, or the busiest sample where that was more. */
export function sparkline(cores: readonly number[]): string {
  const shown = cores.slice(-sparkWidth);
  const top = Math.max(1, ...shown);
  return shown.map((value) => blocks[Math.min(blocks.length - 1, Math.floor((value / top) * blocks.length))]).join('');
}

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

function bar(share: number | undefined): string {
  if (share === undefined) return '';
  const full = Math.round(Math.min(1, share) * barWidth);
  return '█'.repeat(full) + '░'.repeat(barWidth - full);
}

function memoryShare({ usage }: UsageRow): number | undefined {
  return usage?.memoryLimit === undefined || usage.memoryLimit <= 0 ? undefined : usage.memory / usage.memoryLimit;
}

function cpuCell({ status, cores }: UsageRow): string {
  if (status !== 'measured') return '-';
  return cores === undefined ? '' : percent(cores);
}

/** Why there are no numbers. */
function noteCell({ agent, status, error }: UsageRow): string {
  switch (status) {
    case 'measured':
      return '';
    case 'not-running':
      return agent.phase === 'running' ? 'ending' : agent.phase;
    case 'unknown':
      return printable(error?.message ?? 'unknown');
  }
}

function shareCell(row: UsageRow): string {
  const share = memoryShare(row);
  return share === undefined ? '' : percent(share);
}

function sizeCell(bytes: number | undefined): string {
  return bytes === undefined ? '' : formatSize(bytes);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function heat(style: Style, share: number | undefined, calm: Paint = (text) => text): Paint {
  if (share === undefined || share < 0.75) return calm;
  return share < 0.9 ? style.yellow : style.red;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
