import { assertEquals, assertThrows } from "@std/assert";

import { makePrivateDirectory, openPrivateFile } from "../../common/private_files.ts";

const modeOf = (path: string): string => (Deno.statSync(path).mode! & 0o777).toString(8);

function withDir(run: (dir: string) => void): void {
  const dir = Deno.makeTempDirSync({ prefix: "jim-private-" });
  try {
    run(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

for (const umask of ["000", "022", "077", "777"]) {
  Deno.test(`with umask ${umask} new files are 600 and new directories 700`, () => {
    withDir((dir) => {
      // The umask is the whole process's: it has to be another one.
      const { success } = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--allow-sys",
          `--allow-read=${dir}`,
          `--allow-write=${dir}`,
          import.meta.resolve("../support/make_private.ts"),
          umask,
          `${dir}/a/b/c`,
        ],
        stderr: "inherit",
      }).outputSync();
      assertEquals(success, true);
      for (const path of ["a", "a/b", "a/b/c"]) assertEquals(modeOf(`${dir}/${path}`), "700", path);
      assertEquals(modeOf(`${dir}/a/b/c/file`), "600");
    });
  });
}

Deno.test("what exists keeps its mode and its contents", () => {
  withDir((dir) => {
    Deno.chmodSync(dir, 0o755);
    Deno.writeTextFileSync(`${dir}/file`, "first\n");
    Deno.chmodSync(`${dir}/file`, 0o664);
    makePrivateDirectory(dir);
    {
      using file = openPrivateFile(`${dir}/file`, { read: true, append: true });
      file.writeSync(new TextEncoder().encode("second\n"));
    }
    assertEquals([modeOf(dir), modeOf(`${dir}/file`)], ["755", "664"]);
    assertEquals(Deno.readTextFileSync(`${dir}/file`), "first\nsecond\n");
    assertThrows(
      () => openPrivateFile(`${dir}/file`, { createNew: true }),
      Deno.errors.AlreadyExists,
    );
  });
});

Deno.test("a link to a file that is missing makes that file", () => {
  withDir((dir) => {
    Deno.symlinkSync(`${dir}/there`, `${dir}/link`);
    openPrivateFile(`${dir}/link`).close();
    assertEquals(modeOf(`${dir}/there`), "600");
  });
});

Deno.test("what stands in the way of a directory is an error", () => {
  withDir((dir) => {
    Deno.writeTextFileSync(`${dir}/file`, "");
    Deno.symlinkSync(`${dir}/nowhere`, `${dir}/link`);
    for (const path of ["file", "file/below", "link", "link/below"]) {
      assertThrows(() => makePrivateDirectory(`${dir}/${path}`), Error, "", path);
    }
    assertThrows(() => openPrivateFile(`${dir}/none/file`), Deno.errors.NotFound);
  });
});
