import { withDeadline } from "./raw_client.ts";

/** HAProxy with a configuration, as a process of its own. */
export class Haproxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;

  private constructor(child: Deno.ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param configure Gives the configuration, which may name files in that directory.
   */
  static async start(configure: (directory: string) => Promise<string>): Promise<Haproxy> {
    const directory = await Deno.makeTempDir({ prefix: "jim-haproxy-" });
    const path = `${directory}/haproxy.cfg`;
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    // Checks begin when everything is bound, so the first one, to this listener, says that HAProxy is ready. One that
    // sends nothing would not even complete its handshake.
    const { port } = listener.addr;
    const ready =
      `\nbackend ready\n    server ready 127.0.0.1:${port} send-proxy check inter 50ms\n`;
    await Deno.writeTextFile(path, await configure(directory) + ready);
    const child = new Deno.Command("haproxy", {
      args: ["-db", "-f", path],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const haproxy = new Haproxy(child, directory);
    // A check resets its connection at once, which may be before it is accepted.
    const isReady = listener.accept().then((conn) => conn.close(), () => {});
    const hasEnded = child.status.then(({ code }) => {
      throw new Error(`haproxy ended with status ${code}`);
    });
    hasEnded.catch(() => {});
    try {
      await withDeadline(Promise.race([isReady, hasEnded]), () => "haproxy's first check");
    } catch (error) {
      await haproxy[Symbol.asyncDispose]();
      throw error;
    }
    return haproxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await withDeadline(this.#child.status, () => "the end of haproxy");
    await Deno.remove(this.#directory, { recursive: true });
  }
}
