import { assertRejects } from "@std/assert";

import { JimClient } from "../../../client/library/jim_client.ts";
import { signIn } from "../../../client/chat/sign_in.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Ui } from "../../../client/chat/ui.ts";
import { StartError } from "../../../common/errors.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";

/** A person who says nothing. */
const SILENT: Ui = {
  isInteractive: true,
  show: () => {},
  ask: () => Promise.resolve(undefined),
  askSecret: () => Promise.resolve(undefined),
  confirm: () => Promise.resolve(false),
  ring: () => {},
  refresh: () => {},
};

Deno.test("who gives up while the server is silent is not told that a name is missing", async () => {
  await using server = new ScriptedServer();
  server.answer = () => undefined;
  await using client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port });
  const abort = new AbortController();
  const options = { password: undefined, ui: SILENT, speaker: speakerOf("en") };
  const signing = signIn(client, { ...options, name: "eve", signal: abort.signal });
  await server.until(() => server.requests("presence").length === 1);
  abort.abort();
  await assertRejects(() => signing, StartError, "You left before you were online");
  await assertRejects(
    () => signIn(client, { ...options, name: undefined }),
    StartError,
    "No name was given",
  );
});
