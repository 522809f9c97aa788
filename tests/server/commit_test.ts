import { assertEquals } from "@std/assert";

import { SplitterPool } from "../../common/wire/splitter.ts";
import { encodeFrame } from "../../common/wire/encode.ts";
import { systemClock } from "../../common/clock.ts";
import { silentLog } from "../../common/log.ts";
import type { ServerContext } from "../../server/context.ts";
import { LoginThrottle } from "../../server/accounts/login_throttle.ts";
import type { Member } from "../../server/people/member.ts";
import { Passwords } from "../../server/accounts/passwords.ts";
import { Rooms } from "../../server/rooms/rooms.ts";
import { Roster } from "../../server/people/registry.ts";
import { Session } from "../../server/connection/session.ts";
import { DEFAULT_SETTINGS } from "../../server/flags.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { SlabEncoder } from "../../common/wire/slab_encoder.ts";
import { AnswerEncoder } from "../../server/connection/answer_encoder.ts";
import { Turns } from "../../server/connection/turns.ts";
import { FakeConn } from "../support/fake_conn.ts";
import { CHEAP } from "../support/server_fixture.ts";

/** A registry where somebody writes to whoever comes, at the first moment that they can. */
class EagerRoster extends Roster<Member> {
  override add(member: Member): boolean {
    const isAdded = super.add(member);
    const greeting = { event: "msg", time: 0, to: "eve", from: "bob", message: "hi" } as const;
    if (isAdded) queueMicrotask(() => member.send(encodeFrame(greeting)));
    return isAdded;
  }
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
    const context: ServerContext = {
      registry: new EagerRoster(),
      rooms: new Rooms(),
      store,
      passwords,
      loginThrottle: new LoginThrottle({ clock: systemClock }),
      clock: systemClock,
      settings: DEFAULT_SETTINGS,
      log: silentLog,
      splitters: new SplitterPool(),
      answers: new AnswerEncoder(),
      encoder: new SlabEncoder(),
      turns: new Turns(),
    };
    const conn = new FakeConn();
    const running = new Session(context, conn, "192.0.2.1:1").run();
    conn.feedFrames(request);
    conn.end();
    await running;
    const [first, second] = conn.frames;
    assertEquals(first!.response, way === "registration" ? 201 : 200);
    assertEquals(second!.message, "hi");
  });
}
