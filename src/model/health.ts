/** What the last health checks said; `none` when there is no check or nobody has run one. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';
