#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError, parseConfig } from './config.ts';
import { DirectoryInUse } from './db/lock.ts';
import { migrateCommand } from './db/migrate.command.ts';
import { demoCommand } from './demo/demo.command.ts';
import { UsageError } from './errors.ts';
import { checkCommand } from './grids/checks.command.ts';
import { PROFILE_IDS } from './grids/checks.profiles.ts';
import { mergeCommand, splitCommand } from './grids/plan.command.ts';
import { exportCommand } from './import/export.command.ts';
import { LAYERS } from './import/fields.ts';
import { importCommand } from './import/import.command.ts';
import { MODES } from './import/import.schema.ts';
import { explainDatabaseError } from './import/import.ts';
import { CRS_NAMES } from './import/mapping.ts';
import { ENCODINGS } from './import/read/fault.ts';
import { FORMATS } from './import/read/rows.ts';
import { locateCommand } from './locate/locate.command.ts';
import { serveCommand } from './main.ts';

/** Exit codes: done, failed, called wrongly. */
const FAILED = 1;
const WRONG_USAGE = 2;

const formats = () => new Option('--format <format>', 'format, where the name does not say it').choices(FORMATS);

function program(): Command {
  const wangge = new Command('wangge')
    .description('GIS tiles and geospatial analytics for cities that run on grid management')
    .exitOverride()
    .showHelpAfterError('(--help lists the options)');
  wangge
    .command('serve')
    .description('start the service')
    .action(() => serveCommand(parseConfig()));
  wangge
    .command('migrate')
    .description('bring the database to this version')
    .action(() => migrateCommand(parseConfig()));
  wangge
    .command('import')
    .description(`load a file into a layer: ${LAYERS.join(', ')}`)
    .argument('<layer>')
    .argument('<file>', 'path, or - for standard input')
    .addOption(new Option('--crs <crs>', 'coordinates of the file').choices(CRS_NAMES))
    .option('--map <from=to,…>', 'columns and the fields that they become')
    .option('--mapping <file>', 'how columns become fields; see data/mappings')
    .addOption(new Option('--encoding <encoding>', 'of the text').choices(ENCODINGS))
    .addOption(formats())
    .addOption(new Option('--mode <mode>', 'what happens to rows that exist').choices(MODES).default('upsert'))
    .option('--repair', 'mend faulty polygons and say what changed')
    .option('--dry-run', 'do everything, keep nothing')
    .option('--rejects <file>', 'send bad rows there and load the rest')
    .action((layer, file, flags) => importCommand(parseConfig(), layer, file, flags));
  wangge
    .command('export')
    .description('write a layer to a file')
    .argument('<layer>')
    .argument('[file]', 'path, or - for standard output', '-')
    .addOption(formats())
    .action((layer, file, flags) => exportCommand(parseConfig(), layer, file, flags));
  wangge
    .command('demo')
    .description('generate a demo city and load it')
    .addOption(new Option('--size <size>', 'how large').choices(['county', 'city']).default('county'))
    .option('--seed <n>', 'the same seed gives the same city', wholeNumber, 1)
    .option('--until <day>', 'last day of the incidents, YYYY-MM-DD; default yesterday')
    .option('--out <directory>', 'write the layers there as NDJSON instead of loading them')
    .action((flags) => demoCommand(parseConfig(), flags));
  wangge
    .command('locate')
    .description('answer the grid and the workers of every row of a file with addresses or points')
    .argument('<file>', 'path, or - for standard input')
    .argument('[out]', 'path, or - for standard output', '-')
    .addOption(formats())
    .action((file, out, flags) => locateCommand(parseConfig(), file, out, flags));
  wangge
    .command('check')
    .description('list the faults of a grid plan; exit code 1 when there are any')
    .option('--net <net>', 'the net', 'base')
    .option('--under <code>', 'only this grid and all below')
    .addOption(
      new Option('--profile <id>', 'how large grids should be').choices([...PROFILE_IDS, 'none']).default('standard'),
    )
    .addOption(new Option('--format <format>', 'of the list').choices(['text', 'json', 'geojson']).default('text'))
    .action(async (flags) => {
      if (await checkCommand(parseConfig(), flags)) process.exitCode = FAILED;
    });
  wangge
    .command('split')
    .description('divide a grid into the areas of a GeoJSON file, in one transaction')
    .argument('<code>', 'of the grid')
    .argument('<file>', 'one feature for each new grid, with its code as a property')
    .option('--net <net>', 'the net', 'base')
    .option('--at <time>', 'when the new plan begins; default now')
    .option('--carry <code>', 'the new grid that takes over the assignments; without it they are listed as open')
    .action((code, file, flags) => splitCommand(parseConfig(), code, file, flags));
  wangge
    .command('merge')
    .description('make one grid of several neighbours, in one transaction')
    .argument('<codes...>', 'of the grids')
    .requiredOption('--into <code>', 'of the new grid')
    .option('--name <name>', 'of the new grid; default that of the first')
    .option('--net <net>', 'the net', 'base')
    .option('--at <time>', 'when the new plan begins; default now')
    .action((codes, flags) => mergeCommand(parseConfig(), codes, flags));
  return wangge;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}

/** Say what went wrong in one line, and how the process ends for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const message = explainDatabaseError(error) ?? (error instanceof Error ? error.message : String(error));
  process.stderr.write(`wangge: ${message.split('\n')[0]}\n`);
  return error instanceof ConfigError || error instanceof UsageError || error instanceof DirectoryInUse
    ? WRONG_USAGE
    : FAILED;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
