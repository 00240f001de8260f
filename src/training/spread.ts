/** At most `count` of some things, spread evenly, in their order. */
export function spread<Thing>(things: readonly Thing[], count: number): Thing[] {
  if (things.length <= count) return [...things];
  return Array.from(
    { length: count },
    (_, i) => things[Math.floor(((i + 0.5) * things.length) / count)]!,
  );
}
