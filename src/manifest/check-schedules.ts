import type { Diagnostic } from '../model/diagnostic.ts';
import { locate } from './locate.ts';
import type { Schedule } from './resolve/resolve-project.ts';

/** An error for every expression that is not cron's. The library is loaded only when there is one to check. */
export async function checkSchedules(schedules: readonly Schedule[]): Promise<readonly Diagnostic[]> {
  if (schedules.length === 0) return [];
  const { validateCronExpression } = await import('cron');
  return schedules.flatMap(({ expression, document, path }) => {
    const { valid, error } = validateCronExpression(expression);
    if (valid) return [];
    const reason = error ? `: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}` : '';
    return [
      {
        code: 'invalid-value',
        severity: 'error',
        message: `\`${expression}\` is no cron expression${reason}`,
        hint: 'write it like `*/5 * * * *`: minute, hour, day, month, weekday',
        range: locate({ document, path }),
      } satisfies Diagnostic,
    ];
  });
}
