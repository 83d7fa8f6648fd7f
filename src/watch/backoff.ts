const first = 1_000;
const longest = 60_000;

/** Milliseconds before try number `tries` + 1 of a row, without jitter: 1 s, 2 s, 4 s and so on to a minute. */
export function backoff(tries: number): number {
  return Math.min(longest, first * 2 ** Math.min(tries, 30));
}

/** A delay changed by up to a tenth either way, so that what failed together is not tried together. */
export function jittered(delay: number, random: () => number): number {
  return Math.round(delay * (0.9 + 0.2 * random()));
}
