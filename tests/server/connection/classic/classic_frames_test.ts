import { assert, assertEquals } from "@std/assert";

import {
  encodeDelivery,
  encodeDeliveryHead,
  encodeFrame,
  encodeProbe,
  encodeResponse,
} from "../../../../common/wire/encode.ts";
import { ClassicFrames } from "../../../../server/connection/classic/classic_frames.ts";
import { ClassicShape } from "../../../../server/connection/classic/classic_shape.ts";

const shape = new ClassicShape();
shape.name = "EVE";
shape.sawMessage("msg", { from: "eve", to: "bob", message: "x" });
const frames = new ClassicFrames(shape);

function object(line: string): unknown {
  const translated = frames.translate(line);
  if (translated === undefined || translated === "too-long") return translated;
  assert(!translated.text.includes("\n"));
  assert(new TextEncoder().encode(translated.text).length <= 1_024);
  return JSON.parse(translated.text);
}

const delivery = (text: string): string =>
  encodeDelivery(encodeDeliveryHead("action", 5, '"eve"', '"bob"'), JSON.stringify(text), "id");

Deno.test("ClassicFrames: a message, with the name as the client spelt it", () => {
  assertEquals(object(delivery('При"вет\n')), {
    action: "msg",
    ...{ time: 5, from: "bob", to: "EVE", message: 'При"вет\n' },
  });
});

Deno.test("ClassicFrames: of what somebody does the text says who does it", () => {
  const head = encodeDeliveryHead("action", 5, '"eve"', '"bob"');
  const line = encodeDelivery(head, '"waves"', "id", undefined, undefined, undefined, "action");
  assertEquals((object(line) as { message: string }).message, "* bob waves");
});

Deno.test("ClassicFrames: a message has at most 1024 bytes as an object", () => {
  const room = 1_024 - JSON.stringify(shape.messageOf(5, "bob", "")).length;
  assertEquals((object(delivery("x".repeat(room))) as { message: string }).message.length, room);
  assertEquals(object(delivery("x".repeat(room + 1))), "too-long");
  assertEquals(object(delivery("ж".repeat(room / 2 + 1))), "too-long");
});

Deno.test("ClassicFrames: answers are 200 or 400", () => {
  for (const code of [200, 201, 202]) {
    const line = encodeResponse(code, 5, "Fine", undefined, { features: ["x"], seq: 7 });
    assertEquals(object(line), { response: 200, time: 5, alert: "Fine" });
  }
  for (const code of [400, 401, 403, 404, 409, 410, 500]) {
    const line = encodeResponse(code, 5, "No", 7);
    assertEquals(object(line), { response: 400, time: 5, error: "No", id: 7 });
  }
});

Deno.test("ClassicFrames: a key that does not fit with the id is 400", () => {
  const bin = "K".repeat(900);
  const answer = (id: string) => object(encodeResponse(511, 5, "", id, { bin }));
  assertEquals(answer("x".repeat(64)), { response: 511, time: 5, bin, id: "x".repeat(64) });
  const { response, id } = answer("\x01".repeat(64)) as Record<string, unknown>;
  assertEquals([response, id], [400, "\x01".repeat(64)]);
});

Deno.test("ClassicFrames: notices and probes are none for classic clients", () => {
  assertEquals(object(encodeProbe("action", 5)), undefined);
  for (const response of [100, 101]) {
    assertEquals(object(encodeFrame({ response, time: 5, alert: "Bye" })), undefined);
  }
});

Deno.test("ClassicFrames: a key is 511", () => {
  const line = encodeResponse(511, 5, "The key", 1, { bin: "-----BEGIN\n" });
  assertEquals(object(line), { response: 511, time: 5, bin: "-----BEGIN\n", id: 1 });
});

Deno.test("ClassicFrames: a list is 202, with as many names as fit", () => {
  const list = (names: readonly string[]) =>
    object(encodeResponse(202, 5, "", 7, { data_list: names })) as Record<string, unknown>;
  assertEquals(list([]), { response: 202, time: 5, id: 7, alert: [], data_list: [], quantity: 0 });
  const few = ["bob", "Ева"];
  assertEquals(list(few), {
    response: 202,
    time: 5,
    id: 7,
    alert: few,
    data_list: few,
    quantity: 2,
  });
  for (const name of ["b", "Иван-который-умел-считать", "eve0123456789"]) {
    const many = Array(500).fill(name);
    const { alert, data_list: listed, quantity } = list(many);
    assertEquals(alert, listed);
    assertEquals((listed as string[]).length, quantity);
    assertEquals(listed, many.slice(0, quantity as number));
    const size = 2 * (new TextEncoder().encode(name).length + 3);
    assert((quantity as number) > (1_024 - 100) / size - 1, `${quantity} of ${size}`);
  }
});
