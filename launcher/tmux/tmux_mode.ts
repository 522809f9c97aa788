/**
 * A chat in tmux, which may outlive the launcher.
 *
 * @module
 */

import type { Interrupts } from "../../common/interrupts.ts";
import { Chat } from "../chat.ts";
import type { ChatPlan } from "../commands.ts";
import type { LaunchConsole } from "../launch_console.ts";
import { within } from "../within.ts";
import { type RunTmux, runTmux, SESSION } from "./tmux.ts";
import { type TmuxPlace, TmuxStage } from "./tmux_stage.ts";

/** An end of the chat within this time is still reported to a user who does not stay. */
const DETACH_MS = 1_000;

/**
 * Runs a chat in tmux until it is over or the user detaches from it. However this process ends, so does the chat,
 * unless it was started with `detach` or the user detached.
 *
 * @param detach Start and return.
 * @returns The exit status.
 * @throws {StartError} If tmux or a process does not start; nothing is left then.
 */
export async function runTmuxMode(
  plan: ChatPlan,
  place: TmuxPlace,
  detach: boolean,
  console: LaunchConsole,
  interrupts: Interrupts,
  run: RunTmux = runTmux,
): Promise<number> {
  const stage = new TmuxStage(plan.runtime, place, run);
  await using chat = new Chat(plan, stage);
  let attached: Promise<"released" | "interrupted"> | undefined;
  const end = await chat.run(interrupts, async () => {
    const over = chat.over();
    if (detach) return await within(DETACH_MS, over) ?? "released";
    if (place.isWindow) {
      console.print(`The chat is in the new window '${SESSION}'; Ctrl-C here ends it`, "stdout");
      return await over;
    }
    attached = attach(run);
    return await Promise.race([over, attached]);
  });
  if (end === "released") await stage.release();
  await chat.end();
  await attached; // the terminal is as it was before
  if (end === "interrupted") return 0;
  if (end === "released") {
    const how = `'tmux attach -t ${SESSION}' shows the chat, 'deno task launch stop' ends it`;
    console.print(how, "stdout");
    return 0;
  }
  // Whoever pressed Ctrl-C in the server's pane knows why it ended.
  if (end.cause === "server" && end.status === 0) return 0;
  for (const line of end.words) console.print(line, "stderr");
  return end.status;
}

/** Shows the session in this terminal until it ends or the user detaches from it. */
async function attach(run: RunTmux): Promise<"released" | "interrupted"> {
  const args = ["attach-session", "-t", `=${SESSION}`];
  const { success } = await new Deno.Command("tmux", { args }).spawn().status;
  // Only detaching gives status 0 and leaves a session behind; a terminal that is lost does not.
  const isThere = success && (await run("has-session", "-t", `=${SESSION}`)).isDone;
  return isThere ? "released" : "interrupted";
}
