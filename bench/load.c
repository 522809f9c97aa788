/*
 * The load generator: many connections, one thread, one epoll loop.
 *
 * A compiled helper, because on a machine of few cores every cycle that the generator takes is
 * missing on the server's side, and because a generator that is slower than a server measures
 * itself. It speaks five protocols over the same loop, so what differs between two runs is the
 * server alone.
 *
 * Usage: load SCENARIO [--option VALUE]...; `load --help` lists them. One JSON object is printed on
 * standard output; what goes wrong is one line on standard error and exit status 1.
 *
 * What it guarantees about a figure that it prints:
 *   1. Every message counted has reached its addressee, whole and in order: the text carries a
 *      sequence number that is checked; a lost, doubled or reordered message ends the run.
 *   2. After the clock stops, everything in flight still has to arrive, acknowledgements too (for
 *      protocols that acknowledge), else the run fails.
 *   3. A sender has never more than --window messages that its addressee has not received. (Probes
 *      are sent on time, answered or not: a slow server is not asked less.)
 *   4. Latency is from just before write(2) of the message to the return of the read(2) that
 *      brought it, so waiting in the generator's own epoll queue counts against the server: the
 *      figure errs on the slow side, alike for all.
 *   5. With --kept 1 every acknowledgement says that the message is kept: our server's has a `seq`;
 *      XMPP's, where the archive is on, comes behind the writing (see below), and the room's copy
 *      that is sent back to its author carries the archive's `stanza-id`. With --kept 0 none does.
 *   6. With several ports, which are nodes of one server, a pair speaks across two of them and the
 *      members of a room are on all. Where a server tells its nodes only later who has come (IRC),
 *      the clock starts when the senders' node knows their addressees.
 *   7. With --tls 1 each connection makes a handshake of its own, none resumes another's. What
 *      encrypting takes is the generator's, too, and in every latency. It is built in with
 *      -DWITH_TLS -lssl only, so that the rest needs no OpenSSL.
 *   8. A member that --stalled adds has stalled: the server has refused a message to it (410). One
 *      that --floods adds is served, and has more to say whenever the server takes more.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { READ_SIZE = 256 * 1024, EVENTS = 1024, NAME_SIZE = 24, SEQUENCE_DIGITS = 10 };
enum { MOST_NODES = 8, MOST_PROCESSES = 16 };
enum { FLOOD_SIZE = 64 * 1024, UNANSWERED_PROBES = 1024, UNANSWERED = 64 };

static const char PROBE[] = "{\"event\":\"probe\"}\n";
enum { PROBE_SIZE = sizeof PROBE - 1 };

static void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- latency histogram: 1/64 relative resolution, 1 ns to 18 minutes ------------------------- */

enum { SUB_BITS = 6, SUB = 1 << SUB_BITS, BUCKETS = 40 * SUB };

typedef struct {
  uint64_t count[BUCKETS], total;
} Histogram;

static void histogram_add(Histogram *h, uint64_t ns) {
  unsigned bucket = (unsigned)ns;
  if (ns >= SUB) {
    unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - SUB_BITS;
    bucket = (shift + 1) * SUB + (unsigned)((ns >> shift) - SUB);
    if (bucket >= BUCKETS) bucket = BUCKETS - 1;
  }
  h->count[bucket]++;
  h->total++;
}

/* The upper edge of the bucket in which the quantile lies, in microseconds. */
static double histogram_quantile(const Histogram *h, double q) {
  uint64_t wanted = (uint64_t)(q * (double)h->total), seen = 0;
  for (unsigned i = 0; i < BUCKETS; i++) {
    seen += h->count[i];
    if (seen > wanted || (seen == h->total && seen > 0)) {
      if (i < SUB) return (double)(i + 1) / 1000.0;
      unsigned shift = i / SUB - 1;
      return (double)((uint64_t)(i % SUB + SUB + 1) << shift) / 1000.0;
    }
  }
  return 0;
}

/* ---- options --------------------------------------------------------------------------------- */

typedef enum { JIM, IRC, NATS, RELAY, XMPP } Protocol;
typedef enum { PAIRS, FANOUT, LOGIN, IDLE, PROBES, STORM } Scenario;

static struct {
  Scenario scenario;
  Protocol protocol;
  const char *host, *prefix, *password;
  long ports[MOST_NODES], pids[MOST_PROCESSES], nodes, processes;
  long pairs, window, members, stalled, count, floods, concurrency, size, answers;
  long rooms, kept, patience, tls;
  double warmup, seconds, settle, interval;
} option = { .host = "127.0.0.1", .prefix = "", .pairs = 50, .window = 1, .members = 1000,
             .count = 1000, .concurrency = 64, .size = 64, .warmup = 0.5, .seconds = 2,
             .settle = 1, .interval = 0.1, .kept = -1, .patience = 10 };

static const char HELP[] =
  "usage: load pairs|fanout|login|storm|idle|probes --protocol jim|irc|nats|relay|xmpp\n"
  "            --port N[,N]... [OPTION]...\n"
  "  --port N[,N]...    the server, or its nodes, eight at most; pairs: the first is for senders, the\n"
  "                     last for addressees; else connections take them in turn\n"
  "  --host ADDRESS     IPv4 address of the server (127.0.0.1)\n"
  "  --prefix TEXT      begins every name used (none)\n"
  "  --pairs N          pairs: senders, each with an addressee of its own (50)\n"
  "  --rooms 0|1        pairs: each pair speaks in a room of its own (0)\n"
  "  --password TEXT    jim: names are accounts with this password, messages have ids, and everybody\n"
  "                     says quit; xmpp always logs in (none)\n"
  "  --kept 0|1         pairs: whether each answer has to say that its message is kept (either)\n"
  "  --window N         pairs, fanout: messages in flight per sender (1)\n"
  "  --members N        fanout: members of the room besides the sender (1000)\n"
  "  --stalled N        fanout: further members, that read nothing once they have joined (0)\n"
  "  --count N          idle: connections to hold until standard input ends (1000)\n"
  "                     storm: connections that log in at once\n"
  "                     probes: connections that send probes\n"
  "  --interval S       probes: seconds between the probes of a connection (0.1)\n"
  "  --floods N         probes: further connections, that send as many as the server takes (0)\n"
  "  --concurrency N    connections that log in at the same time (64)\n"
  "  --size N           bytes of a message's text (64)\n"
  "  --warmup S         seconds before the clock starts (0.5)\n"
  "  --seconds S        seconds measured (2)\n"
  "  --patience S       seconds for what is in flight in the end to arrive (10)\n"
  "  --answers 0|1      whether each message is answered, and all answers have to come (0); irc: asks\n"
  "                     for the capability echo-message, and the message that comes back is the answer\n"
  "  --settle S         idle: seconds between the last login and the reading of memory (1)\n"
  "  --tls 0|1          whether to speak over TLS, without looking at the certificate (0)\n"
  "  --pid PID[,PID]... the server's processes, for their CPU time and memory, 16 at most (none)\n";

static long number_option(const char *name, const char *text, long low, long high) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*end || end == text || value < low || value > high)
    fail("%s must be a whole number from %ld to %ld, received '%s'", name, low, high, text);
  return value;
}

/* Numbers with commas between; how many. */
static long numbers_option(const char *name, const char *text, long high, long *numbers, long most) {
  char part[24];
  for (long count = 0;;) {
    size_t size = strcspn(text, ",");
    if (count == most) fail("%s takes at most %ld numbers", name, most);
    snprintf(part, sizeof part, "%.*s", (int)size, text);
    numbers[count++] = number_option(name, part, 1, high);
    if (!text[size]) return count;
    text += size + 1;
  }
}

static double seconds_option(const char *name, const char *text) {
  char *end;
  double value = strtod(text, &end);
  if (*end || end == text || !(value >= 0 && value <= 3600))
    fail("%s must be a number of seconds from 0 to 3600, received '%s'", name, text);
  return value;
}

static int choice(const char *what, const char *text, const char *const *names, int count) {
  for (int i = 0; i < count; i++)
    if (!strcmp(text, names[i])) return i;
  fail("unknown %s '%s'; see load --help", what, text);
  return -1;
}

static void parse_options(int argc, char **argv) {
  static const char *const scenarios[] = { "pairs", "fanout", "login", "idle", "probes", "storm" };
  static const char *const protocols[] = { "jim", "irc", "nats", "relay", "xmpp" };
  if (argc < 2 || !strcmp(argv[1], "--help")) {
    fputs(HELP, argc < 2 ? stderr : stdout);
    exit(argc < 2 ? 2 : 0);
  }
  option.scenario = (Scenario)choice("scenario", argv[1], scenarios, 6);
  for (int i = 2; i < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (!value) fail("%s needs a value", name);
    if (!strcmp(name, "--protocol"))
      option.protocol = (Protocol)choice("protocol", value, protocols, 5);
    else if (!strcmp(name, "--host")) option.host = value;
    else if (!strcmp(name, "--prefix")) option.prefix = value;
    else if (!strcmp(name, "--port"))
      option.nodes = numbers_option(name, value, 65535, option.ports, MOST_NODES);
    else if (!strcmp(name, "--pairs")) option.pairs = number_option(name, value, 1, 50000);
    else if (!strcmp(name, "--rooms")) option.rooms = number_option(name, value, 0, 1);
    else if (!strcmp(name, "--kept")) option.kept = number_option(name, value, 0, 1);
    else if (!strcmp(name, "--tls")) option.tls = number_option(name, value, 0, 1);
    else if (!strcmp(name, "--patience")) option.patience = number_option(name, value, 1, 3600);
    else if (!strcmp(name, "--password")) option.password = value;
    else if (!strcmp(name, "--window")) option.window = number_option(name, value, 1, 4096);
    else if (!strcmp(name, "--members")) option.members = number_option(name, value, 1, 50000);
    else if (!strcmp(name, "--stalled")) option.stalled = number_option(name, value, 0, 1000);
    else if (!strcmp(name, "--floods")) option.floods = number_option(name, value, 0, 1000);
    else if (!strcmp(name, "--count")) option.count = number_option(name, value, 0, 100000);
    else if (!strcmp(name, "--concurrency"))
      option.concurrency = number_option(name, value, 1, 4096);
    else if (!strcmp(name, "--size")) option.size = number_option(name, value, 16, 400);
    else if (!strcmp(name, "--answers")) option.answers = number_option(name, value, 0, 1);
    else if (!strcmp(name, "--pid"))
      option.processes = numbers_option(name, value, INT32_MAX, option.pids, MOST_PROCESSES);
    else if (!strcmp(name, "--warmup")) option.warmup = seconds_option(name, value);
    else if (!strcmp(name, "--seconds")) option.seconds = seconds_option(name, value);
    else if (!strcmp(name, "--settle")) option.settle = seconds_option(name, value);
    else if (!strcmp(name, "--interval")) option.interval = seconds_option(name, value);
    else fail("unknown option '%s'; see load --help", name);
  }
  if (!option.nodes) fail("--port is missing");
  if (strlen(option.prefix) > 6) fail("--prefix has at most 6 characters");
  if (option.protocol == RELAY && (option.scenario == FANOUT || option.rooms))
    fail("the relay has no rooms");
  if (option.password && option.protocol != JIM) fail("--password needs the protocol jim");
  if (option.password && (strlen(option.password) > 128 || strpbrk(option.password, "\"\\")))
    fail("--password has at most 128 characters, none of them \" or \\");
  if (option.tls && (option.stalled || option.floods)) fail("--tls has nobody who misbehaves");
  if (option.protocol == XMPP && option.scenario != PAIRS) fail("xmpp has pairs only");
  if (option.protocol != JIM && option.stalled) fail("--stalled needs the protocol jim");
  if (option.protocol != JIM && option.scenario == PROBES) fail("probes need the protocol jim");
  if (option.scenario == PROBES && (!option.count || option.interval <= 0))
    fail("probes need a --count and an --interval of more than 0");
}

/* ---- connections ----------------------------------------------------------------------------- */

typedef enum { CONNECTING, SHAKING_HANDS, LOGGING_IN, JOINING, MEETING, READY, LEAVING } State;

typedef struct Connection Connection;
struct Connection {
  int fd;
#ifdef WITH_TLS
  SSL *ssl;
#endif
  State state;
  long node;             /* which of the ports */
  bool wants_write;
  bool stalls, floods;   /* see --stalled, --floods */
  Connection *partner;   /* of a pair's addressee: the sender, who may send on when we receive */
  const char *addressee; /* of a pair's sender */
  bool payload_follows;  /* nats: the next line is the text of a message */
  bool is_authenticated; /* xmpp */
  char name[NAME_SIZE], room[NAME_SIZE];
  uint64_t sent, received, acknowledged;
  uint64_t *asked_at;    /* of what is not acknowledged, by sequence number modulo asked_size */
  size_t asked_size;     /* a power of two */
  uint64_t *sent_at;     /* of what is in flight, by sequence number modulo window */
  char *frame;           /* what this sender sends; only the digits change */
  size_t frame_size, digits_at, id_digits_at; /* 0: there is no id */
  char *in, *out;        /* a part of a line; bytes that the kernel did not take yet */
  size_t in_size, out_size;
};

static int poller;
static struct sockaddr_in address;
static char *scratch, *batch;
static size_t batch_size;

static Histogram latency, acknowledgement;
static bool measuring, sending;
static uint64_t storm_from;
static uint64_t delivered, logins;
static Connection *fan_sender;
static uint32_t *fan_left; /* members that still miss a message, by sequence number */
static bool filling, refused; /* messages are sent until one is refused */
static uint64_t flooded; /* answers to those that flood, while measuring */
static uint64_t run_started; /* nanoseconds since 1970 */
static uint64_t probes_from = UINT64_MAX; /* probes sent since then count, whenever answered */

static void make_name(Connection *c, char kind, long number) {
  snprintf(c->name, NAME_SIZE, "%s%c%ld", option.prefix, kind, number);
}

static void watch(Connection *c, uint32_t events, int how) {
  struct epoll_event event = { .events = events, .data.ptr = c };
  if (epoll_ctl(poller, how, c->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void connect_start(Connection *c) {
  static uint32_t source;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0)
    fail("cannot open another connection: %s; raise the limit with `ulimit -n 20000`",
         strerror(errno));
  int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (option.scenario == LOGIN && !strncmp(option.host, "127.", 4)) {
    /* Ports of closed connections rest for a minute: many source addresses have enough of them. */
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in from = { .sin_family = AF_INET };
    from.sin_addr.s_addr = htonl(0x7f010001u + source++ % 250u);
    if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0) fail("bind: %s", strerror(errno));
  }
  int little = 4096; /* the kernel takes less for us: the server has to keep more, sooner */
  if (c->stalls) setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  c->state = CONNECTING;
  address.sin_port = htons((uint16_t)option.ports[c->node]);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
    fail("cannot connect to %s:%ld: %s", option.host, option.ports[c->node], strerror(errno));
  watch(c, EPOLLOUT, EPOLL_CTL_ADD);
}

#ifdef WITH_TLS
static SSL_CTX *tls;

/* What OpenSSL could not do, as send(2) and read(2) tell it. */
static ssize_t tls_failed(Connection *c, int result) {
  int error = SSL_get_error(c->ssl, result);
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) errno = EAGAIN;
  else if (error != SSL_ERROR_SYSCALL) errno = EPROTO;
  ERR_clear_error();
  return -1;
}

/* Goes on with the handshake; whether it is done. */
static bool tls_connect(Connection *c) {
  if (!c->ssl) {
    c->ssl = SSL_new(tls);
    if (!c->ssl || !SSL_set_fd(c->ssl, c->fd)) fail("%s: no TLS", c->name);
  }
  int result = SSL_connect(c->ssl);
  if (result == 1) return true;
  if (tls_failed(c, result) >= 0 || errno != EAGAIN) fail("%s: no TLS handshake", c->name);
  return false;
}

static void tls_start(void) {
  tls = SSL_CTX_new(TLS_client_method());
  if (!tls) fail("cannot use OpenSSL");
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
}
#endif

/* send(2) and read(2), over TLS if that is asked for. A read takes a whole record, so nothing that
   epoll does not know of is left behind: READ_SIZE is more than twice as much. */
static ssize_t put(Connection *c, const char *bytes, size_t size) {
#ifdef WITH_TLS
  if (option.tls) {
    int n = SSL_write(c->ssl, bytes, (int)size);
    return n > 0 ? n : tls_failed(c, n);
  }
#endif
  return send(c->fd, bytes, size, MSG_NOSIGNAL);
}

static ssize_t get(Connection *c, char *bytes, size_t size) {
#ifdef WITH_TLS
  if (option.tls) {
    int n = SSL_read(c->ssl, bytes, (int)size);
    return n > 0 ? n : tls_failed(c, n);
  }
#endif
  return read(c->fd, bytes, size);
}

static void hang_up(Connection *c) {
#ifdef WITH_TLS
  SSL_free(c->ssl);
  c->ssl = NULL;
#endif
  close(c->fd);
}

static void send_bytes(Connection *c, const char *bytes, size_t size) {
  if (!c->out_size) {
    ssize_t n = put(c, bytes, size);
    if (n < 0 && errno != EAGAIN) fail("%s: the server is gone: %s", c->name, strerror(errno));
    if (n < 0) n = 0;
    if ((size_t)n == size) return;
    bytes += n;
    size -= (size_t)n;
  }
  c->out = realloc(c->out, c->out_size + size);
  memcpy(c->out + c->out_size, bytes, size);
  c->out_size += size;
  if (!c->wants_write) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  c->wants_write = true;
}

static void flush_pending(Connection *c) {
  ssize_t n = put(c, c->out, c->out_size);
  if (n < 0 && errno != EAGAIN) fail("%s: the server is gone: %s", c->name, strerror(errno));
  if (n <= 0) return;
  c->out_size -= (size_t)n;
  memmove(c->out, c->out + n, c->out_size);
  if (c->out_size) return;
  c->wants_write = false;
  watch(c, EPOLLIN, EPOLL_CTL_MOD);
}

/* ---- the protocols --------------------------------------------------------------------------- */

typedef enum { OTHER, ONLINE, JOINED, MET, UNMET, MESSAGE, ACKNOWLEDGED, REFUSED, PING } Kind;

static void xmpp_open(Connection *c);
static void xmpp_join(Connection *c);
static int xmpp_message(char *frame, size_t size, const char *to, const char *text);

static void send_login(Connection *c) {
  char text[512];
  int n = 0;
  switch (option.protocol) {
    case JIM:
      if (option.password) {
        n = snprintf(text, sizeof text, "{\"event\":\"authenticate\",\"takeover\":true,\"user\":"
                     "{\"account_name\":\"%s\",\"password\":\"%s\"}}\n", c->name, option.password);
        break;
      }
      n = snprintf(text, sizeof text, "{\"event\":\"presence\",\"time\":%ld,\"type\":\"status\","
                   "\"user\":{\"account_name\":\"%s\",\"status\":\"here\"}}\n",
                   (long)time(NULL), c->name);
      break;
    case IRC:
      n = snprintf(text, sizeof text, "%sNICK %s\r\nUSER %s 0 * :%s\r\n%s",
                   option.answers ? "CAP REQ :echo-message\r\n" : "", c->name, c->name, c->name,
                   option.answers ? "CAP END\r\n" : "");
      break;
    case NATS:
      n = snprintf(text, sizeof text, "CONNECT {\"verbose\":false,\"pedantic\":false,"
                   "\"lang\":\"c\",\"version\":\"1\",\"protocol\":1,\"echo\":false}\r\n"
                   "SUB %s 1\r\nPING\r\n", c->name);
      break;
    case RELAY: /* both of a pair name it by the same number: a7 and b7 */
      n = snprintf(text, sizeof text, "%s\n", c->name + strlen(option.prefix) + 1);
      break;
    case XMPP: return xmpp_open(c);
  }
  send_bytes(c, text, (size_t)n);
}

/* Names the room that a connection enters. */
static void make_room(Connection *c, long number) {
  const char *mark = option.protocol == JIM || option.protocol == IRC ? "#" : "";
  snprintf(c->room, NAME_SIZE, "%s%sr%ld", mark, option.prefix, number);
}

static void send_join(Connection *c) {
  char text[128];
  int n = 0;
  if (option.protocol == JIM)
    n = snprintf(text, sizeof text, "{\"event\":\"join\",\"room\":\"%s\"}\n", c->room);
  else if (option.protocol == IRC)
    n = snprintf(text, sizeof text, "JOIN %s\r\n", c->room);
  else if (option.protocol == NATS)
    n = snprintf(text, sizeof text, "SUB %s 2\r\nPING\r\n", c->room);
  else
    return xmpp_join(c);
  send_bytes(c, text, (size_t)n);
}

/* The id of a message as an account's client sends it: text, and never the same twice, so not in
   the next run either. It ends in the sequence number. */
static const char *make_id(char *id) {
  sprintf(id, ",\"id\":\"%016llx-%0*d\"", (unsigned long long)run_started, SEQUENCE_DIGITS, 0);
  return id;
}

/* Makes the frame that a sender sends again and again; only its sequence number changes, and that of
   its id if it has one. */
static void make_frame(Connection *c, const char *to) {
  char text[512], frame[1024], id[64];
  int n = 0;
  memset(text, 'x', (size_t)option.size);
  memset(text, '0', SEQUENCE_DIGITS);
  text[SEQUENCE_DIGITS] = ' ';
  text[option.size] = 0;
  switch (option.protocol) {
    case JIM:
      n = snprintf(frame, sizeof frame, "{\"event\":\"msg\",\"time\":%ld,\"to\":\"%s\","
                   "\"from\":\"%s\",\"message\":\"%s\"%s}\n", (long)time(NULL), to, c->name, text,
                   option.password ? make_id(id) : "");
      break;
    case IRC: n = snprintf(frame, sizeof frame, "PRIVMSG %s :%s\r\n", to, text); break;
    case NATS:
      n = snprintf(frame, sizeof frame, "PUB %s %ld\r\n%s\r\n", to, option.size, text);
      break;
    case RELAY: n = snprintf(frame, sizeof frame, "%s\n", text); break;
    case XMPP: n = xmpp_message(frame, sizeof frame, to, text); break;
  }
  c->frame = strdup(frame);
  c->frame_size = (size_t)n;
  c->digits_at = (size_t)(strstr(frame, text) - frame);
  if (option.protocol == JIM && option.password)
    c->id_digits_at = (size_t)n - strlen("\"}\n") - SEQUENCE_DIGITS;
  c->sent_at = calloc((size_t)option.window, sizeof *c->sent_at);
}

static bool starts(const char *line, size_t size, const char *with) {
  size_t n = strlen(with);
  return size >= n && !memcmp(line, with, n);
}

/* An acknowledgement says whether the message is kept. */
static Kind check_kept(const char *line, size_t size, const char *mark) {
  if (option.kept < 0) return ACKNOWLEDGED;
  if ((memmem(line, size, mark, strlen(mark)) != NULL) == option.kept) return ACKNOWLEDGED;
  fail("a message was %s: %.*s", option.kept ? "not kept" : "kept", (int)(size < 200 ? size : 200), line);
  return OTHER;
}

static Kind classify_jim(const Connection *c, const char *line, size_t size, const char **text) {
  static const char message[] = "\"message\":\"", response[] = "\"response\":";
  const char *at;
  if (starts(line, size, "{\"event\":\"msg\"")) {
    at = memmem(line, size, message, sizeof message - 1);
    if (at) *text = at + sizeof message - 1;
    return at ? MESSAGE : OTHER;
  }
  at = starts(line, size, "{\"response\":") ? line + 1
                                            : memmem(line, size, response, sizeof response - 1);
  if (!at) return memmem(line, size, "\"probe\"", 7) ? PING : OTHER;
  at += sizeof response - 1;
  if (filling && !memcmp(at, "410", 3)) return REFUSED;
  switch (*at) {
    case '1': return OTHER;
    case '2': return c->frame && c->state == READY ? check_kept(line, size, "\"seq\":") : ACKNOWLEDGED;
    default: fail("the server answered: %.*s", (int)(size < 200 ? size : 200), line);
  }
  return OTHER;
}

/* Whether the node of a sender knows who is to get its messages: the addressee, or as many in the
   room as there are. Nodes of a server are told of each other's users later than the users are. */
static void ask_around(Connection *c) {
  char text[64];
  int n = c->addressee ? snprintf(text, sizeof text, "ISON %s\r\n", c->addressee)
                       : snprintf(text, sizeof text, "LIST %s\r\n", c->room);
  send_bytes(c, text, (size_t)n);
}

static Kind has_met(const char *command, size_t size) {
  if (starts(command, size, "303 ")) /* 303 nick :b7, or nothing behind the colon */
    return command[size - 1] != ':' ? MET : UNMET;
  if (starts(command, size, "322 ")) { /* 322 nick #room 1001 :topic */
    char line[128];
    long there = 0, all = option.scenario == PAIRS ? 2 : 1 + option.members + option.stalled;
    snprintf(line, sizeof line, "%.*s", (int)size, command);
    sscanf(line, "322 %*s %*s %ld", &there);
    return there == all ? MET : OTHER;
  }
  return starts(command, size, "323 ") ? UNMET : OTHER;
}

static Kind classify_irc(Connection *c, const char *line, size_t size, const char **text) {
  if (starts(line, size, "PING ")) return PING;
  if (starts(line, size, "ERROR")) fail("the server said: %.*s", (int)size, line);
  const char *command = memchr(line, ' ', size);
  if (!command++) return OTHER;
  size_t left = size - (size_t)(command - line);
  if (starts(command, left, "PRIVMSG ")) {
    *text = memmem(command, left, " :", 2);
    if (*text) *text += 2;
    if (c->frame) return ACKNOWLEDGED; /* its own, see --answers */
    return *text ? MESSAGE : OTHER;
  }
  if (c->state == READY) return OTHER;
  if (c->state == MEETING) return has_met(command, left);
  if (option.answers && starts(command, left, "CAP ") && memmem(command, left, " NAK ", 5))
    fail("the server has no echo-message");
  if (starts(command, left, "376 ") || starts(command, left, "422 ")) return ONLINE;
  if (starts(command, left, "366 ")) return JOINED;
  if (*command == '4' || *command == '5') fail("the server answered: %.*s", (int)size, line);
  return OTHER;
}

static Kind classify_nats(Connection *c, const char *line, size_t size, const char **text) {
  if (c->payload_follows) {
    c->payload_follows = false;
    *text = line;
    return MESSAGE;
  }
  if (starts(line, size, "MSG ")) c->payload_follows = true;
  else if (starts(line, size, "PING")) return PING;
  else if (starts(line, size, "PONG")) return c->state == JOINING ? JOINED : ONLINE;
  else if (starts(line, size, "-ERR")) fail("the server answered: %.*s", (int)size, line);
  return OTHER;
}

/* ---- XMPP: a stream of elements, not of lines ------------------------------------------------ */

#define XMPP_HOST "bench.test"

/* In the answer to a request for an acknowledgement (XEP-0198): how many messages were taken. */
static uint64_t xmpp_handled;

static void xmpp_send(Connection *c, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  send_bytes(c, text, (size_t)n);
}

static void xmpp_open(Connection *c) {
  xmpp_send(c, "<?xml version='1.0'?><stream:stream to='" XMPP_HOST "' version='1.0' "
            "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
}

/* SASL PLAIN with the name as the password: NUL, name, NUL, password in Base64. */
static void xmpp_authenticate(Connection *c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char plain[2 * NAME_SIZE + 4] = { 0 };
  char text[4 * sizeof plain / 3 + 4], *at = text;
  size_t n = strlen(c->name), size = 2 * n + 2;
  memcpy(plain + 1, c->name, n);
  memcpy(plain + 2 + n, c->name, n);
  for (size_t i = 0; i < size; i += 3) {
    unsigned bits = (unsigned)plain[i] << 16 | (unsigned)plain[i + 1] << 8 | plain[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *at++ = digits[bits >> shift & 63];
  }
  *at = 0;
  for (size_t i = 0; i < (3 - size % 3) % 3; i++) at[-1 - (long)i] = '=';
  xmpp_send(c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", text);
}

static void xmpp_join(Connection *c) {
  xmpp_send(c, "<presence to='%s@rooms." XMPP_HOST "/%s'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>", c->room, c->name);
}

static int xmpp_message(char *frame, size_t size, const char *to, const char *text) {
  return snprintf(frame, size, "<message type='%s' to='%s@%s" XMPP_HOST "'><body>%s</body></message>",
                  option.rooms ? "groupchat" : "chat", to, option.rooms ? "rooms." : "", text);
}

/* One request for all that was just sent: what is sent in one go is acknowledged in one go. In a
   room there is no need to ask, since an author's own message comes back. */
static void xmpp_request_answer(Connection *c) {
  xmpp_send(c, "<r xmlns='urn:xmpp:sm:3'/>");
}

/* Where the first element ends, if all of it is there. Names and texts of this load hold no `<` and
   no `>`, and the server escapes both in attributes. */
static char *xmpp_end(char *at, char *end) {
  for (int depth = 0;;) {
    char *open = memchr(at, '<', (size_t)(end - at));
    char *close = open ? memchr(open, '>', (size_t)(end - open)) : NULL;
    if (!close) return NULL;
    at = close + 1;
    if (open[1] == '?' || starts(open, (size_t)(end - open), "<stream:stream")) return at;
    if (open[1] == '/') depth--;
    else if (close[-1] != '/') depth++;
    if (depth <= 0) return at;
  }
}

static bool has(const char *line, size_t size, const char *what) {
  return memmem(line, size, what, strlen(what)) != NULL;
}

/* The steps to being online; a sender of direct messages also turns on acknowledgements. */
static Kind xmpp_log_in(Connection *c, const char *line, size_t size) {
  if (starts(line, size, "<success")) {
    c->is_authenticated = true;
    xmpp_open(c);
  } else if (starts(line, size, "<stream:features")) {
    if (!c->is_authenticated) xmpp_authenticate(c);
    else xmpp_send(c, "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                   "<resource>bench</resource></bind></iq>");
  } else if (starts(line, size, "<iq") && has(line, size, "<bind")) {
    if (option.rooms) return ONLINE;
    xmpp_send(c, c->frame ? "<enable xmlns='urn:xmpp:sm:3'/>" : "<presence/>");
  } else if (starts(line, size, "<enabled") || starts(line, size, "<presence")) return ONLINE;
  return OTHER;
}

static Kind classify_xmpp(Connection *c, const char *line, size_t size, const char **text) {
  while (size && *line != '<') line++, size--;
  xmpp_handled = 0;
  if (starts(line, size, "<stream:error") || starts(line, size, "<fail") ||
      has(line, size, "type='error'"))
    fail("the server answered: %.*s", (int)(size < 300 ? size : 300), line);
  if (c->state == LOGGING_IN) return xmpp_log_in(c, line, size);
  if (c->state == JOINING) return has(line, size, "<subject") ? JOINED : OTHER;
  if (starts(line, size, "<a ")) {
    const char *count = memmem(line, size, "h='", 3);
    if (!count) fail("%s: an acknowledgement of nothing", c->name);
    xmpp_handled = strtoull(count + 3, NULL, 10);
    return ACKNOWLEDGED;
  }
  if (!starts(line, size, "<message")) return OTHER;
  *text = memmem(line, size, "<body>", 6);
  if (!*text) return OTHER;
  *text += 6;
  check_kept(line, size, "<stanza-id");
  return c->frame ? ACKNOWLEDGED : MESSAGE;
}

static Kind classify(Connection *c, const char *line, size_t size, const char **text) {
  switch (option.protocol) {
    case IRC: return classify_irc(c, line, size, text);
    case NATS: return classify_nats(c, line, size, text);
    case RELAY:
      *text = line;
      if (size == 2 && !memcmp(line, "ok", 2)) return c->state == READY ? ACKNOWLEDGED : ONLINE;
      return MESSAGE;
    case XMPP: return classify_xmpp(c, line, size, text);
    case JIM: break;
  }
  Kind kind = classify_jim(c, line, size, text);
  if (kind == ACKNOWLEDGED && c->state == LOGGING_IN) return ONLINE;
  if (kind == ACKNOWLEDGED && c->state == JOINING) return JOINED;
  return kind;
}

static void answer_ping(Connection *c, const char *line, size_t size) {
  char text[256];
  if (option.protocol == NATS) return send_bytes(c, "PONG\r\n", 6);
  /* An account confirms its messages by a request; for a guest any byte will do. */
  if (option.protocol == JIM && option.password) return send_bytes(c, PROBE, PROBE_SIZE);
  if (option.protocol == JIM) return send_bytes(c, "\n", 1);
  if (size > sizeof text - 3) fail("PING is too long");
  memcpy(text, line, size);
  text[1] = 'O';
  memcpy(text + size, "\r\n", 2);
  send_bytes(c, text, size + 2);
}

/* ---- sending and receiving ------------------------------------------------------------------- */

/* Remembers when a message was sent until it is acknowledged, however long that takes. */
static void await_answer(Connection *c, uint64_t sequence, uint64_t now) {
  if (sequence - c->acknowledged >= c->asked_size) {
    size_t size = c->asked_size ? c->asked_size * 2 : UNANSWERED;
    uint64_t *larger = calloc(size, sizeof *larger);
    for (uint64_t i = c->acknowledged; i < sequence; i++)
      larger[i & (size - 1)] = c->asked_at[i & (c->asked_size - 1)];
    free(c->asked_at);
    c->asked_at = larger;
    c->asked_size = size;
  }
  c->asked_at[sequence & (c->asked_size - 1)] = now;
}

/* All up to a number of messages are acknowledged. */
static void take_answers(Connection *c, uint64_t total, uint64_t now) {
  if (total > c->sent) fail("%s: an answer to nothing", c->name);
  for (; c->acknowledged < total; c->acknowledged++)
    if (measuring)
      histogram_add(&acknowledgement, now - c->asked_at[c->acknowledged & (c->asked_size - 1)]);
}

static void send_messages(Connection *c, size_t count) {
  size_t needed = count * c->frame_size;
  if (needed > batch_size) batch = realloc(batch, batch_size = needed);
  uint64_t now = now_ns();
  for (size_t i = 0; i < count; i++) {
    uint64_t sequence = c->sent++;
    c->sent_at[sequence % (uint64_t)option.window] = now;
    if (option.answers) await_answer(c, sequence, now);
    char *digit = c->frame + c->digits_at + SEQUENCE_DIGITS;
    for (int d = 0; d < SEQUENCE_DIGITS; d++, sequence /= 10) *--digit = (char)('0' + sequence % 10);
    if (c->id_digits_at) memcpy(c->frame + c->id_digits_at, digit, SEQUENCE_DIGITS);
    memcpy(batch + i * c->frame_size, c->frame, c->frame_size);
  }
  send_bytes(c, batch, needed);
  if (option.tls && (option.stalled || option.floods)) fail("--tls has nobody who misbehaves");
  if (option.protocol == XMPP && !option.rooms) xmpp_request_answer(c);
}

/* Takes one message; how many the sender may send for it. */
static size_t receive_message(Connection *c, const char *text, const char *end, uint64_t now) {
  Connection *sender = fan_sender ? fan_sender : c->partner;
  if (!sender || c->state != READY) fail("%s: a message that nobody sent", c->name);
  if (end - text < option.size) fail("%s: a message was cut", c->name);
  uint64_t sequence = 0;
  for (int d = 0; d < SEQUENCE_DIGITS; d++) sequence = sequence * 10 + (uint64_t)(text[d] - '0');
  if (sequence != c->received || text[SEQUENCE_DIGITS] != ' ' || text[option.size - 1] != 'x')
    fail("%s: expected message %lu, received %lu: lost, doubled or altered", c->name,
         (unsigned long)c->received, (unsigned long)sequence);
  c->received++;
  uint64_t slot = sequence % (uint64_t)option.window;
  if (measuring) delivered++;
  if (fan_sender && --fan_left[slot]) return 0;
  if (measuring) histogram_add(&latency, now - sender->sent_at[slot]);
  if (fan_sender) fan_left[slot] = (uint32_t)option.members;
  return 1;
}

static long unfinished; /* connections that are not ready yet */

static void become_ready(Connection *c) {
  c->state = READY;
  if (c->stalls) epoll_ctl(poller, EPOLL_CTL_DEL, c->fd, NULL);
  unfinished--;
}

static void take_probe(Connection *c, uint64_t now) {
  if (c->acknowledged == c->sent) fail("%s: an answer to nothing", c->name);
  uint64_t sent_at = c->sent_at[c->acknowledged % UNANSWERED_PROBES];
  if (sent_at >= probes_from) histogram_add(&latency, now - sent_at);
}

static size_t take_line(Connection *c, const char *line, size_t size, uint64_t now) {
  const char *text = NULL;
  switch (classify(c, line, size, &text)) {
    case MESSAGE: return receive_message(c, text, line + size, now);
    case REFUSED: refused = true; c->acknowledged++; break;
    case ACKNOWLEDGED:
      if (c->state == READY && c->asked_size) {
        take_answers(c, xmpp_handled ? xmpp_handled : c->acknowledged + 1, now);
        break;
      }
      if (option.scenario == PROBES) take_probe(c, now);
      c->acknowledged++;
      break;
    case PING: answer_ping(c, line, size); break;
    case ONLINE:
      if (c->state != LOGGING_IN) break;
      logins++;
      if (storm_from) histogram_add(&latency, now - storm_from);
      if (c->room[0]) {
        c->state = JOINING;
        send_join(c);
      } else become_ready(c);
      break;
    case JOINED:
      if (c->state == JOINING) become_ready(c);
      break;
    case MET: become_ready(c); break;
    case UNMET:
      if (c->state == MEETING) ask_around(c);
      break;
    case OTHER: break;
  }
  return 0;
}

/* The server has closed a connection that said quit. */
static void leave(Connection *c) {
  if (c->acknowledged == c->sent) fail("%s: quit was not answered", c->name);
  hang_up(c);
  unfinished--;
}

static void receive(Connection *c) {
  /* A part of a line that was left over goes in front of what is read now. */
  if (c->in_size) memcpy(scratch, c->in, c->in_size);
  ssize_t n = get(c, scratch + c->in_size, READ_SIZE - c->in_size);
  if (n < 0 && errno == EAGAIN) return;
  if (n == 0 && c->state == LEAVING) return leave(c);
  if (n <= 0) fail("%s: the server closed the connection", c->name);
  uint64_t now = now_ns();
  size_t allowed = 0;
  char *line = scratch, *end = scratch + c->in_size + n, *newline;
  if (option.protocol == XMPP) {
    for (char *next; (next = xmpp_end(line, end)); line = next)
      allowed += take_line(c, line, (size_t)(next - line), now);
  } else {
    while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
      size_t size = (size_t)(newline - line);
      if (size && newline[-1] == '\r') size--;
      allowed += take_line(c, line, size, now);
      line = newline + 1;
    }
  }
  if ((c->in_size = (size_t)(end - line))) {
    if (c->in_size > READ_SIZE / 2) fail("%s: a line is too long", c->name);
    c->in = realloc(c->in, c->in_size);
    memcpy(c->in, line, c->in_size);
  }
  if (allowed && sending) send_messages(fan_sender ? fan_sender : c->partner, allowed);
}

/* Writes what the server takes, one line over and over; counts bytes sent, and answers. */
static void flood(Connection *c, uint32_t events) {
  static char lines[FLOOD_SIZE];
  if (!lines[0])
    for (size_t i = 0; i < sizeof lines; i++) lines[i] = PROBE[i % PROBE_SIZE];
  ssize_t n = events & EPOLLOUT ? send(c->fd, lines + c->sent % PROBE_SIZE,
                                       sizeof lines - c->sent % PROBE_SIZE, MSG_NOSIGNAL) : 0;
  if (n > 0) c->sent += (uint64_t)n;
  if (n < 0 && errno != EAGAIN) fail("%s: the server is gone: %s", c->name, strerror(errno));
  if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP))) return;
  n = read(c->fd, scratch, READ_SIZE);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) fail("%s: the server closed the connection", c->name);
  uint64_t before = c->acknowledged;
  for (char *at = scratch; (at = memchr(at, '\n', (size_t)(scratch + n - at))); at++)
    c->acknowledged++;
  if (measuring) flooded += c->acknowledged - before;
}

static void handle(Connection *c, uint32_t events) {
  if (c->state == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) fail("cannot connect to %s:%ld: %s", option.host, option.ports[c->node], strerror(error));
    c->state = option.tls ? SHAKING_HANDS : LOGGING_IN;
    watch(c, EPOLLIN, EPOLL_CTL_MOD);
    if (!option.tls) return send_login(c);
  }
#ifdef WITH_TLS
  if (c->state == SHAKING_HANDS) {
    if (!tls_connect(c)) return;
    c->state = LOGGING_IN;
    return send_login(c);
  }
#endif
  if (c->floods && c->state == READY) return flood(c, events);
  if (c->stalls && c->state == READY) return;
  if (events & EPOLLOUT && c->out_size) flush_pending(c);
  if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(c);
}

static void turn(uint64_t until) {
  static struct epoll_event events[EVENTS];
  uint64_t now = now_ns();
  uint64_t wait = until <= now ? 0 : until - now;
  struct timespec timeout = { (time_t)(wait / 1000000000u), (long)(wait % 1000000000u) };
  int n = epoll_pwait2(poller, events, EVENTS, &timeout, NULL);
  if (n < 0 && errno != EINTR) fail("epoll_pwait2: %s", strerror(errno));
  for (int i = 0; i < n; i++) handle(events[i].data.ptr, events[i].events);
}

/* Brings all online, a few at a time; the server may take 60 seconds for it. */
static void bring_online(Connection *all, long count) {
  uint64_t deadline = now_ns() + 60000000000u;
  long started = 0;
  unfinished = count;
  while (unfinished) {
    while (started < count && started - (count - unfinished) < option.concurrency)
      connect_start(&all[started++]);
    turn(deadline);
    if (now_ns() > deadline) fail("%ld of %ld connections are not online", unfinished, count);
  }
}

/* Waits until the senders' node knows those who are to get what they send. */
static void meet(Connection *senders, long count) {
  if (option.protocol != IRC || option.nodes == 1) return;
  uint64_t deadline = now_ns() + 60000000000u;
  unfinished = count;
  for (long i = 0; i < count; i++) {
    senders[i].state = MEETING;
    ask_around(&senders[i]);
  }
  while (unfinished) {
    turn(deadline);
    if (now_ns() > deadline) fail("%ld senders do not see their addressees", unfinished);
  }
}

/* Everybody says quit and is answered, so that what they received is not kept for them, and their
   names are free. */
static void say_goodbye(Connection *all, long count) {
  static const char quit[] = "{\"event\":\"quit\"}\n";
  uint64_t deadline = now_ns() + 10000000000u;
  unfinished = count;
  for (long i = 0; i < count; i++) {
    all[i].acknowledged = all[i].sent; /* a receiver's answers are those to its probes */
    all[i].state = LEAVING;
    send_bytes(&all[i], quit, sizeof quit - 1);
  }
  while (unfinished) {
    turn(deadline);
    if (now_ns() > deadline) fail("%ld connections did not end", unfinished);
  }
}

/* ---- what the server's process uses ---------------------------------------------------------- */

static double cpu_seconds(clockid_t clock) {
  struct timespec t;
  return clock_gettime(clock, &t) ? 0 : (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double server_cpu(void) {
  double seconds = 0;
  for (long i = 0; i < option.processes; i++) {
    clockid_t clock;
    if (clock_getcpuclockid((pid_t)option.pids[i], &clock)) fail("no process %ld", option.pids[i]);
    seconds += cpu_seconds(clock);
  }
  return seconds;
}

static long server_memory(void) {
  long all = 0;
  for (long i = 0; i < option.processes; i++) {
    char path[64];
    long total, resident = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", option.pids[i]);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2) fail("cannot read %s", path);
    fclose(file);
    all += resident;
  }
  return all * sysconf(_SC_PAGESIZE);
}

/* ---- scenarios ------------------------------------------------------------------------------- */

typedef struct {
  uint64_t at;
  double server, own;
} Usage;

static Usage usage(void) {
  return (Usage){ now_ns(), server_cpu(), cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) };
}

static void run_until(uint64_t end) {
  while (now_ns() < end) turn(end);
}

static void print_rate(const char *unit, uint64_t count, Usage from, Usage to) {
  double seconds = (double)(to.at - from.at) / 1e9;
  printf("{\"unit\":\"%s\",\"count\":%lu,\"seconds\":%.6f,\"perSecond\":%.1f,"
         "\"p50Micros\":%.1f,\"p99Micros\":%.1f,\"answerP50Micros\":%.1f,"
         "\"answerP99Micros\":%.1f,\"serverCpuSeconds\":%.6f,"
         "\"generatorCpuSeconds\":%.6f,\"serverResidentBytes\":%ld,\"flooded\":%lu}\n",
         unit, (unsigned long)count, seconds, (double)count / seconds,
         histogram_quantile(&latency, 0.5), histogram_quantile(&latency, 0.99),
         histogram_quantile(&acknowledgement, 0.5), histogram_quantile(&acknowledgement, 0.99),
         to.server - from.server, to.own - from.own, server_memory(), (unsigned long)flooded);
}

/* Warms up, measures, and sees everything in flight arrive. */
static void measure_messages(Connection *senders, long sender_count, Connection *receivers,
                             long receiver_count, const char *unit) {
  sending = true;
  for (long i = 0; i < sender_count; i++) send_messages(&senders[i], (size_t)option.window);
  run_until(now_ns() + (uint64_t)(option.warmup * 1e9));
  measuring = true;
  Usage from = usage();
  run_until(from.at + (uint64_t)(option.seconds * 1e9));
  Usage to = usage();
  measuring = sending = false;
  uint64_t deadline = now_ns() + (uint64_t)option.patience * 1000000000u;
  for (;;) {
    uint64_t missing = 0, unacknowledged = 0;
    for (long i = 0; i < receiver_count; i++)
      missing += (fan_sender ? fan_sender : receivers[i].partner)->sent - receivers[i].received;
    for (long i = 0; option.answers && i < sender_count; i++)
      unacknowledged += senders[i].sent - senders[i].acknowledged;
    if (!missing && !unacknowledged) break;
    if (now_ns() > deadline)
      fail("%lu messages and %lu acknowledgements never arrived", (unsigned long)missing,
           (unsigned long)unacknowledged);
    turn(deadline);
  }
  print_rate(unit, delivered, from, to);
}

static void run_pairs(void) {
  Connection *all = calloc((size_t)option.pairs * 2, sizeof *all);
  Connection *senders = all, *receivers = all + option.pairs;
  for (long i = 0; i < option.pairs; i++) {
    make_name(&senders[i], 'a', i);
    make_name(&receivers[i], 'b', i);
    receivers[i].partner = &senders[i];
    receivers[i].node = option.nodes - 1;
    if (!option.rooms) senders[i].addressee = receivers[i].name;
    if (option.rooms) {
      make_room(&senders[i], i);
      make_room(&receivers[i], i);
    }
    make_frame(&senders[i], option.rooms ? senders[i].room : receivers[i].name);
  }
  bring_online(all, option.pairs * 2);
  meet(senders, option.pairs);
  measure_messages(senders, option.pairs, receivers, option.pairs, "messages");
  if (option.password) say_goodbye(all, option.pairs * 2);
}

/* Sends to a member that does not read until the server takes no more for it. */
static void fill(Connection *sender, const Connection *stalled) {
  enum { BATCH = 64, BATCHES = 64, TEXT = 4000 };
  char *line = malloc(TEXT + 256);
  int size = sprintf(line, "{\"event\":\"msg\",\"to\":\"%s\",\"message\":\"%0*d\"}\n",
                     stalled->name, TEXT, 0);
  uint64_t deadline = now_ns() + 10000000000u;
  filling = true;
  refused = false;
  for (int batches = 0; !refused; batches++) {
    if (batches == BATCHES)
      fail("%s reads nothing, yet the server took %d bytes for it", stalled->name,
           BATCHES * BATCH * size);
    sender->acknowledged = 0;
    for (int i = 0; i < BATCH; i++) send_bytes(sender, line, (size_t)size);
    while (sender->acknowledged < BATCH) {
      turn(deadline);
      if (now_ns() > deadline) fail("messages to %s were never answered", stalled->name);
    }
  }
  filling = false;
  sender->acknowledged = 0;
  free(line);
}

static void run_fanout(void) {
  long online = 1 + option.members + option.stalled;
  Connection *all = calloc((size_t)online, sizeof *all);
  for (long i = 0; i < online; i++) {
    make_room(&all[i], 0);
    all[i].node = i % option.nodes;
  }
  make_name(&all[0], 's', 0);
  make_frame(&all[0], all[0].room);
  for (long i = 1; i <= option.members; i++) make_name(&all[i], 'm', i);
  for (long i = 1 + option.members; i < online; i++) {
    make_name(&all[i], 'z', i);
    all[i].stalls = true;
  }
  bring_online(all, online);
  meet(all, 1);
  for (long i = 1 + option.members; i < online; i++) fill(&all[0], &all[i]);
  fan_left = calloc((size_t)option.window, sizeof *fan_left);
  for (long i = 0; i < option.window; i++) fan_left[i] = (uint32_t)option.members;
  fan_sender = &all[0];
  measure_messages(all, 1, all + 1, option.members, "deliveries");
}

static void run_login(void) {
  Connection *all = calloc((size_t)option.concurrency, sizeof *all);
  uint64_t *begun = calloc((size_t)option.concurrency, sizeof *begun);
  long number = 0;
  uint64_t count = 0, start = now_ns(), from_at = start + (uint64_t)(option.warmup * 1e9);
  uint64_t end = from_at + (uint64_t)(option.seconds * 1e9);
  for (long i = 0; i < option.concurrency; i++) all[i].fd = -1;
  Usage from = { 0 };
  while (now_ns() < end) {
    for (long i = 0; i < option.concurrency; i++) {
      Connection *c = &all[i];
      if (c->fd >= 0 && c->state != READY) continue;
      uint64_t now = now_ns();
      if (c->fd >= 0) {
        if (from.at) {
          histogram_add(&latency, now - begun[i]);
          count++;
        }
        hang_up(c);
      }
      c->in_size = c->out_size = 0;
      c->payload_follows = c->wants_write = false;
      c->node = number % option.nodes;
      make_name(c, 'l', number++);
      begun[i] = now;
      connect_start(c);
    }
    turn(from.at ? end : from_at);
    if (!from.at && now_ns() >= from_at) from = usage();
  }
  print_rate("logins", count, from, usage());
}

/* All connect before the first is answered; each one's time is from the beginning of the storm. */
static void run_storm(void) {
  Connection *all = calloc((size_t)option.count, sizeof *all);
  for (long i = 0; i < option.count; i++) {
    all[i].node = i % option.nodes;
    make_name(&all[i], 'g', i);
  }
  option.concurrency = option.count;
  Usage from = usage();
  storm_from = from.at;
  bring_online(all, option.count);
  print_rate("logins", logins, from, usage());
}

static void run_idle(void) {
  Connection *all = calloc((size_t)option.count + 1, sizeof *all);
  long before = server_memory();
  for (long i = 0; i < option.count; i++) {
    all[i].node = i % option.nodes;
    make_name(&all[i], 'i', i);
  }
  bring_online(all, option.count);
  run_until(now_ns() + (uint64_t)(option.settle * 1e9));
  printf("{\"unit\":\"connections\",\"count\":%ld,\"emptyResidentBytes\":%ld,"
         "\"serverResidentBytes\":%ld}\n", option.count, before, server_memory());
  fflush(stdout);
  /* A NULL pointer among the events is standard input, whose end is the end of the run. */
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL }, ready;
  if (epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event) < 0) fail("standard input must be a pipe");
  while (epoll_wait(poller, &ready, 1, -1) >= 0) {
    char ignored[64];
    if (ready.data.ptr) handle(ready.data.ptr, ready.events);
    else if (read(0, ignored, sizeof ignored) <= 0) return;
  }
}

/* Sends each connection's probes when they are due, spread evenly over the interval. */
static void probe_until(Connection *all, uint64_t start, uint64_t end) {
  static uint64_t number;
  double gap = option.interval * 1e9 / (double)option.count;
  for (uint64_t now, due; (now = now_ns()) < end;) {
    while ((due = start + (uint64_t)((double)number * gap)) <= now) {
      Connection *c = &all[number++ % (uint64_t)option.count];
      if (c->sent - c->acknowledged == UNANSWERED_PROBES)
        fail("%s: %d probes are not answered", c->name, UNANSWERED_PROBES);
      c->sent_at[c->sent++ % UNANSWERED_PROBES] = now_ns();
      send_bytes(c, PROBE, PROBE_SIZE);
    }
    turn(due < end ? due : end);
  }
}

static void run_probes(void) {
  long online = option.count + option.floods;
  Connection *all = calloc((size_t)online, sizeof *all);
  for (long i = 0; i < online; i++) {
    all[i].node = i % option.nodes;
    all[i].floods = i >= option.count;
    all[i].sent_at = calloc(UNANSWERED_PROBES, sizeof *all[i].sent_at);
    make_name(&all[i], all[i].floods ? 'f' : 'p', i);
  }
  bring_online(all, online);
  for (long i = option.count; i < online; i++) watch(&all[i], EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  uint64_t start = now_ns();
  probe_until(all, start, start + (uint64_t)(option.warmup * 1e9));
  measuring = true;
  Usage from = usage();
  probes_from = from.at;
  probe_until(all, start, from.at + (uint64_t)(option.seconds * 1e9));
  Usage to = usage();
  measuring = false;
  uint64_t deadline = now_ns() + 10000000000u;
  for (long i = 0; i < option.count; i++)
    while (all[i].acknowledged < all[i].sent) {
      if (now_ns() > deadline) fail("%s: a probe was never answered", all[i].name);
      turn(deadline);
    }
  for (long i = option.count; i < online; i++)
    if (!all[i].acknowledged) fail("%s floods, but nothing of it was served", all[i].name);
  print_rate("probes", latency.total, from, to);
}

int main(int argc, char **argv) {
  parse_options(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  address.sin_family = AF_INET;
  if (inet_pton(AF_INET, option.host, &address.sin_addr) != 1)
    fail("--host must be an IPv4 address, received '%s'", option.host);
  struct timespec started;
  clock_gettime(CLOCK_REALTIME, &started);
  run_started = (uint64_t)started.tv_sec * 1000000000u + (uint64_t)started.tv_nsec;
#ifdef WITH_TLS
  if (option.tls) tls_start();
#else
  if (option.tls) fail("this program was built without TLS");
#endif
  poller = epoll_create1(EPOLL_CLOEXEC);
  scratch = malloc(READ_SIZE);
  switch (option.scenario) {
    case PAIRS: run_pairs(); break;
    case FANOUT: run_fanout(); break;
    case LOGIN: run_login(); break;
    case STORM: run_storm(); break;
    case IDLE: run_idle(); break;
    case PROBES: run_probes(); break;
  }
  return 0;
}
