import type { ServiceSettings } from '../contract/settings.ts';

type Webhooks = ServiceSettings['webhooks'];

/** Name in profiles of every webhook that has none of its own. */
const UNNAMED_WEBHOOKS = 'webhooks';

/** Alarms under way whose receivers are remembered, at most. */
const MOST = 1000;

/**
 * The webhooks that receive an alarm: those that the profile in force names, or all. Those that received
 * its start receive its end, whatever profile is in force by then.
 */
export class NamedWebhooks {
  readonly #receivers = new Map<string, ReadonlySet<string>>();

  /** @param channels of the profile in force; undefined: all */
  of(
    webhooks: Webhooks,
    { id, end }: { readonly id: string; readonly end: number | null },
    channels: readonly string[] | undefined,
  ): Webhooks {
    const receivers = this.#receivers.get(id);
    const named = receivers
      ? webhooks.filter(({ url }) => receivers.has(url))
      : webhooks.filter(({ name }) => channels?.includes(name ?? UNNAMED_WEBHOOKS) ?? true);
    if (end !== null) this.#receivers.delete(id);
    else if (!receivers) this.#remember(id, named);
    return named;
  }

  #remember(id: string, webhooks: Webhooks): void {
    this.#receivers.set(id, new Set(webhooks.map(({ url }) => url)));
    const [oldest] = this.#receivers.keys();
    if (this.#receivers.size > MOST) this.#receivers.delete(oldest!);
  }
}
