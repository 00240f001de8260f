/** An address, a path, or a key such as `cameras[0].source`: it stays as it is written. */
const written = /^\S*(:\/\/|[/.[_]\w)/;

/** One of the service's lines, which begin small and end without a point, as a sentence. */
export const sentence = (line: string): string => {
  const begun = written.test(line) ? line : line.charAt(0).toUpperCase() + line.slice(1);
  return !begun || /[.!?…]$/.test(begun) ? begun : `${begun}.`;
};
