import type { ImageAnswer } from './engine-types.ts';

/** What dockerode takes out of the options of every request. */
export interface Options {
  abortSignal: AbortSignal;
}

/** Methods that take the common options though their types do not say so. */
interface WithOptions {
  info(options: Options): Promise<unknown>;
  version(options: Options): Promise<unknown>;
  inspect(options: Options): Promise<ImageAnswer>;
  stats(options: Options & { readonly stream: false; readonly 'one-shot': true }): Promise<unknown>;
}

/** A part of dockerode with the options that all its methods take. */
export function withOptions(target: unknown): WithOptions {
  return target as WithOptions;
}

/**
 * A request whose body stays out of its URL: dockerode writes all options into both unless they are told apart, and
 * a URL, with the environment of a container in it, ends up in the logs of engines and proxies.
 */
export function request(query: object, body: object, options: Options): object {
  return { ...options, _query: query, _body: body };
}

/**
 * A request after which the connection is ours both ways. It always has a body: without one dockerode sends the end of
 * an empty one, or nothing at all until something is written, and the agent would read the former as its input.
 */
export function hijacked(query: object, body: object, options: Options): object {
  return { ...request(query, body, options), hijack: true };
}
