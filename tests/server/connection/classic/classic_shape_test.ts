import { assertEquals } from "@std/assert";

import { ClassicShape, keyIn } from "../../../../server/connection/classic/classic_shape.ts";

/** A shape of somebody called eve. */
function shapeOf(learn: (shape: ClassicShape) => void = () => {}): ClassicShape {
  const shape = new ClassicShape();
  shape.name = "eve";
  learn(shape);
  return shape;
}

const message = (shape: ClassicShape) => shape.messageOf(5, "bob", "hi");

const TEMPLATE = {
  action: "message",
  time: 5,
  ...{ from: "bob", sender: "bob", to: "eve", destination: "eve" },
  ...{ mess_text: "hi", message_text: "hi" },
};
const WORDY = {
  action: "msg",
  time: 5,
  ...{ from: "bob", sender: "bob", to: "eve", destination: "eve", message: "hi" },
};

Deno.test("ClassicShape: before a client has sent a message its presence tells its kind", () => {
  assertEquals(message(shapeOf()), TEMPLATE);
  for (
    const [fields, user, expected] of [
      [{ time: 1.5 }, {}, TEMPLATE],
      [{}, {}, TEMPLATE],
      [{ time: "Thu Jan  1 00:00:01 1970" }, {}, WORDY],
      [{ time: 1, type: "status" }, {}, WORDY],
      [{ time: 1 }, { status: "" }, WORDY],
    ] as const
  ) {
    assertEquals(message(shapeOf((shape) => shape.sawPresence(fields, user))), expected);
  }
});

Deno.test("ClassicShape: a message looks as the last one that the client sent", () => {
  const shape = shapeOf();
  shape.sawMessage("message", { sender: "eve", destination: "bob", message_text: "x" });
  assertEquals(message(shape), {
    action: "message",
    time: 5,
    ...{ sender: "bob", destination: "eve", message_text: "hi" },
  });
  shape.sawPresence({ type: "status" }, {});
  shape.sawMessage("msg", { receiver: "bob", text: "x" });
  assertEquals(message(shape), {
    action: "msg",
    time: 5,
    ...{ sender: "bob", receiver: "eve", text: "hi" },
  }, "without a sender, the key of before");
  shape.sawMessage("msg", { to: "bob", from: "eve", message: "x", mess_text: "x" });
  assertEquals(message(shape), { action: "msg", time: 5, from: "bob", to: "eve", mess_text: "hi" });
});

Deno.test("keyIn: the first of the keys counts, whatever their order in the object", () => {
  assertEquals(keyIn({ b: 1, a: 0 }, ["a", "b"]), "a");
  assertEquals(keyIn({ b: 1, a: undefined }, ["a", "b"]), "b");
  assertEquals(keyIn({}, ["a"]), undefined);
});
