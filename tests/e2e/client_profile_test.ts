// The file of settings, as a whole client goes by it; transcripts and notifications of one that runs.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { runClient } from "../support/client_process.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";
import { JimClient } from "../../client/library/jim_client.ts";

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "jim-client-" }));
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function reading(dir: string): { permissions: string[] } {
  return { permissions: [`--allow-read=${dir}`] };
}

Deno.test("a wrong file is one line on standard error, and status 2", () =>
  withDir(async (dir) => {
    const path = `${dir}/x.toml`;
    await Deno.writeTextFile(path, "# mine\nnmae = 'eve'\n");
    const wrong = await runClient(["--profile", path], "", reading(dir));
    assertEquals([wrong.code, wrong.stdout, wrong.stderr], [
      ...[2, "", `${path}:2: unknown key 'nmae', did you mean 'name'?\n`],
    ]);
    const help = await runClient(["--profile", path, "--help"], "", reading(dir));
    assertEquals(help.code, 0);
    const refused = await runClient(["--profile", path], "");
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, `--allow-read=${path}`);
  }));

Deno.test("the file says where to go and as whom; flags win, and another server gets no password", () =>
  withDir(async (dir) => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    const path = `${dir}/x.toml`;
    await Deno.writeTextFile(`${dir}/secret`, PASSWORD);
    await Deno.writeTextFile(
      path,
      `addr = "${hostname}"
port = ${port}
name = "eve"
password-file = "${dir}/secret"
[aliases]
hey = "message eve hey"
`,
    );
    const file = ["--profile", path];
    const account = await JimClient.connect(server.address);
    await account.login("eve", { password: PASSWORD, register: true });
    await account.quit();
    const own = await runClient(file, "hey you\n", reading(dir));
    assertEquals(own.code, 0);
    assertStringIncludes(own.stderr, "You are eve");
    assertStringIncludes(own.stdout, "eve: hey you");
    const other = await runClient([...file, "-n", "bob"], "hey\n", reading(dir));
    assertStringIncludes(other.stderr, "402"); // the password went out with the name
    // With an address on the command line there is no password, so that none goes to another server.
    const elsewhere = await runClient([...file, hostname, String(port)], "", reading(dir));
    assertEquals(elsewhere.code, 1);
    assertStringIncludes(elsewhere.stderr, "This name needs a password");
  }));

Deno.test("settings are changed in a terminal, and hold in the next run", () =>
  withDir(async (dir) => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    const path = `${dir}/x.toml`;
    await Deno.writeTextFile(path, "# mine\n");
    const permissions = [`--allow-read=${dir}`, `--allow-write=${dir}`];
    const args = [hostname, String(port), "--profile", path, "-n"];
    {
      await using eve = startClient([...args, "eve"], { permissions });
      await eve.endsWith("eve>");
      eve.type("settings notify.h\tbell\r");
      await eve.shows("notify.how = bell. Kept in");
      eve.enter("set lang ru");
      await eve.shows("Сохранено в");
      eve.enter("тихо #dev");
      await eve.shows("#dev больше не зовёт вас");
    }
    assertEquals(
      await Deno.readTextFile(path),
      '# mine\n\nlang = "ru"\n\n[notify]\nhow = "bell"\n\n[notify.rules]\n"#dev" = "none"\n',
    );
    await using again = startClient([...args, "ann"], { permissions });
    await again.endsWith("ann>");
    again.enter("тихо");
    await again.shows("Тихо: #dev.");
  }));

Deno.test("a transcript has what was said, on its day where the person is, and what became of it", () =>
  withDir(async (dir) => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    await Deno.writeTextFile(`${dir}/secret`, PASSWORD);
    const permissions = [`--allow-read=${dir}`, `--allow-write=${dir}/said`];
    const args = [
      hostname,
      String(port),
      "-n",
      "eve",
      "--register",
      "--password-file",
      `${dir}/secret`,
    ];
    const input = "join #dev\nmessage #dev one\nedit uno\nmessage nobody lost\nmessage eve self\n";
    const { code, stderr } = await runClient(
      [...args, "--transcript", `${dir}/said`, "--lang", "en"],
      input,
      { permissions },
    );
    assertEquals(code, 0, stderr);
    const lines = async (name: string): Promise<string[]> => {
      const [day] = [...Deno.readDirSync(`${dir}/said/eve/${name}`)].map(({ name }) => name);
      assert(/^\d{4}-\d\d-\d\d\.txt$/.test(day!), day);
      const text = await Deno.readTextFile(`${dir}/said/eve/${name}/${day}`);
      return text.trimEnd().split("\n").map((line) => line.replaceAll(/\d\d:\d\d(:\d\d)?/g, "…"));
    };
    assertEquals(await lines("#dev"), ["[…] eve: one", "[…] #dev *** you changed …: uno"]);
    assertEquals([...Deno.readDirSync(`${dir}/said/eve`)].map(({ name }) => name).sort(), [
      ...["#dev", "eve"],
    ]);
  }));

Deno.test("a transcript that must not be written is one line, and the chat goes on", () =>
  withDir(async (dir) => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    const { code, stderr } = await runClient(
      [hostname, String(port), "-n", "eve", "--transcript", dir, "--lang", "en"],
      "join #dev\nmessage #dev one\nmessage #dev two\n",
    );
    assertEquals(code, 0);
    assertEquals(stderr.match(/The transcript in .* is not written: .*/g)?.length, 1);
    assertStringIncludes(stderr, "→ #dev: two · sent to 0");
  }));

Deno.test("the task grants the client its own files, and not the server's", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const granted = [...tasks.client.matchAll(/--allow-(?:read|write)=(\S+)/g)]
    .flatMap(([, paths]) => paths!.split(","));
  assertEquals(granted.every((path) => /^data\/(?:client|history)$/.test(path)), true);
  assertEquals(granted.filter((path) => path === "data/client").length, 2);
});
