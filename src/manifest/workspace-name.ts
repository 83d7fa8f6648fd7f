/** `text` as the nearest DNS label (`My Agents` is `my-agents`); `undefined` when no letter or digit is in it. */
export function workspaceName(text: string): string | undefined {
  const label = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return label === '' ? undefined : label;
}
