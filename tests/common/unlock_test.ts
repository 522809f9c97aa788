import { assert } from "@std/assert";

import { unlock } from "../../common/unlock.ts";

Deno.test("a lock that is given back is free while the file is open; where there is none nothing happens", async () => {
  const path = await Deno.makeTempFile();
  try {
    using one = Deno.openSync(path, { write: true });
    using other = Deno.openSync(path, { write: true });
    assert(one.tryLockSync(true));
    assert(!other.tryLockSync(true));
    for (let n = 0; n < 2; n++) unlock(one);
    assert(other.tryLockSync(true));
  } finally {
    await Deno.remove(path);
  }
});
