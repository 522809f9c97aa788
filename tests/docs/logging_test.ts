import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LOG_FLAGS } from "../../logs/handlers/flags.ts";
import { Rollover } from "../../logs/handlers/rollover.ts";

const ROOT = new URL("../../", import.meta.url);
const text = await Deno.readTextFile(new URL("docs/logging.md", ROOT));

/** The cells of each row below the table's head that begins with a certain cell. */
function rowsOf(head: string): string[][] {
  const lines = text.split("\n");
  const start = lines.findIndex((line, i) =>
    line.split("|")[1]?.trim().replaceAll("`", "") === head && /^\| -/.test(lines[i + 1]!)
  );
  assert(start >= 0, head);
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line.replaceAll("\\|", "or").split("|").slice(1, -1).map((cell) =>
      cell.trim().replaceAll("`", "")
    )
  );
}

Deno.test("the examples of docs/logging.md run", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const blocks = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code!);
    assert(blocks.length >= 5);
    const names = await Promise.all(blocks.map(async (code, i) => {
      const name = `./example_${i}.ts`;
      // An example is run from a directory of its own, but imports from the project.
      await Deno.writeTextFile(join(dir, name), code.replaceAll('from "./', `from "${ROOT}`));
      return name;
    }));
    const all = names.map((name) => `await import("${name}");\n`).join("");
    await Deno.writeTextFile(join(dir, "all.ts"), all);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--no-prompt",
        `--config=${fileURLToPath(new URL("deno.json", ROOT))}`,
        "--allow-read",
        "--allow-write",
        "--allow-net=127.0.0.1",
        "--allow-env=TMPDIR",
        "all.ts",
      ],
      cwd: dir,
      env: { TMPDIR: dir },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("docs/logging.md tells when files rotate and what they are called as it is", () => {
  const start = Date.UTC(2026, 10, 23, 10, 20, 30) / 1000;
  const rows = rowsOf("when").filter(([, , first]) => first?.startsWith("20"));
  assertEquals(rows.length, 8);
  for (const [when, , first, name] of rows) {
    const plan = new Rollover({ when: when!, utc: true });
    const next = plan.next(start);
    const instant = new Date(next * 1000).toISOString().replace("T", " ").slice(0, 19);
    assertEquals([when, first, name], [when, instant, `server.log.${plan.label(next, next)}`]);
  }
});

Deno.test("docs/logging.md has the flags of logging with their defaults", () => {
  const rows = rowsOf("flag").map(([flag, given]) => [flag!.split(" ")[0]!.slice(2), given]);
  const flags = Object.entries(LOG_FLAGS).map(([name, flag]) => [
    name,
    "default" in flag ? String(flag.default) : flag.kind === "switch" ? "off" : "its own",
  ]);
  assertEquals(rows.toSorted(), flags.toSorted());
});
