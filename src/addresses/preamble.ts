/** What a caller says before the address: 你好我家在…, 麻烦到…, 报警地址是…. */

/** Words that open a call and begin no name of a place. */
const FILLER =
  /^(?:喂|你好|您好|请问?|麻烦|帮忙|我们?家?|本人|这里|这边|报警|求助|事发|案发|事故|现场|目前|现在|刚才|地址|位置|地点|住址|就)+/;
/** Words that take a place as their object; 住 also begins 住宅 and 住院. */
const BEFORE_PLACE = /位于|[在到去是]|住(?![宅院户民房])/g;
/** A preamble names no number and no division: what does is part of the address. */
const NO_PART = /^[^\dA-Z省市区县镇乡村]*$/;
const MAX_PREAMBLE = 14;
/** What is left must still name something. */
const MIN_REST = 4;

/**
 * Texts that an address may be when what comes first is only said on the way to it, the longest first. None of names is
 * known here: ask for the whole text before these.
 *
 * @param normalised see `normalise`
 */
export function withoutPreamble(normalised: string): string[] {
  const head = normalised.slice(0, MAX_PREAMBLE);
  const ends = new Set<number>();
  const filler = FILLER.exec(head);
  if (filler) ends.add(filler[0].length);
  for (const { index, 0: word } of head.matchAll(BEFORE_PLACE)) {
    if (NO_PART.test(head.slice(0, index))) ends.add(index + word.length);
  }
  return [...ends]
    .sort((a, b) => a - b)
    .map((end) => normalised.slice(end))
    .filter((rest) => rest.length >= MIN_REST);
}
