// "tests/ mirrors the tree": whoever changes a module finds its tests without searching, and whoever renames it
// moves them.
import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** The folders that are mirrored, with all below them: `FOLDER/x.ts` is tested by `tests/FOLDER/x_test.ts`. */
const MIRRORED: readonly string[] = [
  "bench",
  "client",
  "common",
  "logs",
  "server",
];

/** Modules without tests of their own: each with the reason. */
const TESTED_ELSEWHERE: Record<string, string> = {
  "bench/benchmark.ts": "tests/interop/bench_test.ts runs it",
  "bench/cluster/log_bench.ts": "is run by hand",
  "bench/generator.ts": "tests/interop/bench_test.ts runs it",
  "bench/hostile/attacker.ts": "tests/interop/bench_test.ts runs it",
  "bench/hostile/attacks.ts": "tests/interop/bench_test.ts runs each",
  "bench/hostile/hostile.ts": "tests/interop/bench_test.ts runs it",
  "bench/hostile/village.ts": "tests/interop/bench_test.ts watches it",
  "bench/kept/prosody.ts": "tests/interop/bench_test.ts starts it where it is installed",
  "bench/logging_bench.ts": "is run by deno bench",
  "bench/login_bench.ts": "is run by hand",
  "bench/nodes/log_size.ts": "is run by hand",
  "bench/processes.ts": "tests/interop/bench_test.ts runs it",
  "bench/relay.ts": "tests/interop/bench_test.ts runs it",
  "bench/search_bench.ts": "is run by hand",
  "server/cluster/nats/node_survey.ts": "tests/nats/node_seen_test.ts goes through it",
  "bench/servers.ts": "tests/interop/bench_test.ts starts them",
  "bench/soak/classic.ts": "is run by the soak",
  "bench/soak/comeback.ts": "is run by the soak",
  "bench/soak/idle.ts": "is run by hand",
  "bench/soak/soak.ts": "is run by hand",
  "bench/soak/workers.ts": "are run by the soak",
  "bench/startup/startup.ts": "is run by hand",
  "bench/store_bench.ts": "is run by hand",
  "bench/tls/tls_servers.ts": "tests/interop/bench_test.ts starts them",
  "bench/work/entrance.ts": "tests/interop/bench_test.ts runs it",
  "client/chat/begun_line.ts": "chat_test.ts goes through it",
  "client/chat/password_question.ts": "sign_in_test.ts and login_test.ts go through it",
  "client/chat/commands/account.ts": "chat_test.ts gives the commands",
  "client/chat/commands/command.ts": "holds types",
  "client/chat/commands/general.ts": "chat_test.ts gives the commands",
  "client/chat/commands/people.ts": "chat_test.ts gives the commands",
  "client/chat/record.ts": "holds types",
  "client/chat/render_moves.ts": "moves_test.ts shows what has gathered",
  "client/profile/open_profile.ts": "e2e/client_profile_test.ts starts clients with files",
  "client/profile/profile_keys.ts": "holds tables; profile_test.ts goes by them",
  "client/texts/en_settings.ts": "texts_test.ts compares the languages",
  "client/texts/ru_settings.ts": "texts_test.ts compares the languages",
  "client/chat/commands/rooms.ts": "chat_test.ts gives the commands",
  "client/chat/commands/room_settings.ts": "moderation_test.ts gives the command",
  "client/chat/commands/which_room.ts": "moderation_test.ts and chat_test.ts go through it",
  "client/chat/commands/talk.ts": "chat_test.ts gives the commands",
  "client/chat/chat_memory.ts": "holds types",
  "client/chat/chat_state.ts": "e2e/client_state_line_test.ts sees what becomes of it",
  "client/chat/kept_blocks.ts": "past_test.ts and look_back_test.ts go through it",
  "client/chat/link_news.ts": "chat_test.ts and incoming_test.ts go through it",
  "client/chat/prompt.ts": "chat_test.ts looks at the prompt",
  "client/chat/sending.ts": "chat_test.ts and changes_test.ts go through it",
  "client/chat/typed_lines.ts": "chat_test.ts gives the lines",
  "client/chat/ui.ts": "holds types",
  "client/library/errors.ts": "holds classes without behaviour; chat/failures_test.ts words them",
  "client/library/events.ts": "holds types",
  "client/library/incoming.ts":
    "jim_client_test.ts, gap_filler_test.ts and e2e/hostile_server_test.ts go through it",
  "client/library/session_options.ts": "holds types",
  "client/library/options.ts": "holds types",
  "client/library/requests.ts": "room_requests_test.ts and history_requests_test.ts go through it",
  "client/terminal/console.ts": "e2e/client_terminal_test.ts sees it on a terminal",
  "client/terminal/console_ui.ts": "holds types",
  "client/texts/en.ts": "texts_test.ts compares the languages",
  "client/texts/en_rooms.ts": "texts_test.ts compares the languages",
  "client/texts/ru_rooms.ts": "texts_test.ts compares the languages",
  "client/texts/ru.ts": "texts_test.ts compares the languages",
  "common/limits.ts":
    "holds constants; docs/operating_test.ts and the conformance tests check them",
  "common/link.ts": "holds types",
  "common/log.ts": "holds types, and a log that does nothing",
  "common/ready_mark.ts": "holds a constant",
  "common/npm_processes.ts": "tests/interop/follow_npx_test.ts ends each of them",
  "common/task_processes.ts":
    "follow_task_test.ts and tests/interop/follow_npx_test.ts run the task",
  "common/version.ts": "tests/docs/changelog_test.ts compares it",
  "logs/mod.ts": "tests/docs/package_test.ts imports from it",
  "logs/handlers/rotation.ts": "timed_rotating_file_handler_test.ts goes through it, on real files",
  "logs/handlers/settings.ts": "holds types; flags_test.ts checks the defaults",
  "logs/handlers/stderr_handler.ts": "setup_test.ts sees what it writes",
  "logs/handlers/timed_rotating_options.ts": "holds types",
  "server/store/blocked_users.ts":
    "holds types; sqlite_blocked_users_test.ts tests what they promise",
  "server/store/sqlite/user_blocks.ts": "sqlite_blocked_users_test.ts goes through it",
  "server/admin/ask_password.ts":
    "users_test.ts and tests/nats/administration_test.ts go through it",
  "server/admin/local_change.ts":
    "commands_test.ts, invite_test.ts and rooms_test.ts go through it",
  "server/admin/max_cell_width.ts": "holds a constant",
  "server/admin/read_line.ts": "invite_test.ts and commands_test.ts give it texts",
  "server/admin/read_name.ts": "commands_test.ts, rooms_test.ts and audit_test.ts give it names",
  "bench/peers.ts": "tests/interop/bench_test.ts starts them",
  "bench/chaos/chaos.ts": "a script over run.ts",
  "bench/chaos/chaos_client.ts": "tests/nats/chaos_test.ts talks with it",
  "bench/chaos/faults.ts": "tests/nats/chaos_test.ts has some of them come",
  "bench/chaos/link.ts": "tests/nats/chaos_test.ts blocks it",
  "bench/chaos/record.ts": "holds types",
  "bench/chaos/run.ts": "tests/nats/chaos_test.ts runs it",
  "bench/chaos/traffic.ts": "tests/nats/chaos_test.ts has it go on",
  "bench/chaos/world.ts": "tests/nats/chaos_test.ts starts it",
  "bench/nodes/linked_inspircd.ts": "tests/interop/bench_test.ts starts it",
  "bench/nodes/nats_group.ts": "tests/nats/bench_nats_group_test.ts",
  "bench/nodes/node_group.ts": "runs in the scenario nodes",
  "bench/nodes/nodes_scenario.ts": "tests/bench/scenarios_test.ts",
  "bench/nodes/our_nodes.ts": "runs in the scenario nodes",
  "bench/nodes/together.ts": "runs in the scenario nodes",
  "server/cluster/nats/hear_beats.ts":
    "tests/nats/node_seen_test.ts and node_starts_test.ts go through it",
  "server/cluster/nats/nats_administration.ts": "tests/nats/administration_test.ts goes through it",
  "server/cluster/nats/nats_cluster.ts": "tests/nats: nodes that are processes",
  "client/library/node_address.ts":
    "holds types; nodes_dialer_test.ts and several_nodes_test.ts use them",
  "bench/chaos/names.ts": "tests/nats/chaos_test.ts goes through it",
  "bench/chaos/violation.ts": "holds types",
  "server/cluster/handover_words.ts": "handover_test.ts goes through it",
  "server/cluster/shapes.ts": "presence_words_test.ts and handover_test.ts go through it",
  "server/cluster/handovers.ts": "handover_test.ts and handover_model_test.ts have sessions move",
  "server/delivery/read_on.ts": "handover_model_test.ts goes through it",
  "server/people/handover.ts": "handover_test.ts goes through it",
  "server/rooms/roster_news.ts": "handover_test.ts goes through it",
  "server/cluster/follower.ts": "holds types; people_follower_test.ts tests what they promise",
  "server/cluster/room_deed.ts": "holds types; decide_test.ts decides on it",
  "server/assembly.ts": "router_test.ts and connection/session_test.ts use what it puts together",
  "server/cluster/nats/appender.ts":
    "tests/nats/nats_log_test.ts goes through it, on a real server",
  "server/cluster/nats/client_types.ts": "holds types",
  "server/cluster/nats/feed.ts": "tests/nats/feed_test.ts tests it, on a real server",
  "server/cluster/nats/nats_bus.ts": "tests/nats/nats_bus_test.ts tests it, on a real server",
  "server/cluster/nats/nats_connection.ts": "tests/nats/nats_connection_test.ts tests it",
  "server/cluster/nats/nats_log.ts": "tests/nats/nats_log_test.ts tests it, on a real server",
  "server/cluster/nats/next_message.ts": "tests/nats/nats_log_test.ts goes through it",
  "server/cluster/nats/node_table.ts": "tests/nats/nats_bus_test.ts goes through it",
  "server/cluster/nats/patience.ts": "tests/nats/nats_log_test.ts goes through it",
  "server/cluster/nats/revised_table.ts": "tests/nats/nats_names_test.ts goes through it",
  "server/cluster/nats/talk.ts": "tests/nats/nats_bus_test.ts goes through it",
  "server/connection/classic/classic_side.ts": "conformance/10_classic_test.ts goes through it",
  "server/connection/accept.ts": "chat_server_test.ts and e2e/metrics_test.ts have accepting fail",
  "server/connection/link_outlet.ts": "session_test.ts goes through it",
  "server/connection/plumbing.ts": "holds what sessions share; session_test.ts uses it",
  "server/connection/proxy_protocol/proxied_conn.ts": "proxy_intake_test.ts makes and reads some",
  "server/connection/request_source.ts":
    "session_test.ts and conformance/10_classic_test.ts go through it",
  "server/connection/waiting.ts":
    "authenticate_takeover_test.ts and authenticate_wait_test.ts wait",
  "server/store/file_check_worker.ts": "file_check_test.ts goes through it",
  "server/store/admin_acts.ts": "holds types",
  "server/store/sqlite/account_acts.ts":
    "user_admin_test.ts, admin/commands_test.ts and cluster/replicas_test.ts go through it",
  "server/store/sqlite/room_orders.ts":
    "room_admin_test.ts and cluster/replicas_test.ts go through it",
  "server/cluster/bus.ts": "holds types",
  "server/cluster/cluster.ts": "holds types",
  "server/cluster/cluster_messages.ts": "cluster_store_test.ts and replicas_test.ts go through it",
  "server/cluster/cluster_resume.ts": "replicas_test.ts goes through it",
  "server/cluster/cluster_rooms.ts": "replicas_test.ts and log_retention_test.ts go through it",
  "server/cluster/erasures.ts": "log_keeper_test.ts and replicas_test.ts go through it",
  "server/cluster/execute.ts": "replicas_test.ts does all kinds of deeds",
  "server/cluster/name_table.ts": "holds types",
  "server/cluster/nodes.ts": "holds types, and nodes of which there are none",
  "server/cluster/operation.ts": "holds types, and how long what has to stay",
  "server/cluster/operation_log.ts": "holds types",
  "server/store/replica_store.ts": "holds types; replicas_test.ts tests what they promise",
  "server/store/sqlite/replica_reads.ts": "replicas_test.ts goes through it",
  "server/store/sqlite/replica_writes.ts": "replicas_test.ts goes through it",
  "server/context.ts": "holds types",
  "server/delivery/delivery.ts": "holds types; local_test.ts tests what they promise",
  "server/events/handler.ts": "holds types",
  "server/features.ts": "holds a list; conformance/5_resume_test.ts sees it on the wire",
  "server/people/outlet.ts": "holds types",
  "server/store/schema_error.ts": "holds a class without behaviour; sqlite_errors_test.ts words it",
  "server/store/resume_store.ts": "holds types; sqlite_resume_test.ts tests what they promise",
  "server/store/room_store.ts": "holds types; sqlite_rooms_test.ts tests what they promise",
  "server/store/sqlite/account_changes.ts": "sqlite_test.ts goes through it",
  "server/store/sqlite/accounts.ts": "sqlite_test.ts goes through it",
  "server/events/search.ts": "conformance/6_search_test.ts asks for all of it",
  "server/store/archive/search.ts":
    "service_test.ts and conformance/6_search_test.ts go through it",
  "server/store/archive/worker.ts": "thread_test.ts goes through it",
  "server/store/sqlite/retention.ts": "messages_test.ts goes through it",
  "server/store/sqlite/room_changes.ts": "room_admin_test.ts goes through it",
  "server/store/sqlite/room_invitations.ts": "room_table_test.ts goes through it",
  "server/store/sqlite/room_members.ts": "conversations_test.ts goes through it",
  "server/store/sqlite/room_roles.ts": "room_table_test.ts goes through it",
  "server/store/sqlite/room_sanctions.ts": "room_table_test.ts goes through it",
  "server/store/sqlite/room_standing.ts": "room_lists_test.ts goes through it",
  "server/store/sqlite/room_writes.ts": "room_table_test.ts goes through it",
  "server/events/changes.ts": "conformance/6_changes_test.ts asks for all of it",
  "server/events/come_back.ts": "conformance/5_resume_test.ts comes back in every way",
  "server/events/logins.ts": "authenticate_test.ts goes through it",
  "server/rooms/acts.ts": "moderation_test.ts goes through each row",
  "server/store/messages.ts": "holds types",
  "server/store/sqlite/correspondents.ts": "sqlite_test.ts goes through it",
  "server/store/sqlite/letter_sizes.ts": "message_changes_test.ts goes through it",
  "server/store/sqlite/mailboxes.ts": "sqlite_test.ts goes through it",
  "server/store/sqlite/message_texts.ts": "message_changes_test.ts goes through it",
  "server/store/sqlite/names.ts": "sqlite_test.ts goes through it",
  "server/store/sqlite/trusted_networks.ts": "sqlite_test.ts goes through it",
  "server/store/sqlite/tokens.ts": "sqlite_resume_test.ts goes through it",
  "server/store/store.ts": "holds types",
  "server/cluster/remote_people.ts": "mirror_test.ts and held_names_test.ts go through it",
  "server/people/remote_user.ts": "cluster/mirror_test.ts looks at them",
};

/** Tests that are named after no module: each with the reason. */
const WIDER_TESTS: Record<string, string> = {
  "tests/client/chat/people_life_test.ts":
    "what people do and say of themselves, on the real server",
  "tests/client/chat/room_life_test.ts": "running a room, on the real server",
  "tests/client/library/missed_messages_test.ts": "gap_filler.ts over random schedules",
  "tests/client/library/cut_links_test.ts": "session.ts over links that break at any byte",
  "tests/client/library/real_server_test.ts": "the library over what the real server keeps",
  "tests/client/library/session_resume_test.ts": "session.ts and incoming.ts with a server's words",
  "tests/logs/cpython_comparison_test.ts": "compares rotation as a whole with CPython's",
  "tests/server/delivery/local_late_test.ts": "local.ts with a keeper that hands over late",
  "tests/server/delivery/room_delivery_late_test.ts":
    "room_delivery.ts with a keeper that hands over late",
  "tests/server/rooms/moderation_random_test.ts": "moderation.ts by people who act at random",
  "tests/client/library/several_nodes_test.ts": "clients of a server of several nodes",
  "tests/server/cluster/handover_model_test.ts": "sessions that move by random schedules",
  "tests/server/cluster/handover_test.ts": "sessions that go from node to node",
  "tests/server/cluster/shutdown_test.ts": "a node whose users go on elsewhere",
  "tests/server/cluster/mirror_model_test.ts": "mirror.ts over random schedules",
  "tests/server/cluster/replicas_test.ts": "nodes that are asked for everything at random",
  "tests/server/connection/session_order_test.ts": "session.ts over random schedules",
  "tests/server/connection/session_resume_test.ts": "lost connections over random schedules",
  "tests/server/events/authenticate_crowd_test.ts": "authenticate.ts while strangers guess",
  "tests/server/events/authenticate_takeover_test.ts":
    "authenticate.ts: logins to an account that is online",
  "tests/server/events/authenticate_wait_test.ts": "authenticate.ts: logins that have to wait",
  "tests/server/store/sqlite_fault_test.ts": "sqlite.ts when something fails",
  "tests/server/store/sqlite_full_test.ts": "sqlite.ts at the size that is allowed",
  "tests/server/store/sqlite_log_test.ts": "sqlite.ts: what it logs",
  "tests/server/store/sqlite_search_test.ts": "sqlite.ts: searches, and what becomes of the index",
  "tests/server/store/sqlite_shares_test.ts": "sqlite.ts: shares of mailboxes",
  "tests/server/proxy_protocol_test.ts": "a server behind proxies",
  "tests/server/tls_test.ts": "a whole server, over TLS",
};

/** The files below a folder with that end of the name. */
function* files(folder: string, end: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* files(path, end);
    else if (name.endsWith(end)) yield path;
  }
}

const modules = new Set(MIRRORED.flatMap((folder) => [...files(folder, ".ts")]));
const tests = new Set(MIRRORED.flatMap((folder) => [...files(`tests/${folder}`, "_test.ts")]));
const testOf = (module: string): string => `tests/${module.replace(/\.ts$/, "_test.ts")}`;
const moduleOf = (test: string): string =>
  test.replace(/^tests\//, "").replace(/_test\.ts$/, ".ts");

Deno.test("every module has its tests at the same place in tests/", () => {
  const without = [...modules].filter((module) =>
    !tests.has(testOf(module)) && !(module in TESTED_ELSEWHERE)
  );
  assertEquals(without, []);
});

Deno.test("every test has its module", () => {
  const without = [...tests].filter((test) =>
    !modules.has(moduleOf(test)) && !(test in WIDER_TESTS)
  );
  assertEquals(without, []);
});

Deno.test("there are no more exceptions than needed", () => {
  const stale = [
    ...Object.keys(TESTED_ELSEWHERE).filter((module) =>
      !modules.has(module) || tests.has(testOf(module))
    ),
    ...Object.keys(WIDER_TESTS).filter((test) => !tests.has(test) || modules.has(moduleOf(test))),
  ];
  assertEquals(stale, []);
});
