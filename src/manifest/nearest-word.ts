import { closest, distance } from 'fastest-levenshtein';

/** The candidate that was probably meant, letter case aside; `undefined` when none is within `most` edits or near. */
export function nearestWord(word: string, candidates: readonly string[], most = Infinity): string | undefined {
  const folded = candidates.map(fold);
  const exact = folded.indexOf(fold(word));
  if (exact !== -1) return candidates[exact];
  if (folded.length === 0) return undefined;
  const best = closest(fold(word), folded);
  const limit = Math.min(most, Math.max(1, Math.floor(Math.max(word.length, best.length) / 3)));
  return distance(fold(word), best) <= limit ? candidates[folded.indexOf(best)] : undefined;
}

/** `did you mean `x`?` where something is near. */
export function didYouMean(word: string, candidates: readonly string[], most?: number): string | undefined {
  const nearest = nearestWord(word, candidates, most);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '');
}
