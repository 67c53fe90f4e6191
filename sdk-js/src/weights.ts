/**
 * Weights: whole ten-thousandths that sum to 10,000.
 *
 * As `even_weights` of vibevariant/stats/allocation.py: what does not divide goes to the earlier arms, one each.
 */
export function evenWeights(arms: number): number[] {
  return Array.from({ length: arms }, (_, arm) => Math.floor((10_000 + arms - 1 - arm) / arms));
}
