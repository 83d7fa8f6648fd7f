const byteUnits = [
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
] as const;

/** Bytes in the unit that tells them exactly in the fewest digits: `512Mi`, `2G`, `1234567 bytes`. */
export function formatBytes(bytes: number): string {
  if (bytes === 0) return '0';
  const exact = byteUnits.flatMap(([unit, size]) => (bytes % size === 0 ? [`${String(bytes / size)}${unit}`] : []));
  const [shortest] = exact.sort((left, right) => left.length - right.length);
  return shortest ?? `${String(bytes)} bytes`;
}

/** Bytes in three digits at most, for people who compare: `12.3Mi`, `980Ki`, `0`. */
export function formatSize(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
  return `${text}${units[unit] ?? ''}${unit === 0 && bytes > 0 ? 'B' : ''}`;
}

/** Nano-cores as cores: `0.5 cores`, `1 core`. */
export function formatCores(nano: number): string {
  const cores = nano / 1e9;
  return `${String(cores)} ${cores === 1 ? 'core' : 'cores'}`;
}

/** Milliseconds as a manifest writes durations: `30s`, `1m30s`, `1.5s`, `250ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (Math.abs(milliseconds) < 1000) return `${String(milliseconds)}ms`;
  const hours = Math.trunc(milliseconds / 3_600_000);
  const minutes = Math.trunc((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  return [
    hours === 0 ? '' : `${String(hours)}h`,
    minutes === 0 ? '' : `${String(minutes)}m`,
    seconds === 0 ? '' : `${String(seconds)}s`,
  ].join('');
}

/** How long something took, in milliseconds, for people: `0.4 s`, `12.0 s`, `1 min 5 s`, `2 h 3 min`. */
export function formatElapsed(milliseconds: number): string {
  const tenths = Math.round(Math.max(0, milliseconds) / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
  return `${String(Math.floor(seconds / 3600))} h ${String(Math.floor((seconds % 3600) / 60))} min`;
}

/** How old something is, in milliseconds, in one word: `12s`, `5m`, `3h`, `8d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${String(seconds)}s`;
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3600))}h`;
  return `${String(Math.floor(seconds / 86_400))}d`;
}
