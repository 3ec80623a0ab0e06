/** A seeded synthetic address book of any size: estates with rooms, and roads and lanes with doors. */
import type { AddressRow } from '../../src/addresses/search/index.ts';
import { pick, type Random, seeded } from './noise.ts';

const FIRST = [
  ...'春江锦绣金玉翠碧龙凤云霞松柏梅兰竹菊荷莲桂枫银杏朝晨星月明辉瑞祥福禄安康和泰永昌盛兴隆富贵华茂丰宝珠珍海湖溪泉山峰岭谷林原田园水天虹霓文武德仁义礼智信',
];
const SECOND = [
  ...'阳光景苑港湾府庭轩阁居堂源泽浦汀洲岸滨堤桥渡台亭榭楼坊里门坡岗坪湾塘潭滩嘉佳美丽雅逸清幽静远宁馨怡乐欢欣荣耀辰宸曦晖霖润沁涵熙晟昊博达通顺利丰盈恒久长青',
];
const ESTATES = ['花园', '家园', '小区', '公寓', '苑', '新村', '府', '城'];
const ROADS = ['路', '街', '东路', '西路', '南路', '北路', '大道'];
const DISTRICTS = ['临江区', '望海区', '云台区', '金沙区', '翠屏区', '安澜县'];

export interface BookSize {
  estates: number;
  rooms: number;
  roads: number;
  /** Lanes per road, and doors of the road and of each lane. */
  lanes: number;
  doors: number;
}

/** 1,000,000 addresses with over 60,000 stems. */
export const CITY: BookSize = { estates: 35_000, rooms: 20, roads: 5000, lanes: 5, doors: 10 };

export function* addressBook(size: BookSize, seed: number): Generator<AddressRow> {
  const random = seeded(seed);
  for (let road = 0; road < size.roads; road++) yield* roadRows(size, random, road);
  for (let estate = 0; estate < size.estates; estate++) yield* estateRows(size, random, estate);
}

function divisions(random: Random): string {
  const district = pick(random, DISTRICTS);
  return `浙江省滨海市${district}${pick(random, FIRST)}${pick(random, FIRST)}街道`;
}

function* roadRows(size: BookSize, random: Random, road: number): Generator<AddressRow> {
  const head = `${divisions(random)}${pick(random, FIRST)}${pick(random, SECOND)}${pick(random, ROADS)}`;
  const [lon, lat] = [120 + random(), 30 + random()];
  for (let lane = 0; lane <= size.lanes; lane++) {
    const name = lane === 0 ? '' : `${lane * 12}巷`;
    for (let door = 1; door <= size.doors; door++) {
      const step = door * 1e-4;
      yield {
        id: `r${road}-${lane}-${door}`,
        text: `${head}${name}${door * 2 - (door % 2)}号`,
        lon: lon + step,
        lat: lat + lane * 1e-3,
      };
    }
  }
}

function* estateRows(size: BookSize, random: Random, estate: number): Generator<AddressRow> {
  const road = `${pick(random, FIRST)}${pick(random, SECOND)}${pick(random, ROADS)}${1 + Math.floor(random() * 300)}号`;
  const head = `${divisions(random)}${road}${pick(random, FIRST)}${pick(random, SECOND)}${pick(random, ESTATES)}`;
  const [lon, lat] = [120 + random(), 30 + random()];
  for (let room = 0; room < size.rooms; room++) {
    const building = 1 + (room >> 3);
    const door = `${1 + ((room >> 2) & 1)}单元${1 + ((room >> 1) & 1)}0${1 + (room & 1)}室`;
    yield { id: `e${estate}-${room}`, text: `${head}${building}幢${door}`, lon: lon + building * 5e-4, lat };
  }
}
