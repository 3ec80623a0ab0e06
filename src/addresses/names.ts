/** Names between the numbers of an address: roads, estates and other places. */

export interface NamePart {
  kind: 'road' | 'estate' | 'place' | 'direction';
  name: string;
}

const ROAD = /[^\d]*?(?:路|大街|街(?!道)|大道|胡同|公路|(?<![街隧通匝引河])道(?![路口])|巷|弄)/y;
const ESTATE =
  /(?:小区|花园|家园|花苑|佳苑|公寓|大厦|广场|新村|新城|山庄|别墅|庭院|名邸|华庭|国际|中心|园区|宿舍|家属院|大院|号院|[苑园城府湾庭居里坊轩阁村院寓])$/;
/** 锦绣花园朝阳路 is an estate and a road, 花园路 and 锦绣花园路 are roads. */
const ESTATE_BEFORE_ROAD = /^.{2,12}?(?:小区|花园|家园|花苑|公寓|大厦|广场|新村|山庄|别墅)(?=.{2,}(?:路|街|道)$)/;
const AROUND = /(?:的?(?:旁边?|对面|附近|门口|楼下|楼上|路口|交叉口|隔壁|[东西南北]侧|前面?|后面|内))+$/;
const LEAD = /^(?:位于|地址|我在|我家?住在?|靠近|号|院|门牌)(?=.{2})/;

/** Splits a text without numbers. Roads come first; a road's name has at least two characters before its kind. */
export function splitNames(text: string): NamePart[] {
  const parts: NamePart[] = [];
  let position = 0;
  for (;;) {
    const end = roadEnd(text, position);
    if (end < 0) break;
    const estate = ESTATE_BEFORE_ROAD.exec(text.slice(position, end))?.[0] ?? '';
    if (estate !== '') parts.push({ kind: 'estate', name: estate.replace(LEAD, '') });
    parts.push({ kind: 'road', name: text.slice(position + estate.length, end).replace(LEAD, '') });
    position = end;
  }
  const rest = trimPlace(text.slice(position));
  if (/^[东西南北中前后上下]$/.test(rest)) parts.push({ kind: 'direction', name: rest });
  else if (rest.length > 1) parts.push({ kind: ESTATE.test(rest) ? 'estate' : 'place', name: rest });
  return parts;
}

/** Joins pieces that are too short to be roads themselves: 中山路北街 is one road, 大业路大同街 are two. */
function roadEnd(text: string, start: number): number {
  let end = -1;
  let pieceStart = start;
  ROAD.lastIndex = start;
  for (let found = ROAD.exec(text); found !== null; found = ROAD.exec(text)) {
    const short = found[0].length < 3;
    if (end >= 0 && !short) break;
    if (!short || pieceStart > start) end = ROAD.lastIndex;
    pieceStart = ROAD.lastIndex;
  }
  if (end < 0 && pieceStart > start && pieceStart - start >= 2) end = pieceStart;
  return end;
}

function trimPlace(text: string): string {
  return text
    .replace(/^号?院/, '')
    .replace(LEAD, '')
    .replace(AROUND, '');
}
