/**
 * The end of chats that run in tmux on their own.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { Tmux } from "./tmux.ts";
import {
  interruptPane,
  killWindow,
  leaveCopyMode,
  listPanes,
  readChatPanes,
} from "./tmux_commands.ts";

/** A chat that is asked to stop has so long; then it is made to. */
const STOP_MS = 10_000;
const POLL_MS = 50;

/**
 * Ends what was started in tmux, as Ctrl-C in the server's pane does, and waits until it is gone.
 *
 * @throws {StartError} If there is nothing to end.
 */
export async function stopInTmux(tmux: Tmux = new Tmux()): Promise<void> {
  const panes = async (): Promise<ReturnType<typeof readChatPanes>> =>
    readChatPanes((await tmux.try(listPanes())).stdout);
  const found = await panes();
  if (found.length === 0) throw new StartError("There is no chat in tmux to stop");
  const servers = found.filter(({ isServer }) => isServer);
  for (const { pane } of servers) {
    await tmux.try(leaveCopyMode(pane));
    await tmux.try(interruptPane(pane));
  }
  // Without a server's pane nobody would end the clients: nothing to wait for.
  const deadline = performance.now() + (servers.length > 0 ? STOP_MS : 0);
  while (performance.now() < deadline && (await panes()).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const { window } of await panes()) await tmux.try(killWindow(window));
}
