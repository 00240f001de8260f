/**
 * Quantile of the chi-square distribution: the x with P(X <= x) = `probability`, to a relative error of
 * about 1e-12.
 * @param freedom degrees of freedom, above 0
 * @throws RangeError where the probability is not within (0, 1) or freedom not above 0.
 */
export function chiSquareQuantile(probability: number, freedom: number): number {
  if (!(probability > 0 && probability < 1) || !(freedom > 0))
    throw new RangeError(
      `chi-square quantile of ${probability} with ${freedom} degrees of freedom`,
    );
  const below = (x: number) => regularisedGamma(freedom / 2, x / 2) < probability;
  let high = freedom;
  while (below(high)) high *= 2;
  let low = 0;
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Regularised lower incomplete gamma function, P(a, x): its power series below a + 1, and
 * above it Legendre's continued fraction (Abramowitz & Stegun 6.5.29 and 6.5.31).
 */
function regularisedGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n++) sum += term *= x / (a + n);
    return scale * sum;
  }
  // Evaluated from the front (modified Lentz).
  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1, step = 0; Math.abs(step - 1) > 1e-15 && n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= step = c * d;
  }
  return 1 - scale * fraction;
}

/** ln of the gamma function: Stirling's series, after shifting the argument above 10. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift += Math.log(z);
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
