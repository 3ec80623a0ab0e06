import { z } from 'zod';
import { HttpError } from '../errors.ts';
import { CHECKS, profileSchema } from '../grids/checks.schema.ts';
import { analysisShape, METHODS } from '../heat/hotspots.schema.ts';
import { compareBytes, wordsSchema } from '../http.ts';
import { ALL_LAYERS, ANALYSIS_LAYERS, type AnalysisLayerId, type AnyLayerId, type LayerId } from './layers.ts';
import { tileQuerySchema } from './tiles.schema.ts';

/** The filters of tiles that show an analysis: those of all tiles, and what the analysis is asked by. */
export const analysisTileQuerySchema = tileQuerySchema.extend({
  ...analysisShape,
  method: z.enum(METHODS, { error: `must be out of: ${METHODS.join(', ')}` }).default('gistar'),
  by: z.enum(['q', 'p'], { error: 'must be q or p' }).default('q'),
  profile: profileSchema.default('standard'),
  check: wordsSchema(CHECKS).optional(),
});
export type AnalysisTileQuery = z.infer<typeof analysisTileQuerySchema>;

/** Whether a list of layers names one that is analysed. */
export function namesAnalysis(text: string): boolean {
  return text.split(',').some(isAnalysis);
}

function isAnalysis(id: string): id is AnalysisLayerId {
  return Object.hasOwn(ANALYSIS_LAYERS, id);
}

/**
 * The layers of `a,b`, analysed ones too, in byte order and each once.
 *
 * @throws HttpError 404 naming the layers that exist
 */
export function parseAnyLayers(text: string): AnyLayerId[] {
  const ids = [...new Set(text.split(','))];
  const unknown = ids.find((id) => !Object.hasOwn(ALL_LAYERS, id));
  if (unknown !== undefined) {
    throw new HttpError(404, `There is no layer ${unknown || "''"}; there are: ${Object.keys(ALL_LAYERS).join(', ')}`);
  }
  return (ids as AnyLayerId[]).sort(compareBytes);
}

/** The analysed layers, and the others. */
export function splitLayers(layers: AnyLayerId[]): { analysed: AnalysisLayerId[]; plain: LayerId[] } {
  return {
    analysed: layers.filter(isAnalysis),
    plain: layers.filter((id): id is LayerId => !isAnalysis(id)),
  };
}
