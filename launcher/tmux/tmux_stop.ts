/**
 * The end of chats that run in tmux on their own.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { MARKS, type RunTmux, runTmux } from "./tmux.ts";

/** A chat that has not stopped by then is killed. */
const STOP_MS = 10_000;
const POLL_MS = 50;

/**
 * Ends what was started in tmux, as Ctrl-C in the server's pane does, and waits until it is gone.
 *
 * @throws {StartError} If there is nothing to end.
 */
export async function stopInTmux(run: RunTmux = runTmux): Promise<void> {
  const found = await chatPanes(run);
  if (found.length === 0) throw new StartError("There is no chat in tmux to stop");
  const servers = found.filter(({ server }) => server === "1");
  for (const { pane } of servers) {
    await run("send-keys", "-t", pane, "-X", "cancel"); // end scrolling: it takes the keys
    await run("send-keys", "-t", pane, "C-c");
  }
  // Without a server's pane nobody would end the clients: nothing to wait for.
  const deadline = performance.now() + (servers.length > 0 ? STOP_MS : 0);
  while (performance.now() < deadline && (await chatPanes(run)).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const { window } of await chatPanes(run)) await run("kill-window", "-t", window);
}

/** Panes of chats and their windows, as tmux calls them; `server` is `1` for a server's pane, else empty. */
async function chatPanes(
  run: RunTmux,
): Promise<{ pane: string; window: string; server: string }[]> {
  const format = `#{pane_id} #{window_id} chat=#{${MARKS.chat}} server=#{${MARKS.server}}`;
  const { isDone, text } = await run("list-panes", "-a", "-F", format);
  const panes = (isDone ? text : "").matchAll(/^(%\d+) (@\d+) chat=1 server=(1?)$/gm);
  return [...panes].map(([, pane = "", window = "", server = ""]) => ({ pane, window, server }));
}
