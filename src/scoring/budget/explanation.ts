import { UnknownCase } from '../../errors.ts';
import type { VerdictEffect } from './keeper.ts';

/**
 * Explains the effect of a verdict in a sentence: `threshold 19.2 → 18.7, because …`.
 * @param options.likeIt whether similar events become near misses
 */
export function explainVerdict(
  { from, to, verdict, event }: VerdictEffect,
  { likeIt = false }: { readonly likeIt?: boolean } = {},
): string {
  const stays = Math.abs(to - from) < 0.05;
  const threshold = stays
    ? `threshold stays at ${to.toFixed(1)}`
    : `threshold ${from.toFixed(1)} → ${to.toFixed(1)}`;
  switch (verdict) {
    case 'real': {
      const reasons = [`it stays below this event (${event.peak.toFixed(1)})`];
      if (event.refunded > 0) reasons.push('its alarm was given back to the budget');
      reasons.push('its minutes no longer count as ordinary footage');
      return `${threshold}, because ${listed(reasons)}`;
    }
    case 'normal': {
      const reasons = ['this event now counts as ordinary footage'];
      if (likeIt) reasons.push('what looks and moves like it there is a near miss from now on');
      return `${threshold}, because ${listed(reasons)}`;
    }
    case null:
      return `${threshold}, because the verdict was taken back`;
    default:
      throw new UnknownCase(verdict satisfies never);
  }
}

function listed(reasons: readonly string[]): string {
  const last = reasons.at(-1)!;
  return reasons.length === 1 ? last : `${reasons.slice(0, -1).join(', ')} and ${last}`;
}
