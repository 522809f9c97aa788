import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { layoutInput } from "../../client/terminal/layout.ts";
import { nameColour, themeOf } from "../../client/chat/theme.ts";
import { TestServer } from "../support/server_fixture.ts";
import { ServerProcess } from "../support/server_process.ts";
import { startClient } from "../support/start_client.ts";

interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Somebody else who is online. */
function online(name: string, { hostname, port }: Address): Promise<JimClient> {
  return JimClient.connect({ hostname, port, name });
}

/** The command line that leads to the server. */
function place({ address }: { address: Address }): string[] {
  return [address.hostname, String(address.port)];
}

/** Without the spaces, which a terminal does not tell from what was never written. */
function dense(text: string): string {
  return text.replace(/\s/g, "");
}

Deno.test("a burst of 1000 messages leaves what is typed, and the cursor, as they are", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  await using eve = startClient([...place(server), "-n", "eve"]);
  await eve.endsWith("eve>");
  await using bob = await online("bob", server.address);
  const text =
    "широкие 日本語 and 🚀 é and a long line that does not fit into one row of the terminal";
  eve.type(text.slice(0, 60));
  const sending = Promise.all(
    Array.from({ length: 1_000 }, (_, i) => bob.send("eve", `message ${i} 日本 🚀`)),
  );
  for (let length = 61; length <= text.length; length++) {
    eve.type(text[length - 1]!);
    await eve.until((shown) => dense(shown).endsWith(dense(`eve> ${text.slice(0, length)}`)), text);
  }
  eve.press(...Array.from({ length: 12 }, () => "left" as const));
  await sending;
  await eve.shows("message 999 ");
  const screen = await eve.until((shown) => dense(shown).endsWith(dense(`eve> ${text}`)), text);
  const rows = screen.split("\n");
  await eve.cursorAt(rows.at(-1)!.length - 12, rows.length - 1);
  const seen = [...eve.scrollback().matchAll(/bob: message (\d+) /g)];
  assertEquals(seen.map(([, n]) => Number(n)), Array.from({ length: 1_000 }, (_, i) => i));
});

Deno.test("resizing keeps the input line whole, with no piece of it left behind", async () => {
  await using server = new TestServer();
  await using eve = startClient([...place(server), "-n", "eve"]);
  await eve.endsWith("eve>");
  const text = "один два три 四五六 seven eight nine ten eleven twelve thirteen fourteen";
  eve.type(text);
  await eve.shows("fourteen");
  const prompt = "eve> ";
  for (const [columns, rows] of [[40, 20], [23, 20], [60, 12], [120, 30]] as const) {
    eve.resize(columns, rows);
    const state = { prompt, text, cursor: text.length };
    const layout = layoutInput(state, { columns, rows });
    const expected = layout.rows.map((row) => row.trimEnd()).join("\n");
    const screen = await eve.until((screen) => screen.endsWith(expected), expected);
    assertEquals(screen.split(prompt).length, 2);
    await eve.cursorAt(layout.cursorColumn, screen.split("\n").length - 1);
  }
});

Deno.test("editing works on what a person sees as one character", async () => {
  await using server = new TestServer();
  await using eve = startClient([...place(server), "-n", "eve"]);
  await eve.endsWith("eve>");
  eve.enter("chat eve");
  await eve.endsWith("eve → eve>");
  eve.type("a👨‍👩‍👧бe\u0301日x");
  eve.press("left", "backspace", "backspace");
  await eve.shows("> a👨‍👩‍👧бx");
  eve.press("left", "backspace", "ctrlA", "delete", "ctrlE");
  eve.type("!");
  eve.press("enter");
  await eve.shows("eve: бx!");
  eve.press("up");
  await eve.endsWith("eve → eve> бx!");
});

Deno.test("what looks like a command is not sent, a paste of several lines asks once", async () => {
  await using server = new TestServer();
  await using bob = await online("bob", server.address);
  const messages = bob.messages();
  await using eve = startClient([...place(server), "-n", "eve"]);
  await eve.endsWith("eve>");
  eve.enter("chat bob");
  await eve.endsWith("eve → bob>");
  for (const line of [" /login secret", "/jion #dev"]) {
    eve.enter(line);
    await eve.endsWith("This looks like a command. Send it to bob as a message? [y/N]");
    eve.press("enter");
    await eve.endsWith("eve → bob>");
  }
  eve.paste("one\ntwo\n/exit\n");
  await eve.endsWith("Send 3 lines to bob? [y/N]");
  eve.enter("n");
  await eve.shows("Nothing was sent.");
  await eve.endsWith("… /exit");
  eve.press("ctrlC");
  await eve.endsWith("eve → bob>");
  eve.paste("one\ntwo\n/exit\n");
  await eve.endsWith("Send 3 lines to bob? [y/N]");
  eve.enter("y");
  assertEquals((await messages.next()).value?.message, "one\ntwo\n/exit");
  eve.paste("a single line");
  await eve.endsWith("eve → bob> a single line");
  eve.enter(" goes on\\");
  await eve.endsWith("…");
  eve.enter("here");
  assertEquals((await messages.next()).value?.message, "a single line goes on\nhere");
  eve.enter("//x");
  assertEquals((await messages.next()).value?.message, "/x");
  // What might have held a password cannot be fetched back.
  for (const rows of ["//x", "a single line goes on\n… here", "/jion #dev", "chat bob"]) {
    eve.press("up");
    await eve.until((screen) => screen.endsWith(`eve → bob> ${rows}`), rows);
  }
});

Deno.test("the state of an own message is what the server says", async () => {
  await using server = new TestServer();
  await using bob = await online("bob", server.address);
  await bob.login("bob", { password: "correct horse", register: true });
  await using eve = startClient([...place(server), "-n", "eve"], { columns: 120 });
  await eve.endsWith("eve>");
  eve.enter("message bob hi");
  await eve.shows("→ bob: hi · sent");
  eve.enter("join #dev");
  await eve.shows("In #dev: eve");
  eve.enter("message #dev anybody?");
  await eve.shows("→ #dev: anybody? · sent to 0");
  eve.enter("message zoe hi");
  await eve.shows("→ zoe: hi · not sent: No user of that name has ever been here (404)");
  await bob.quit();
  eve.enter("message bob are you there?");
  await eve.shows("→ bob: are you there? · bob is offline; the message will wait for them");
  await using again = await JimClient.connect({
    ...server.address,
    name: "bob",
    password: "correct horse",
  });
  const messages = again.messages();
  assertEquals((await messages.next()).value?.message, "are you there?");
  await again.send("eve", "\x1b[31mred\u202e\ttext\r\nbob: forged");
  await eve.shows("bob: \\u{1b}[31mred\\u{202e}    text");
  await eve.shows("           │ bob: forged");
  eve.enter("reply I see");
  assertEquals((await messages.next()).value?.message, "I see");
});

Deno.test("a password is asked for and never shown", async () => {
  await using server = new TestServer();
  await using eve = startClient([...place(server)], { columns: 120 });
  await eve.endsWith("Your name:");
  eve.enter("-eve-");
  await eve.shows("begins with a letter or a digit.");
  eve.enter("eve");
  await eve.endsWith("eve>");
  eve.enter("register");
  await eve.endsWith("New password for eve:");
  eve.enter("пароль 1234");
  await eve.endsWith("The same again:");
  eve.enter("пароль 1234");
  await eve.shows("eve is an account now");
  eve.press("ctrlY", "up");
  await eve.endsWith("eve> register");
  eve.press("ctrlC", "ctrlD");
  assertEquals(await eve.ended(), 0);
  assert(!eve.scrollback().includes("1234"));

  await using back = startClient([...place(server), "-n", "eve"]);
  await back.endsWith("Password for eve:");
  back.enter("something else");
  await back.shows("Wrong login or password.");
  await back.endsWith("Password for eve:");
  back.enter("пароль 1234");
  await back.endsWith("eve>");
  assert(!back.scrollback().includes("1234"));
});

Deno.test("a lost connection stands in the prompt, and comes back with all that waited", async () => {
  const dead = await ServerProcess.start();
  const { address } = dead;
  await using eve = startClient([...place(dead), "-n", "eve"]);
  await eve.endsWith("eve>");
  eve.enter("chat #dev");
  await eve.shows("In #dev: eve");
  eve.type("half a line");
  await dead[Symbol.asyncDispose]();
  await eve.endsWith("(no connection) eve → #dev> half a line");
  eve.press("enter");
  await eve.shows("· waits for the connection");
  await using server = await ServerProcess.start([], {
    listenOn: ["-a", address.hostname, "-p", String(address.port)],
  });
  await eve.endsWith("eve → #dev>");
  const screen = await eve.shows("→ #dev: half a line · sent to 0");
  assert(!screen.includes("Connection lost"), screen);
  assertEquals(server.address.port, address.port);
});

Deno.test("Tab completes, Ctrl-C clears and then asks, Ctrl-Z does nothing, exit says goodbye", async () => {
  await using server = new TestServer();
  await using bob = await online("Боб", server.address);
  await using eve = startClient([...place(server), "-n", "eve", "--lang", "en"]);
  await eve.endsWith("eve>");
  // The client has asked for the names already; answers come in the order of the requests.
  eve.enter("who #nowhere");
  await eve.shows("(404)");
  eve.type("mes");
  eve.press("tab");
  eve.type("бо");
  eve.press("tab");
  eve.type("привет");
  await eve.endsWith("eve> message Боб привет");
  eve.press("enter");
  assertEquals((await bob.messages().next()).value?.message, "привет");
  eve.press("ctrlZ");
  await eve.shows("Ctrl-Z does nothing here");
  eve.type("something");
  eve.press("ctrlC");
  await eve.endsWith("eve>");
  eve.press("ctrlC");
  await eve.shows("Ctrl-C again, or Ctrl-D, leaves the chat.");
  eve.enter("help exit");
  await eve.shows("also: quit, bye, выход");
  eve.enter("выход");
  assertEquals(await eve.ended(), 0);
  assertMatch(eve.screen(), /Goodbye\./);
});

Deno.test("in Russian, in colours, under another name; the terminal is given back on SIGTERM", async () => {
  await using server = new TestServer();
  await using bob = await online("bob", server.address);
  const anna = await online("анна", server.address);
  await anna.login("анна", { password: "correct horse", register: true });
  await anna.quit();
  await using eve = startClient([...place(server), "-n", "ева", "--lang", "ru"]);
  await eve.endsWith("ева>");
  await eve.shows("отправить; спросит, чего не хватает");
  await bob.send("ева", "привет");
  await eve.shows("bob: привет");
  assertStringIncludes(eve.colours(), `\x1b[${nameColour("bob", themeOf("auto")!)}m`);
  eve.enter("ответить и тебе");
  await eve.shows("→ bob: и тебе · доставлено");
  eve.enter("вход анна");
  await eve.endsWith("Пароль для анна:");
  eve.enter("correct horse");
  await eve.endsWith("анна>");
  await bob.send("анна", "снова привет");
  await eve.shows("bob: снова привет");
  eve.kill("SIGTERM");
  assertEquals(await eve.ended(), 0);
  assertMatch(eve.screen(), /До свидания\./);
});

Deno.test("without colours where that is asked for; an input history only where it is permitted", async () => {
  await using server = new TestServer();
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  const args = [...place(server), "-n", "eve", "--history-dir", dir];
  const env = { NO_COLOR: "1" };
  const permissions = [`--allow-read=${dir}`, `--allow-write=${dir}`];
  try {
    {
      await using eve = startClient(args, { env });
      await eve.endsWith("eve>");
      eve.enter("nonsense");
      await eve.shows("There is no command 'nonsense'");
      assert(!(eve.colours()).includes("\x1b["));
      eve.press("ctrlD");
      assertEquals(await eve.ended(), 0);
      assertEquals([...Deno.readDirSync(dir)], []);
    }
    for (const earlier of ["", "who"]) {
      await using eve = startClient(args, { env, permissions });
      await eve.endsWith("eve>");
      eve.press("up");
      await eve.endsWith(`eve> ${earlier}`.trimEnd());
      eve.press("ctrlU");
      eve.enter("who");
      await eve.shows("1 online");
      eve.press("ctrlD");
      assertEquals(await eve.ended(), 0);
    }
    assertEquals(await Deno.readTextFile(`${dir}/eve.txt`), "who\n");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
