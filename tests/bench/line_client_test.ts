import { assertEquals, assertRejects } from "@std/assert";

import { type Frame, LineClient } from "../../bench/line_client.ts";
import { TestServer } from "../support/server_fixture.ts";

Deno.test("answers are matched to requests by their order, all else goes to onFrame", async () => {
  await using server = new TestServer();
  const eve = await LineClient.online(server.address, "eve");
  const bob = await LineClient.online(server.address, "bob");
  const arrived = Promise.withResolvers<Frame>();
  bob.onFrame = arrived.resolve;
  const answers = [
    eve.ask({ event: "msg", to: "bob", message: "hi", id: 1 }),
    eve.ask({ event: "msg", to: "nobody", message: "hi", id: 2 }),
    eve.ask({ event: "probe", id: 3 }),
  ];
  assertEquals(
    (await Promise.all(answers)).map(({ response, id }) => [response, id]),
    [[200, 1], [404, 2], [200, 3]],
  );
  const { from, message } = await arrived.promise;
  assertEquals([from, message], ["eve", "hi"]);
  await eve.ask({ event: "quit" });
  await eve.ended;
  await assertRejects(() => eve.ask({ event: "probe" }), Error, "the server has hung up");
  eve.close();
  eve.close();
  bob.close();
});

Deno.test("a name that is refused is an error", async () => {
  await using server = new TestServer();
  using eve = await LineClient.connect(server.address);
  await assertRejects(() => eve.enter("#eve"), Error, "#eve is not let in: 400");
});
