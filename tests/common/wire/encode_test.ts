import { assert, assertEquals } from "@std/assert";

import {
  encodeDelivery,
  encodeDeliveryHead,
  encodeFrame,
  encodeProbe,
  encodeResponse,
} from "../../../common/wire/encode.ts";
import { parseRequest } from "../../../common/wire/requests.ts";
import { parseServerFrame } from "../../../common/wire/server_frames.ts";

Deno.test("a message arrives as it was sent, lone surrogates included", () => {
  for (
    const message of ["hi", 'a"b\\c\n\x00\u2028', "привет 😀", "\ud800", "a\udc00b", "__proto__"]
  ) {
    const { request } = parseRequest(JSON.stringify({ event: "msg", to: "bob", message, id: "7" }));
    assert(request.event === "msg");
    const text = request.messageJson ?? JSON.stringify(request.message);
    const line = encodeDelivery(
      encodeDeliveryHead("event", 5, '"bob"', '"eve"'),
      text,
      request.id,
    );
    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals(parseServerFrame(line.trimEnd()), {
      kind: "message",
      frame: { event: "msg", time: 5, to: "bob", from: "eve", message, id: "7" },
    });
  }
});

Deno.test("encodeResponse writes what JSON.stringify would", () => {
  assertEquals(encodeResponse(200, 5, 'a "b"'), '{"response":200,"time":5,"alert":"a \\"b\\""}\n');
  assertEquals(encodeResponse(400, 5, "x", 1), '{"response":400,"time":5,"error":"x","id":1}\n');
  assertEquals(
    encodeResponse(200, 5, "x", "i", { delivered: 2 }),
    '{"response":200,"time":5,"alert":"x","id":"i","delivered":2}\n',
  );
  assertEquals(
    encodeResponse(200, 5, "x", undefined, {}),
    '{"response":200,"time":5,"alert":"x"}\n',
  );
  assertEquals(encodeProbe("action", 5), '{"action":"probe","time":5}\n');
  assertEquals(encodeFrame({ event: "quit" }), '{"event":"quit"}\n');
});
