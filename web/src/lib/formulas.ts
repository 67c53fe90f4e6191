/** Where every number of the statisticians' part comes from: its formula, and who wrote it down first. */

export interface Formula {
  name: string;
  formula: string;
  source: string;
}

const OWN = "Follows from the definitions above; no source of its own.";

export const FORMULAS = {
  posterior: {
    name: "Posterior of a rate",
    formula:
      "Beta(α₀ + s, β₀ + n − s), for s of n visitors who converted and a prior Beta(α₀, β₀). Its mean is α / (α + β); the interval is equal-tailed; ‘at most’ is its 95 % quantile.",
    source: "Gelman et al., Bayesian Data Analysis, section 2.4.",
  },
  independent: {
    name: "Chance of being best and expected loss, rates independent",
    formula:
      "P(k is best) = ∫ fₖ ∏ⱼ Fⱼ and E[best rate] − E[rate of k] = ∫ Fₖ (1 − ∏ⱼ Fⱼ), over the arms j other than k, with the densities f and distribution functions F of the Beta posteriors. By quadrature over the log-odds, no random draws. They steer the shares and nothing else.",
    source:
      "Evan Miller, Formulas for Bayesian A/B Testing, has closed forms of the first for whole numbers.",
  },
  calibrated: {
    name: "Chance of being best and expected loss, calibrated",
    formula:
      "The log rate of an arm is the level of its experiment plus an effect, N(0, spread²); the spread follows its prior and what this experiment says of it. Conversions enter by which arm the visitor had, given that somebody converted. Loss is the share of the best arm’s conversions that is missed on average.",
    source:
      "Efron and Morris, JASA 70 (1975); Gelman, Hill and Yajima, Journal of Research on Educational Effectiveness 5 (2012).",
  },
  hadAllSeen: {
    name: "Rate had all visitors seen the arm",
    formula:
      "The mean over all visitors of m + 1{saw the arm} (y − m) / π, where y is 1 for a conversion, π the arm’s share at that time and m its running mean before. Interval: ± 1.96 standard errors, cut off at 0 and 1.",
    source: "Robins, Rotnitzky and Zhao, JASA 89 (1994).",
  },
  difference: {
    name: "Difference of the rates",
    formula: "p_b − p_a as counted, b being the arm and a the control.",
    source: OWN,
  },
  newcombe: {
    name: "Newcombe’s interval",
    formula:
      "With d = p_b − p_a and the Wilson interval (l, u) of each rate: d − √((p_b − l_b)² + (u_a − p_a)²) to d + √((u_b − p_b)² + (p_a − l_a)²). This is the one to show.",
    source: "Newcombe, Statistics in Medicine 17 (1998), method 10.",
  },
  agrestiCaffo: {
    name: "Agresti and Caffo’s interval",
    formula:
      "The textbook interval after adding one conversion and one visitor without to each arm, cut off at −1 and 1.",
    source: "Agresti and Caffo, The American Statistician 54 (2000).",
  },
  wald: {
    name: "Wald’s interval, the textbook’s",
    formula:
      "d ± 1.96 √(p_a (1 − p_a) / n_a + p_b (1 − p_b) / n_b). Too narrow at small counts; where each arm converted nobody or everybody it has no width at all, as if the difference were known exactly.",
    source: "Any textbook; for comparison with other tools only.",
  },
  zTest: {
    name: "z-test of two rates",
    formula:
      "z = (p_b − p_a) / √(p (1 − p) (1/n_a + 1/n_b)) with the pooled rate p, no continuity correction; p-value two-sided from the normal curve.",
    source: "Any textbook; holds for one look at a number of visitors fixed beforehand.",
  },
  chiSquared: {
    name: "Chi-squared test",
    formula:
      "χ² = Σ (observed − expected)² / expected over the cells converted and not converted of each arm; of two arms it is z². Below 5 expected in some cell its p-value is a rough guide.",
    source: "Pearson, Philosophical Magazine 50 (1900).",
  },
  yates: {
    name: "Yates’ correction",
    formula:
      "The same with every |observed − expected| made smaller by ½, or 0 where it is less. Too cautious.",
    source: "Yates, Supplement to the Journal of the Royal Statistical Society 1 (1934).",
  },
  fisher: {
    name: "Fisher’s exact test",
    formula:
      "The sum of the hypergeometric probabilities of all tables with as many conversions that are no more probable than the one seen. Cautious, since there are few such tables.",
    source: "Fisher, Statistical Methods for Research Workers, section 21.02.",
  },
  barnard: {
    name: "Barnard’s exact test",
    formula:
      "The highest chance, over all common rates, of a table with a pooled z at least as far from 0 as the one seen. The test to look at where counts are small; not computed where visitors are many.",
    source: "Barnard, Biometrika 34 (1947).",
  },
  pBetter: {
    name: "Chance of being better than the control",
    formula: "P(d > 0), d being the log of the ratio of the two rates under the calibrated posterior.",
    source: "As the calibrated chance of being best.",
  },
  eValue: {
    name: "e-value",
    formula:
      "E = ∫ exp(s d − Σ N log(1 + π (e^d − 1))) φ(d) dd: s of N conversions in b, π the share of b at that time, summed over the allocations, φ a normal prior. Without a difference it exceeds 20 in fewer than 1 of 20 experiments, however often one looks; with K arms proof takes 20 (K − 1).",
    source: "Lindon and Malek, NeurIPS 2022, arXiv:2011.03567; Ville’s inequality.",
  },
  anytime: {
    name: "Interval that holds at every look",
    formula: "All lifts d against which the evidence has stayed below 20; a side on which none does is open.",
    source: "Howard et al., Annals of Statistics 49 (2021), section 1.1.",
  },
  liftRelative: {
    name: "Quantiles of the lift, rates independent",
    formula:
      "The q for which P(p_b / p_a − 1 ≤ q), or P(p_b − p_a ≤ q), is the level named, p_a and p_b following their Beta posteriors. Small counts allow absurd lifts here.",
    source: OWN,
  },
  liftCalibrated: {
    name: "Quantiles of the lift, calibrated",
    formula: "e^d − 1 at the level’s quantile of the calibrated posterior. These may be said aloud.",
    source: "As the calibrated chance of being best.",
  },
  naiveRatio: {
    name: "Log of the ratio of the rates, naive",
    formula: "log(p_b / p_a) from the totals; variance 1/s_a − 1/n_a + 1/s_b − 1/n_b.",
    source: "Katz et al., Biometrics 34 (1978).",
  },
  adjustedRatio: {
    name: "The same, adjusted for time",
    formula:
      "log(R / S), R = Σ s_b n_a / N and S = Σ s_a n_b / N over the allocations; variance Σ ((s_a + s_b) n_a n_b / N² − s_a s_b / N) / (R S).",
    source: "Mantel and Haenszel, JNCI 22 (1959); variance: Greenland and Robins, Biometrics 41 (1985).",
  },
  mix: {
    name: "Change of the traffic mix",
    formula:
      "z = (naive − adjusted) / its standard error, to first order in the counts; it has changed beyond 2.",
    source: OWN,
  },
  sampleRatio: {
    name: "Sample ratio",
    formula:
      "The mean of two e-values against ‘as planned’: of a shift that is the same in all allocations, and, where there is one allocation, of a shift of any shape. Beside it Pearson’s χ² of visitors against the plan, for one look.",
    source: "An average of e-values is an e-value; Ville’s inequality.",
  },
  prior: {
    name: "Prior of a rate",
    formula:
      "Beta(μ k, (1 − μ) k), μ and k maximising the likelihood of the Beta-binomial counts of past arms; k is at most 50 visitors.",
    source: "Skellam, Journal of the Royal Statistical Society B 10 (1948).",
  },
  spread: {
    name: "Spread of the arms",
    formula:
      "The standard deviation of one arm’s log rate around its experiment’s mean. A few values with chances that each finished experiment reweighs by how well the value foretold it (Bayes’ rule).",
    source: "Efron and Morris, JASA 70 (1975).",
  },
  verdicts: {
    name: "Three readers",
    formula:
      "The same counts read with spreads of .1 (sceptical), those of an archive of experiments (neutral) and the project’s own (learned). They differ where they name different arms, or one in different words: probably from 95 %, leaning from 80 %.",
    source: OWN,
  },
  segments: {
    name: "Rates in one mix of visitors",
    formula:
      "Σ W p over the kinds of visitors, W being the kind’s share of all visitors; variance Σ W² p (1 − p) / (n − 1) + Σ W (p − rate)² / N. Kinds are kept apart within each allocation; one with fewer than 20 visitors in an arm joins another.",
    source: "Holt and Smith, Journal of the Royal Statistical Society A 142 (1979).",
  },
  forecast: {
    name: "Chance of a clear answer",
    formula:
      "256 draws of lifts and base rate from what is known now; Poisson conversions at today’s traffic and shares; at each look the rules of the decision.",
    source: "Roberts, The unreasonable effectiveness of quasirandom sequences (2018), for the draws.",
  },
  secondary: {
    name: "Other goals",
    formula:
      "Secondary goals together (e-BH): of m e-values the k largest count for the largest k whose k-th is at least m / (0.05 k). A guardrail alone: its one-sided e-value of being worse, at 20 for each arm compared.",
    source: "Wang and Ramdas, Journal of the Royal Statistical Society B 84 (2022).",
  },
  value: {
    name: "Value by visitor",
    formula:
      "Sums capped at the 99.5 % quantile over all visitors, of at most a tenth of buyers. Under one allocation the difference of means with Welch’s interval; under several what every visitor would have brought had all seen one arm. Lift: the ratio of the means by Fieller’s statistic, times the prior of the spread.",
    source: "Welch, Biometrika 34 (1947); Fieller, Journal of the Royal Statistical Society B 16 (1954).",
  },
  valueAlways: {
    name: "The same at every look",
    formula: "± √(2 (t r² + 1) / (t r²) log(√(t r² + 1) / 0.05)) standard errors after t visitors, about.",
    source: "Waudby-Smith et al., Annals of Statistics 52 (2024), arXiv:2103.06476.",
  },
  engagement: {
    name: "Engagement",
    formula:
      "Each signal as a normal score of its rank among all visitors, Φ⁻¹(rank / (N + 1)), weighted and standardised; 0 is the mean of all visitors.",
    source: "Van der Waerden’s scores; the weights are learned from who converted.",
  },
  earlyRight: {
    name: "How often early signs are right",
    formula:
      "½ + asin(r √reliability) / π, r being the correlation of arms’ effects on engagement and on conversions.",
    source:
      "Sheppard (1899); for learning r: Tripuraneni, Richardson, D’Amour, Soriano and Yadlowsky, arXiv:2309.07893.",
  },
  silence: {
    name: "Chance of so long a silence",
    formula: "At most s (1 − m / N)^s, for s conversions of N visitors, m of whom came after the last one.",
    source: "The chance of a gap between random places, times the number of gaps.",
  },
  delay: {
    name: "Provisional rate",
    formula:
      "s / Σ F(age): every visitor counts for the share of conversions that had the time to arrive, F by Kaplan and Meier over all arms.",
    source: "Chapelle, KDD 2014; Vernade, Cappé and Perchet, UAI 2017, arXiv:1706.09186.",
  },
} as const satisfies Record<string, Formula>;

export type FormulaName = keyof typeof FORMULAS;
