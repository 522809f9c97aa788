import { assertEquals } from "@std/assert";

import { ClientProcess } from "../support/client_process.ts";
import { ServerProcess } from "../support/server_process.ts";
import { PythonClient } from "./python_client.ts";

const EXAMPLE = "../../examples/classic_client.py";

Deno.test("the example in Python chats with a console client", async () => {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  await using bob = new ClientProcess([hostname, `${port}`, "--name", "Боб"]);
  await bob.says("You are Боб");
  await using eve = new PythonClient(EXAMPLE, ["Ева", hostname, `${port}`]);
  await eve.writes("Боб привет, это {питон}\nzoe is nobody\n");
  await bob.says("Ева: привет, это {питон}");
  await bob.write("message Ева и тебе привет\n");
  await eve.printsLines(2);
  await eve.types([]);
  assertEquals(await eve.ended(), {
    code: 0,
    stderr: "",
    lines: ["Refused: No user of that name has ever been here", "Боб: и тебе привет"],
  });
});

Deno.test("two examples chat with each other, and a name that is taken is refused", async () => {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  await using eve = new PythonClient(EXAMPLE, ["Ева", hostname, `${port}`]);
  await eve.writes("Ева это я\n");
  await eve.printsLines(1);
  await using other = new PythonClient(EXAMPLE, ["ЕВА", hostname, `${port}`]);
  await other.printsLines(1);
  await other.types([]);
  assertEquals((await other.ended()).lines, [
    "Refused: This name is online from another connection; choose another one",
  ]);
  await using bob = new PythonClient(EXAMPLE, ["Боб", hostname, `${port}`]);
  await bob.writes("Ева привет\n");
  await eve.printsLines(2);
  await eve.writes("Боб привет и тебе\n");
  await bob.printsLines(1);
  await Promise.all([eve.types([]), bob.types([])]);
  assertEquals((await eve.ended()).lines, ["Ева: это я", "Боб: привет"]);
  assertEquals((await bob.ended()).lines, ["Ева: привет и тебе"]);
});
