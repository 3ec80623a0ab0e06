import type { Config } from '../config.ts';
import { holderOf } from '../db/lock.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { checkFeatures, checkText } from './checks.forms.ts';
import type { ProfileId } from './checks.profiles.ts';
import { type CheckAnswer, checkPlan, hasFaults } from './checks.ts';

export interface CheckFlags {
  net: string;
  under?: string;
  profile: ProfileId | 'none';
  format: 'text' | 'json' | 'geojson';
}

/**
 * The command `check`: print the faults of a plan. While the embedded database is served, the service checks.
 *
 * @returns whether there are faults; notices are none
 */
export async function checkCommand(config: Config, flags: CheckFlags): Promise<boolean> {
  const holder = config.databaseUrl === undefined ? await holderOf(config.dataDir) : undefined;
  const answer = holder?.url ? await askService(holder.url, flags) : await askDatabase(config, flags);
  process.stdout.write(textOf(answer, flags.format));
  return hasFaults(answer);
}

function textOf(answer: CheckAnswer, format: CheckFlags['format']): string {
  if (format === 'text') return checkText(answer);
  return `${JSON.stringify(format === 'geojson' ? checkFeatures(answer) : answer)}\n`;
}

async function askDatabase(config: Config, { net, under, profile }: CheckFlags): Promise<CheckAnswer> {
  const db = await openDatabase(config);
  try {
    await migrate(db);
    return await checkPlan(db, { net, under, profile, at: new Date(), timeZone: config.timeZone });
  } finally {
    await db.close();
  }
}

async function askService(url: string, { net, under, profile }: CheckFlags): Promise<CheckAnswer> {
  const query = new URLSearchParams({ net, profile, ...(under !== undefined && { under }) });
  const response = await fetch(`${url}/checks?${query}`);
  const answer = (await response.json()) as CheckAnswer & { detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `the service at ${url} did not answer`);
  return { ...answer, at: new Date(answer.at) };
}
