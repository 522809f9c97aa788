/**
 * Notifications as terminals take them.
 *
 * @module
 */

import { withoutControls } from "../../common/printable.ts";

/** How a terminal shows one: OSC 9 as iTerm2 has it, OSC 777 as urxvt has it. */
export type NotificationForm = "osc9" | "osc777";

const TITLE = "JIM";

/**
 * What makes a terminal show a notification.
 *
 * @param text What it says; whatever would end the sequence or begin another one is left out.
 * @param isTmux Whether it goes through tmux, which hands on only what is wrapped, and that with `allow-passthrough`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(notification("osc9", "bob wrote"), "\x1b]9;bob wrote\x07");
 * ```
 */
export function notification(form: NotificationForm, text: string, isTmux = false): string {
  const words = withoutControls(text);
  // In OSC 9 a number before the first `;` asks for something else: 4 shows progress. In OSC 777 `;` divides fields.
  const sequence = form === "osc9"
    ? `\x1b]9;${words.replace(/^(\d+);/, "$1,")}\x07`
    : `\x1b]777;notify;${TITLE};${words.replaceAll(";", ",")}\x07`;
  return isTmux ? `\x1bPtmux;${sequence.replaceAll("\x1b", "\x1b\x1b")}\x1b\\` : sequence;
}

/** Whether the terminal is tmux, as far as its variables may be read. */
export function isTmux(): boolean {
  const read = (variable: string): string | undefined =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
      ? Deno.env.get(variable)
      : undefined;
  return read("TMUX") !== undefined || read("TERM")?.startsWith("tmux") === true;
}
