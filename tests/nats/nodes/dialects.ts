import { assertEquals } from "@std/assert";

import { account, code, guest, type NodeTests, soon } from "../../support/node_group.ts";
import { type Frame, type RawClient, withDeadline } from "../../support/raw_client.ts";
import type { ServerProcess } from "../../support/server_process.ts";

/** A client that sends bare objects, and takes what one read brings for one object. */
class Classic implements Disposable {
  readonly #conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect({ address }: ServerProcess): Promise<Classic> {
    return new Classic(await Deno.connect(address));
  }

  async send(object: object): Promise<void> {
    await this.#conn.write(new TextEncoder().encode(JSON.stringify(object)));
  }

  async next(): Promise<Frame> {
    const buffer = new Uint8Array(1024);
    const read = await withDeadline(this.#conn.read(buffer), () => "an object");
    return JSON.parse(new TextDecoder().decode(buffer.subarray(0, read!)));
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

const presence = (name: string): object => ({
  action: "presence",
  time: 1,
  type: "status",
  user: { account_name: name, status: "here" },
});

/** Who is on the other node, as `get_users` has it. */
async function usersOf(classic: Classic): Promise<unknown[]> {
  await classic.send({ action: "get_users", time: 1, user: { account_name: "x" } });
  return (await classic.next()).data_list as unknown[];
}

/** Section 10, and clients of both kinds on different nodes. */
export const DIALECTS: NodeTests = {
  "classic clients write to framed ones on the other node, and get answers": async ({ a, b }) => {
    const framed = await guest(b, "framed-one");
    using classic = await Classic.connect(a);
    await classic.send(presence("classic-one"));
    assertEquals((await classic.next()).response, 200);
    while (!(await usersOf(classic)).includes("framed-one"));
    await classic.send({
      action: "message",
      time: 1,
      from: "classic-one",
      to: "framed-one",
      message_text: "привет",
    });
    const { from, message } = await framed.frame();
    assertEquals([from, message], ["classic-one", "привет"]);
    assertEquals((await classic.next()).response, 200);
    assertEquals(await code(framed, { event: "msg", to: "classic-one", message: "и тебе" }), 200);
    assertEquals((await classic.next()).message_text, "и тебе");
    // Too long for what it can take at once.
    const { response } = await framed.ask({
      event: "msg",
      to: "classic-one",
      message: "x".repeat(2000),
    });
    assertEquals(response, 410);
  },
  "two classic clients on two nodes; a name of an account on the other node is none for them":
    async (
      { a, b },
    ) => {
      await account(b, "classic-account");
      using one = await Classic.connect(a);
      using two = await Classic.connect(b);
      await one.send(presence("classic-account"));
      assertEquals((await one.next()).response, 400);
      using three = await Classic.connect(a);
      await three.send(presence("classic-a"));
      await two.send(presence("classic-b"));
      assertEquals([(await three.next()).response, (await two.next()).response], [200, 200]);
      const text = (to: string, from: string) => ({
        ...{ action: "msg", time: 1, encoding: "utf-8" },
        ...{ to, from, message: `for ${to}` },
      });
      await three.send(text("classic-b", "classic-a"));
      assertEquals((await two.next()).message, "for classic-b");
      assertEquals((await three.next()).response, 200);
      await two.send(text("classic-a", "classic-b"));
      assertEquals((await three.next()).message, "for classic-a");
    },
};

/** A session with a token goes on where it was. */
export const SESSIONS: NodeTests = {
  "a session that goes on at its node gets what the other node sent meanwhile": async (
    { a, b },
  ) => {
    const other = await account(b, "ses-other");
    const first = await a.connect();
    const { resume: token } = await first.ask({
      event: "authenticate",
      user: { account_name: "ses-one", password: "correct horse" },
      register: true,
      resume: true,
    });
    for (const client of [first, other]) await client.ask({ event: "join", room: "#ses" });
    await soon(first, { event: "who", room: "#ses" }, ({ total }) => total === 2);
    const frames = await numbered(first, ({ joined }) => joined === "ses-other");
    await other.pending();
    first.reset();
    const outcome = await soon(other, {
      event: "msg",
      to: "ses-one",
      message: "meanwhile, directly",
      store: true,
      id: "meanwhile",
    }, ({ response }) => response === 200 || response === 202);
    const room = await other.ask({ event: "msg", to: "#ses", message: "meanwhile, in the room" });
    assertEquals(room.response, 200);
    const second = await a.connect();
    const back = await second.ask({
      event: "authenticate",
      user: { account_name: "ses-one" },
      resume: token,
      seen: frames.at(-1)?.n ?? 0,
    });

    assertEquals([back.response, back.resumed, back.rooms], [200, true, ["#ses"]]);
    const got = [...await second.frames(2)];
    assertEquals(
      new Set(got.map(({ message, seq }) => `${message} ${seq}`)),
      new Set([`meanwhile, directly ${outcome.seq}`, `meanwhile, in the room ${room.seq}`]),
    );
    assertEquals((await other.pending()).map(({ left, joined }) => left ?? joined), []);
  },
};

async function numbered(client: RawClient, isLast: (frame: Frame) => boolean): Promise<Frame[]> {
  const frames: Frame[] = [];
  do frames.push(await client.frame()); while (!isLast(frames.at(-1)!));
  return frames;
}
