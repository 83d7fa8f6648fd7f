/** The first engine without a deadlock between concurrent removals from one network (moby/libnetwork#2649). */
const firstWithoutDeadlock = [20, 10, 27] as const;

/** How many removals at once an engine of this version bears; one that is not known yet might be an old one. */
export function removalsAtOnce(version: string | undefined): number {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  if (!numbers) return 1;
  for (const [index, least] of firstWithoutDeadlock.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== least) return number > least ? 2 : 1;
  }
  return 2;
}
