import { assertEquals } from "@std/assert";

import { encodeFrame } from "../../common/wire/encode.ts";
import { Passwords } from "../../server/accounts/passwords.ts";
import { answer, lastAnswer } from "../../server/answer.ts";
import { assemble } from "../../server/assembly.ts";
import { Session } from "../../server/connection/session.ts";
import type { ServerContext } from "../../server/context.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { admitted } from "../support/admitted.ts";
import { FakeConn } from "../support/fake_conn.ts";
import { CHEAP } from "../support/server_fixture.ts";

Deno.test("answer: a code, a sentence and further fields if there are any; the last one closes", () => {
  assertEquals(answer(200, "ok"), { code: 200, sentence: "ok" });
  assertEquals(answer(200, "ok", { delivered: 1 }), {
    code: 200,
    sentence: "ok",
    extras: { delivered: 1 },
  });
  assertEquals(lastAnswer(403, "no"), { code: 403, sentence: "no", closes: true });
});

/** Somebody writes to whoever comes online, at the first moment that they can. */
function greetEagerly({ registry }: ServerContext): void {
  const add = registry.add.bind(registry);
  registry.add = (user) => {
    const isAdded = add(user);
    const greeting = { event: "msg", time: 0, to: "eve", from: "bob", message: "hi" } as const;
    if (isAdded) queueMicrotask(() => user.send(encodeFrame(greeting)));
    return isAdded;
  };
}

const user = { account_name: "eve", password: "correct horse" };
const LOGINS: Record<string, object> = {
  presence: { event: "presence", user: { account_name: "eve" } },
  registration: { event: "authenticate", user, register: true },
  login: { event: "authenticate", user },
};

for (const [way, request] of Object.entries(LOGINS)) {
  // Found by the fuzzer: a message overtook the answer.
  Deno.test(`going online by ${way}: the answer comes before the first message`, async () => {
    await using store = openSqliteStore(":memory:");
    const passwords = new Passwords({ cost: CHEAP });
    if (way === "login") {
      await store.createAccount("eve", "eve", await passwords.hash(user.password, { key: "" }));
    }
    const { context, plumbing, service } = assemble({ store, passwords });
    greetEagerly(context);
    const conn = new FakeConn();
    const running = new Session(plumbing, service, admitted(plumbing, conn)).run();
    conn.feedFrames(request);
    conn.end();
    await running;
    const [first, second] = conn.frames;
    assertEquals(first!.response, way === "registration" ? 201 : 200);
    assertEquals(second!.message, "hi");
  });
}
