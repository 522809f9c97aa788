import { TextLineStream } from "@std/streams/text-line-stream";

/** How a {@linkcode NatsServer} is started. */
export interface NatsServerOptions {
  /** More of its command line. */
  args?: string[];
  /** Without it there is no JetStream. @default {true} */
  jetStream?: boolean;
}

/** A nats-server of one's own on a free port of the loopback interface; what it keeps goes with it. */
export class NatsServer implements AsyncDisposable {
  /** `127.0.0.1:PORT`: stays the same when it is started again. */
  readonly address: string;
  /** The folder of what it keeps. */
  readonly store: string;
  readonly #args: string[];
  #process: Deno.ChildProcess | undefined;
  #read: Promise<void> | undefined;

  private constructor(port: number, store: string, args: string[]) {
    this.address = `127.0.0.1:${port}`;
    this.store = store;
    this.#args = ["--addr", "127.0.0.1", "--port", String(port), ...args];
  }

  /** Starts one that is alone. Resolves when it accepts connections. */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const [port] = freePorts(1);
    const server = NatsServer.#of(port!, options);
    await server.restart();
    return server;
  }

  /** Starts three that are a cluster. They may not have a leader yet. */
  static async startThree(options: NatsServerOptions = {}): Promise<NatsCluster> {
    const ports = freePorts(6);
    const routes = ports.slice(3).map((port) => `nats://127.0.0.1:${port}`);
    const servers = routes.map((cluster, index) => {
      const args = ["--name", `n${index}`, "--cluster_name", "tests", "--cluster", cluster];
      const all = [...args, "--routes", routes.join(), ...options.args ?? []];
      return NatsServer.#of(ports[index]!, { ...options, args: all });
    });
    await Promise.all(servers.map((server) => server.restart()));
    return new NatsCluster(servers);
  }

  static #of(port: number, { args = [], jetStream = true }: NatsServerOptions): NatsServer {
    const store = Deno.makeTempDirSync({ prefix: "nats" });
    return new NatsServer(port, store, [
      ...(jetStream ? ["--jetstream", "--store_dir", store] : []),
      ...args,
    ]);
  }

  /** Starts it again on what it has kept. */
  async restart(): Promise<void> {
    const process = new Deno.Command("nats-server", {
      args: this.#args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#process = process;
    const lines = process.stderr.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const said: string[] = [];
    this.#read = (async () => {
      for await (const line of lines) {
        said.push(line);
        if (said.length > 100) said.shift();
        if (line.includes("Server is ready")) resolve();
      }
      reject(new Error(`nats-server has ended:\n${said.join("\n")}`));
    })();
    await promise;
  }

  /** Sends a signal; SIGSTOP and SIGCONT for instance. */
  signal(signal: Deno.Signal): void {
    this.#process!.kill(signal);
  }

  /** Kills it, by default without a word, and waits until it is gone. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    process.kill(signal);
    await process.status;
    await this.#read?.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.store, { recursive: true });
  }
}

/** Three servers. */
export class NatsCluster implements AsyncDisposable {
  /** Them. */
  readonly servers: readonly NatsServer[];

  /** Of these. */
  constructor(servers: readonly NatsServer[]) {
    this.servers = servers;
  }

  /** Where they are. */
  get addresses(): string[] {
    return this.servers.map(({ address }) => address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

/** Ports that nobody listens on, all different. */
function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
