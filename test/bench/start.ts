/**
 * From nothing to ready, and how much memory the service then takes: `BENCH_DATABASE_URL=postgres://… npx tsx
 * test/bench/start.ts`. The whole service in a process of its own over a filled database, addresses included.
 */
import { tileOfPoint } from '../../src/geo/tile.ts';
import { figure, HEADER } from './figures.ts';
import { ServiceProcess } from './process.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const service = new ServiceProcess(process.env.BENCH_DATABASE_URL ?? 'postgres://127.0.0.1/wangge_bench');
const begun = performance.now();
await service.start();
const seconds = (performance.now() - begun) / 1000;
print(HEADER);
figure({ what: 'from nothing to ready', wangge: `${seconds.toFixed(1)} s`, rival: '', ratio: '', target: '< 30 s' });
figure({ what: 'resident when ready', wangge: megabytes(service.residentBytes), rival: '', ratio: '', target: '' });
// One question of each kind, so that what is made when it is first asked for is there.
for (const z of [10, 11, 12, 13, 14, 15, 16])
  await service.get(`/tiles/grids,heat,incidents,streets/${await centre(z)}.mvt?last=P365D`);
await service.get('/heat?res=9&last=P365D');
await service.get('/addresses/suggest?q=1');
figure({
  what: 'resident after tiles, heat and addresses',
  wangge: megabytes(service.residentBytes),
  rival: '',
  ratio: '',
  target: '< 1500 MB',
});
service.kill();

/** The tile in the middle of the grids. */
async function centre(z: number): Promise<string> {
  const { body } = await service.get('/tiles/grids.json');
  const { bounds } = JSON.parse(body.toString()) as { bounds: [number, number, number, number] };
  const { x, y } = tileOfPoint((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, z);
  return `${z}/${x}/${y}`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
