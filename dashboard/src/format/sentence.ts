/** One of the service's lines, which begin small and end without a point, as a sentence. */
export const sentence = (line: string): string => {
  const begun = line.charAt(0).toUpperCase() + line.slice(1);
  return !begun || /[.!?…]$/.test(begun) ? begun : `${begun}.`;
};
