import { assert, assertEquals, assertRejects } from "@std/assert";

import { isGranted, readGranted } from "../../client/granted.ts";
import { StartError } from "../../common/errors.ts";

Deno.test("readGranted: a flag that was not given names no file", async () => {
  assertEquals(await readGranted("--password-file", undefined), undefined);
});

Deno.test("readGranted: the text of a file; one that is missing is named", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "correct horse\n");
    assertEquals(await readGranted("--password-file", path), "correct horse\n");
    await assertRejects(
      () => readGranted("--password-file", `${path}\x1b`),
      StartError,
      `Cannot read --password-file '${path}\\u{1b}': no such file`,
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name:
    "readGranted: without the permission nobody is asked for it, and the way to give it is said",
  permissions: { read: false },
  fn: async () => {
    assertEquals(await isGranted("read", "cert.pem"), false);
    const error = await assertRejects(() => readGranted("--ca-cert", "cert.pem"), StartError);
    assert(error.message.includes("'deno run --allow-net --allow-read=cert.pem client.ts …'"));
  },
});

Deno.test("a byte order mark at the beginning of a file is no part of its text", async () => {
  const path = await Deno.makeTempFile({ prefix: "jim-password-" });
  try {
    await Deno.writeTextFile(path, "\ufeffcorrect\ufeff horse\n");
    assertEquals(await readGranted("--password-file", path), "correct\ufeff horse\n");
  } finally {
    await Deno.remove(path);
  }
});
