/*
 * serve.c: `ration serve`: one agent for a host: metrics, profiles, the objects of --json and the page by HTTP; metrics into
 * a file, profiles to a server of profiles. It only reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "argument.h"
#include "commands.h"
#include "complain.h"
#include "config/duration.h"
#include "reader/monotonic.h"
#include "serve/push.h"
#include "serve/scrape.h"
#include "serve/server.h"
#include "serve/textfile.h"
#include "view/output.h"
#include "view/progress.h"

#define SECOND_NS      UINT64_C(1000000000)
#define DEFAULT_LISTEN "127.0.0.1:9470"
#define PEM_MOST       (1 << 20)
#define KEPT_BYTES     (32 << 20) /* of freed memory, since the next scrape needs as much */

/* What runs, until a signal ends it. */
struct running {
  struct serving serving;
  struct token token;
  char *certificate, *key;
  struct server *server;
  struct push *push;
  bool is_textfile_failing; /* as was said */
  uint64_t due_ns;          /* CLOCK_MONOTONIC: the next round */
};

extern const struct argp serve_argp;
int serve_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t take_time(const char *option, const char *text, uint64_t *ret_ns);
static error_t check_arguments(void);
static int start(struct running *running);
static int start_server(struct running *running);
static int find_listener(struct listener *ret_listener);
static int read_pem(const char *option, const char *path, char **ret_text);
static int say_where(const struct listener *listener);
static void run(struct running *running, const sigset_t *signals);
static void do_round(struct running *running);
static void stop(struct running *running, const sigset_t *signals);
static void block_signals(sigset_t *ret_signals);
static int status_of(int error);

enum {
  LISTEN_KEY = 0x100,
  TOKEN_KEY,
  CERT_KEY,
  KEY_KEY,
  TEXTFILE_KEY,
  PUSH_KEY,
  INTERVAL_KEY,
  CATEGORIES_KEY,
  PROCESSES_KEY,
  TIMEOUT_KEY
};

static const struct argp_option options[] = {
    {"listen", LISTEN_KEY, "ADDRESS:PORT", 0, "where requests come (" DEFAULT_LISTEN ")", 1},
    {"token-file", TOKEN_KEY, "FILE", 0, "requests must have the token that FILE holds", 1},
    {"cert", CERT_KEY, "FILE", 0, "speak TLS, with this certificate (PEM)", 1},
    {"key", KEY_KEY, "FILE", 0, "and this key (PEM)", 1},
    {"timeout", TIMEOUT_KEY, "TIME", 0,
     "end connections on which a request, or its answer, takes longer (30s)", 1},
    {"categories", CATEGORIES_KEY, "N", 0,
     "metrics: of each process at most so many, the others as one (0: all; 100)", 2},
    {"processes", PROCESSES_KEY, "N", 0, "metrics: at most so many (0: all; 1000)", 2},
    {"textfile", TEXTFILE_KEY, "DIR", 0, "write " TEXTFILE_NAME " into DIR, for node_exporter", 3},
    {"push", PUSH_KEY, "URL", 0, "send profiles to what takes them as Pyroscope does", 3},
    {"interval", INTERVAL_KEY, "TIME", 0, "do those two so often: 1s to 1h (15s)", 3},
    {0},
};
const struct argp serve_argp = {
    .options = options,
    .parser = parse,
    .doc = "Serves what the tracked processes of this host have: metrics, profiles and JSON, to be fetched "
           "by HTTP."
           "\v/metrics, /debug/pprof/heap?pid=PID or ?program=NAME, /debug/pprof/, /api/v1/processes, "
           "/api/v1/processes/PID, .../PID/timeline, .../PID/sites, and / for people to look at. It ends at "
           "SIGINT and SIGTERM. A socket that systemd gives takes the place of --listen."};

static const char *listen_text, *token_file, *cert_file, *key_file, *textfile_folder, *push_url;
static uint64_t interval_ns = 15 * SECOND_NS, timeout_ns = 30 * SECOND_NS;
static uint32_t most_categories = 100, most_processes = 1000;

int serve_command(struct emitter *emitter) {
  struct running running = {.serving = {.most_rows = most_categories,
                                        .most_processes = most_processes,
                                        .timeout_ns = timeout_ns,
                                        .mutex = PTHREAD_MUTEX_INITIALIZER}};
  sigset_t signals;
  (void)emitter;
  block_signals(&signals); /* before there are threads, which then have them blocked, too */
  output_ignore_signals();
  progress_forbid();
  mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
  mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
  int status = start(&running);
  if (!status) run(&running, &signals);
  stop(&running, &signals);
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  switch (key) {
  case LISTEN_KEY:
    listen_text = argument;
    return 0;
  case TOKEN_KEY:
    token_file = argument;
    return 0;
  case CERT_KEY:
    cert_file = argument;
    return 0;
  case KEY_KEY:
    key_file = argument;
    return 0;
  case TIMEOUT_KEY:
    return take_time("--timeout", argument, &timeout_ns);
  case CATEGORIES_KEY:
    return argument_number("--categories", argument, &most_categories);
  case PROCESSES_KEY:
    return argument_number("--processes", argument, &most_processes);
  case TEXTFILE_KEY:
    return argument_folder("--textfile", argument, &textfile_folder);
  case PUSH_KEY:
    push_url = argument;
    return 0;
  case INTERVAL_KEY:
    return take_time("--interval", argument, &interval_ns);
  case ARGP_KEY_END:
    return check_arguments();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t take_time(const char *option, const char *text, uint64_t *ret_ns) {
  struct fault fault;
  uint64_t ns;
  if (duration_read(text, &ns, &fault) != 0 || ns < SECOND_NS || ns > 3600 * SECOND_NS) {
    complain(option, "`%s`: expected a time from 1s to 1h, like 15s", text);
    return COMMAND_COMPLAINED;
  }
  *ret_ns = ns;
  return 0;
}

static error_t check_arguments(void) {
  if (!cert_file == !key_file) return 0;
  complain(cert_file ? "--cert" : "--key", "a certificate and its key belong together; give %s, too",
           cert_file ? "--key" : "--cert");
  return COMMAND_COMPLAINED;
}

/* These return the exit status. */
static int start(struct running *running) {
  struct fault fault;
  int status = STATUS_DONE;
  running->serving.scraper = scraper_new();
  if (!running->serving.scraper) {
    complain("serve", "not enough memory");
    return STATUS_MISSING;
  }
  int error = token_file ? token_read(token_file, &running->token, &fault) : 0;
  if (error) {
    complain(token_file, "%s", fault.words);
    return status_of(error);
  }
  if (cert_file) status = read_pem("--cert", cert_file, &running->certificate);
  if (!status && key_file) status = read_pem("--key", key_file, &running->key);
  if (status) return status;
  error = push_url ? push_open(push_url, &running->serving, &running->push, &fault) : 0;
  if (!error) return start_server(running);
  complain("--push", "%s", fault.words);
  return status_of(error);
}

static int start_server(struct running *running) {
  struct server_wishes wishes = {
      .token = token_file ? &running->token : NULL, .certificate = running->certificate, .key = running->key};
  struct fault fault;
  int status = find_listener(&wishes.listener);
  if (status) return status;
  int error = server_start(&wishes, &running->serving, &running->server, &fault);
  if (error) {
    complain(cert_file ? cert_file : "serve", "%s", fault.words);
    close(wishes.listener.fd);
    return error == -EINVAL ? STATUS_USAGE : STATUS_MISSING;
  }
  return say_where(&wishes.listener);
}

static int find_listener(struct listener *ret_listener) {
  struct fault fault;
  int error = listener_inherit(ret_listener, &fault);
  if (!error && listen_text) {
    complain("--listen", "a socket was given (LISTEN_FDS), and there is room for one; leave it out");
    return STATUS_USAGE;
  }
  if (error == -ENOENT)
    error = listener_open(listen_text ? listen_text : DEFAULT_LISTEN, ret_listener, &fault);
  if (!error) return STATUS_DONE;
  complain("--listen", "%s", fault.words);
  return status_of(error);
}

static int read_pem(const char *option, const char *path, char **ret_text) {
  char *text = malloc(PEM_MOST + 1);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  ssize_t length = fd >= 0 && text ? read(fd, text, PEM_MOST + 1) : -1;
  int number = text ? errno : ENOMEM;
  if (fd >= 0) close(fd);
  if (length >= 0 && length <= PEM_MOST) {
    text[length] = 0;
    *ret_text = text;
    return STATUS_DONE;
  }
  free(text);
  complain(option, "%s: cannot be read: %s", path,
           length < 0 ? strerror(number) : "too large for a PEM file");
  return STATUS_MISSING;
}

/* What is not written here the dispatcher says. */
static int say_where(const struct listener *listener) {
  if (!listener->is_local && !token_file)
    complain(listener->name,
             "note: others than this machine may reach it, and it asks for no token; see --token-file");
  printf("%s://%s/\n", cert_file ? "https" : "http", listener->name);
  return fflush(stdout) == 0 ? STATUS_DONE : STATUS_MISSING;
}

/* ---- while it runs ---------------------------------------------------------------------------------------- */

/* Each second, and until a signal comes. */
static void run(struct running *running, const sigset_t *signals) {
  const struct timespec second = {.tv_sec = 1};
  for (;;) {
    if (monotonic_ns() >= running->due_ns) do_round(running);
    if (sigtimedwait(signals, NULL, &second) > 0) return;
    server_tend(running->server);
  }
}

/* What fails is said once, and tried again in the next round. */
static void do_round(struct running *running) {
  struct fault fault;
  running->due_ns = monotonic_ns() + interval_ns;
  if (running->push) push_round(running->push, server_lane(running->server, LANE_STACKS));
  if (!textfile_folder) return;
  int error = textfile_write(textfile_folder, &running->serving, &fault);
  if (error && !running->is_textfile_failing) complain(textfile_folder, "%s", fault.words);
  if (!error && running->is_textfile_failing) complain(textfile_folder, "note: it is written again");
  running->is_textfile_failing = error != 0;
}

/* The server ends the lane in which profiles are made. Whoever has no patience with that sends another signal. */
static void stop(struct running *running, const sigset_t *signals) {
  sigprocmask(SIG_UNBLOCK, signals, NULL);
  server_stop(running->server);
  size_t left = push_close(running->push);
  if (left > 0) complain("--push", "note: %zu profiles were not sent", left);
  scraper_free(running->serving.scraper);
  free(running->certificate);
  free(running->key);
}

/* Blocked, they wait until they are looked for. One that the caller has switched off stays so. */
static void block_signals(sigset_t *ret_signals) {
  static const int ends[] = {SIGINT, SIGTERM};
  sigemptyset(ret_signals);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    struct sigaction old;
    if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaddset(ret_signals, ends[i]);
  }
  sigprocmask(SIG_BLOCK, ret_signals, NULL);
}

static int status_of(int error) {
  return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
}
