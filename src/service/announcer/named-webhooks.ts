import type { ServiceSettings } from '../contract/settings.ts';

type Webhooks = ServiceSettings['webhooks'];

/** Name in profiles of every webhook that has none of its own. */
const UNNAMED_WEBHOOKS = 'webhooks';

/** Alarms under way whose receivers are remembered, at most. */
const MOST = 1000;

/**
 * The webhooks that are told of an alarm: those that the profile in force names, or all. Those that were
 * told of its start are told of its end, whatever is in force by then.
 */
export class NamedWebhooks {
  readonly #told = new Map<string, ReadonlySet<string>>();

  /** @param channels names that the profile in force tells; undefined: all */
  of(
    webhooks: Webhooks,
    { id, end }: { readonly id: string; readonly end: number | null },
    channels: readonly string[] | undefined,
  ): Webhooks {
    const told = this.#told.get(id);
    const named = told
      ? webhooks.filter(({ url }) => told.has(url))
      : webhooks.filter(({ name }) => channels?.includes(name ?? UNNAMED_WEBHOOKS) ?? true);
    if (end !== null) this.#told.delete(id);
    else if (!told) this.#remember(id, named);
    return named;
  }

  #remember(id: string, webhooks: Webhooks): void {
    this.#told.set(id, new Set(webhooks.map(({ url }) => url)));
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST) this.#told.delete(oldest!);
  }
}
