/** What a project may ask to be told of by webhook. */
export const notifiedEvents = ['drift', 'failed', 'healed', 'unhealthy', 'scaled', 'rolled-back'] as const;

/** One of {@link notifiedEvents}. */
export type NotifiedEvent = (typeof notifiedEvents)[number];
