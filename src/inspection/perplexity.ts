/** `exp` of the entropy of a distribution: how many of its entries are used, as it were evenly. 0 of nothing. */
export function perplexity(use: ArrayLike<number>): number {
  let [sum, entropy] = [0, 0];
  for (let i = 0; i < use.length; i++) sum += use[i]!;
  if (sum === 0) return 0;
  for (let i = 0; i < use.length; i++) {
    const share = use[i]! / sum;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}
