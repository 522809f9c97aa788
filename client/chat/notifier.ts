/**
 * When somebody who looks elsewhere is called, and what they are told.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import { type Delivery, isRoomAddress } from "../../common/wire/protocol.ts";
import type { Profile } from "../profile/profile.ts";
import { isWithinHours } from "../profile/quiet_hours.ts";
import type { Speaker } from "../texts/texts.ts";
import { isMentioned } from "./mention.ts";
import { saidBy } from "./render.ts";
import { shortText } from "./render_kept.ts";
import type { Ui } from "./ui.ts";

/** What a {@linkcode Notifier} is made of. */
export interface NotifierOptions {
  /** Where it is called. */
  readonly ui: Pick<Ui, "ring" | "notify" | "isWatched">;
  /** The language. */
  readonly speaker: Speaker;
  /** When, and how. */
  readonly profile: Pick<Profile, "value" | "table">;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** However many messages come within this time, they call once: those that waited come all at once. */
const PAUSE_MS = 1_000;

/** Calls for messages, unless somebody looks already. */
export class Notifier {
  readonly #options: NotifierOptions;
  #calledMs = -Infinity;

  /** Has not called yet. */
  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /**
   * A message came.
   *
   * @param ownName Whom it may mention.
   */
  message(message: Delivery, ownName: string): void {
    const { ui, profile, clock } = this.#options;
    const how = profile.value("notify.how");
    const hours = profile.value("notify.quiet");
    if (how === "off" || ui.isWatched === true || !this.#matters(message, ownName)) return;
    if (hours !== undefined && isWithinHours(hours, new Date(clock.epochMs()))) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#calledMs < PAUSE_MS) return;
    this.#calledMs = nowMs;
    if (how === "bell" || ui.notify === undefined) ui.ring();
    else ui.notify(how, this.#words(message, ownName));
  }

  #matters({ from, to, message }: Delivery, ownName: string): boolean {
    const { profile } = this.#options;
    const isDirect = !isRoomAddress(to);
    const rules = profile.table("notify.rules");
    const rule = ruleOf(rules, isDirect ? from : to)?.rule ?? profile.value("notify.when");
    if (rule === "all" || rule === "none") return rule === "all";
    return isDirect || (rule === "mentions" && isMentioned(ownName, message));
  }

  #words({ from, to, message, kind }: Delivery, ownName: string): string {
    const { speaker: { say }, profile } = this.#options;
    const isRoom = isRoomAddress(to);
    if (profile.value("notify.text")) {
      const said = saidBy(from, kind).map(({ text }) => text).join("");
      return `${isRoom ? `${to} ` : ""}${said}${shortText(message)}`;
    }
    if (!isRoom) return say("notifyDirect", { name: from });
    return say(isMentioned(ownName, message) ? "notifyMention" : "notifyRoom", { room: to });
  }
}

/** The rule of a conversation, and the name under which it stands in the settings. */
export function ruleOf(
  rules: ReadonlyMap<string, string>,
  name: string,
): { readonly name: string; readonly rule: string } | undefined {
  const folded = foldName(name);
  for (const [known, rule] of rules) if (foldName(known) === folded) return { name: known, rule };
  return undefined;
}
