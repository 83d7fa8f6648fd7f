const qualities =
  'bold brave brisk calm clever deft eager fair fast fond gentle glad keen kind lively lucky merry mild neat nimble prompt proud quick quiet ready sharp shy smart steady swift warm wise';
const animals =
  'badger bear beaver crane crow deer dove eagle falcon ferret finch fox hare hawk heron ibex jay lark lynx marten mole moose newt otter owl panda raven robin seal stork swan wren';

/** A name that can be read aloud and that nobody has: `brisk-otter`. `random` is evenly from 0 to 1. */
export function randomName(taken: ReadonlySet<string>, random: () => number): string {
  const pick = (words: string): string => {
    const list = words.split(' ');
    return list[Math.floor(random() * list.length)] ?? 'agent';
  };
  for (let attempt = 0; attempt < 50; attempt++) {
    const name = `${pick(qualities)}-${pick(animals)}`;
    if (!taken.has(name)) return name;
  }
  return `${pick(qualities)}-${pick(animals)}-${String(Math.floor(random() * 1e6))}`;
}
