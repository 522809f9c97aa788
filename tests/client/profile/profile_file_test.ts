import { assertEquals, assertRejects } from "@std/assert";

import { ProfileFile } from "../../../client/profile/profile_file.ts";
import { StartError, UsageError } from "../../../common/errors.ts";

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "jim-profile-" }));
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function fault(path: string, isAsked = true): Promise<string> {
  return new ProfileFile(path).read(isAsked).then(
    () => "none",
    (error) => error instanceof UsageError ? error.message : `no usage error: ${error}`,
  );
}

Deno.test("a file that nobody asked for may be missing, one that is asked for may not", () =>
  withDir(async (dir) => {
    const path = `${dir}/settings.toml`;
    assertEquals((await new ProfileFile(path).read(false)).size, 0);
    assertEquals(await fault(path), `--profile: cannot read ${path}: there is no such file`);
    await Deno.writeTextFile(path, 'name = "eve"\n[aliases]\ngs = "message #dev good night"\n');
    assertEquals([...await new ProfileFile(path).read(false)], [
      ["name", { value: "eve", line: 1 }],
      ["aliases.gs", { value: "message #dev good night", line: 3 }],
    ]);
  }));

Deno.test("what is wrong is one line with its place, and a password is told where to go", () =>
  withDir(async (dir) => {
    const path = `${dir}/settings.toml`;
    const cases: [text: string, message: string][] = [
      ["nmae = 'eve'", `${path}:1: unknown key 'nmae', did you mean 'name'?`],
      [
        "[notify]\nhow = 'loud'",
        `${path}:2: notify.how must be one of off, bell, osc9, osc777, received 'loud'`,
      ],
      ["how = 'bell'", `${path}:1: unknown key 'how', did you mean 'notify.how'?`],
      ["notify.quiet = '22-8'", `${path}:1: notify.quiet must be HH:MM-HH:MM, received '22-8'`],
      ["[alias]", `${path}:1: unknown table 'alias'; there are notify, aliases, notify.rules`],
      ["listen = true", `${path}:1: listen is for the command line only`],
      ["bell = true", `${path}:1: in a file it is how = "bell" in [notify]`],
      ["tls = yes", `${path}:1:7: unexpected token`],
      [
        "\npassword = 'x'",
        `${path}:2: a password does not belong in this file: put it into a file of its own and name that ` +
        "with password-file",
      ],
    ];
    for (const [text, message] of cases) {
      await Deno.writeTextFile(path, text);
      const found = await fault(path, false);
      assertEquals(
        message.includes("unexpected") ? found.startsWith(`${path}:1:7: `) : found === message,
        true,
        found,
      );
    }
    assertEquals(await fault(dir, false), `--profile: cannot read ${dir}: it is a directory`);
    await Deno.writeTextFile(path, "#".repeat(2_000_000));
    assertEquals(await fault(path, false), `--profile: ${path} must be a text of at most 1 MiB`);
  }));

Deno.test("a change keeps what else is in the file, and makes it its owner's", () =>
  withDir(async (dir) => {
    const path = `${dir}/below/settings.toml`;
    const file = new ProfileFile(path);
    assertEquals([...(await file.change("lang", "ru")).keys()], ["lang"]);
    assertEquals(Deno.readTextFileSync(path), 'lang = "ru"\n');
    Deno.writeTextFileSync(path, "# mine\nlang = 'en' # for now\n");
    Deno.chmodSync(path, 0o644);
    await file.change("lang", "ru");
    assertEquals(Deno.readTextFileSync(path), '# mine\nlang = "ru" # for now\n');
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    assertEquals((await file.change("lang", undefined)).size, 0);
    assertEquals(Deno.readTextFileSync(path), "# mine\n");
    assertEquals([...Deno.readDirSync(`${dir}/below`)].map(({ name }) => name), ["settings.toml"]);
  }));

Deno.test("two clients that change settings at once lose none", () =>
  withDir(async (dir) => {
    const path = `${dir}/settings.toml`;
    const both = [new ProfileFile(path), new ProfileFile(path)];
    await Promise.all(both.flatMap((file, n) =>
      Array.from({ length: 20 }, (_, i) => file.change(`aliases.a${n}x${i}`, "who"))
    ));
    assertEquals((await new ProfileFile(path).read(true)).size, 40);
    assertEquals([...Deno.readDirSync(dir)].length, 1);
  }));

Deno.test("another process never sees half a file", () =>
  withDir(async (dir) => {
    const path = `${dir}/settings.toml`;
    const file = new ProfileFile(path);
    await file.change("aliases.first", "who ".repeat(10_000));
    const { size } = Deno.statSync(path);
    const code = `
      let torn = 0;
      console.log("reading");
      const end = performance.now() + 3_000;
      while (performance.now() < end) {
        if (Deno.readTextFileSync(${JSON.stringify(path)}).length < ${size}) torn++;
      }
      console.log(torn);`;
    const reader = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", code],
      stdout: "piped",
    }).spawn();
    let isDone = false;
    const output = new Response(reader.stdout).text().then((text) => {
      isDone = true;
      return text;
    });
    for (let i = 0; !isDone; i++) {
      await file.change("lang", i % 2 === 0 ? "ru" : "en");
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assertEquals(await output, "reading\n0\n");
    await reader.status;
  }));

Deno.test("a file that is wrong, read-only, a directory or gone is left alone, and the reason given", () =>
  withDir(async (dir) => {
    const path = `${dir}/settings.toml`;
    const file = new ProfileFile(path);
    Deno.writeTextFileSync(path, "langs = 'ru'\n");
    await assertRejects(() => file.change("lang", "ru"), UsageError, ":1: unknown key 'langs'");
    assertEquals(Deno.readTextFileSync(path), "langs = 'ru'\n");
    Deno.writeTextFileSync(path, "");
    Deno.chmodSync(path, 0o444);
    await assertRejects(() => file.change("lang", "ru"), Deno.errors.PermissionDenied);
    assertEquals(Deno.readTextFileSync(path), "");
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    await assertRejects(() => file.change("lang", "ru"), Deno.errors.IsADirectory);
  }));

Deno.test("a link to a file elsewhere stays one, and what a crash left behind is no hindrance", () =>
  withDir(async (dir) => {
    const [real, link] = [`${dir}/real.toml`, `${dir}/link.toml`];
    Deno.writeTextFileSync(real, "");
    Deno.symlinkSync(real, link);
    Deno.writeTextFileSync(`${real}.new`, "half");
    await new ProfileFile(link).change("lang", "ru");
    assertEquals(Deno.lstatSync(link).isSymlink, true);
    assertEquals(Deno.readTextFileSync(real), 'lang = "ru"\n');
  }));

Deno.test({
  name: "without the permission it is neither read nor changed, and nobody is asked for one",
  permissions: { read: false, write: false },
  async fn() {
    const file = new ProfileFile("settings.toml");
    assertEquals((await file.read(false)).size, 0);
    await assertRejects(() => file.read(true), StartError, "--allow-read=settings.toml");
    assertEquals(await file.mayChange(), false);
  },
});
