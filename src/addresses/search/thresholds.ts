/**
 * What the search believes. None of these is fitted to a corpus: each says how often a caller is right about a part.
 */

/** A part of the address that the caller did not say: no evidence against it, but less for it. */
export const UNSAID = 0.99;
/** A part that the caller said and the book does not record for this address. */
export const UNRECORDED = 0.95;
/** Said and recorded differently: callers err in these, so such an address is offered; only a wrong community may still be found. */
export const CONTRADICTED_DIVISION = { province: 0.6, city: 0.5, district: 0.5, street: 0.65, community: 0.9 } as const;
/** A division that the book does not know and that differs from the recorded one in one character. */
export const DIVISION_TYPO = 0.9;
/** A room or unit that a known building does not have: the building is right, the book or the caller is incomplete. */
export const UNKNOWN_ROOM = 0.88;
export const UNKNOWN_UNIT = 0.8;
/** `12-3` where only 12 is known, or 12 where only `12-3` is: next door at most. */
export const OTHER_SUBNUMBER = 0.88;
/** 3号 said for 3栋, or a number inside a recorded range. */
export const LOOSE_NUMBER = 0.97;
/** An unsaid lane: doors of a road and of its lanes count from 1 each, so the number alone never finds one. */
export const UNSAID_LANE = 0.65;
/** An unsaid or unrecorded section of a road; sections count their doors from 1 too. */
export const UNSAID_SECTION = 0.85;
/** Another road, or another estate, than the address records. */
export const CONTRADICTED_NAME = 0.5;
/** No number matched: the road or estate itself is all that is known. */
export const NAME_ONLY = 0.6;
/** Found under the other name of an estate (its road and number). */
export const ALIAS = 0.98;
/** Read from pinyin, which homophones share; from initials, which many names share. */
export const PINYIN = 0.9;
export const INITIALS = 0.72;
/** The name stands inside a longer piece of text that was read as one name. */
export const INSIDE = 0.88;
/**
 * A misspelt name counts at most this much without a division that agrees, since it may be a name that the book lacks
 * (福荣街 and 福寿街 both exist): the district for a slip in a long name or one of the same sound, else the street or
 * community.
 */
export const LONE_TYPO = 0.65;
/** From here a slip is small: a sixth of the name's rarity, or one homophone of two characters. */
export const SMALL_SLIP = 0.9;

/** An answer needs this score: one misspelt name with everything else right has it, two doubts have not. */
export const FOUND = 0.7;
/** And this lead over the next other place: more than all unsaid parts together can make up. */
export const MARGIN = 0.08;
/** Below this an address shares too little with the question to be offered. */
export const CANDIDATE = 0.45;

/** Points nearer than this are one place: a building with its entrances, whatever its rows say. */
export const SAME_PLACE_METRES = 60;
/** Two registers place one door up to a block apart; farther, one of them is wrong and nobody knows which. */
export const SAME_ADDRESS_METRES = 150;
/** Doors farther apart than this do not tell where the doors between them are. */
export const BRACKET_METRES = 300;

/** Ceilings that bound one question, whatever the book and the text. */
export const MAX_STEMS = 20_000;
export const MAX_ROWS = 400_000;
export const MAX_GROUPS = 64;
export const MAX_CANDIDATES = 5;
/** A door between two known doors of its side: likely there, if the numbers run on. */
export const INTERPOLATED = 0.85;
