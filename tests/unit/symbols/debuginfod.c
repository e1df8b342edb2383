/*
 * Tests of symbols/debuginfod.c: with a small server of our own, on a port of its choice.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "symbols/scratch.h"

static struct scratch scratch;
static uint64_t mark;
static char digits[41];
static unsigned char build_id[20];
static pid_t server;

static void start_server(void);

static void set_up(void) {
  scratch_make(&scratch);
  scratch_make_chain(&scratch, "program", "gcc -g -O2");
  mark = scratch_address(&scratch, "program", "mark");
  scratch_build_id(&scratch, "program", digits, build_id);
  scratch_run(&scratch, "strip program -o stripped && mkdir -p served/buildid/%s cache", digits);
  char cache[128];
  snprintf(cache, sizeof cache, "%s/cache", scratch.folder);
  setenv("DEBUGINFOD_CACHE_PATH", cache, 1);
  start_server();
}

static void tear_down(void) {
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  scratch_remove(&scratch);
}

#define Case(name) Test(symbols_debuginfod, name, .init = set_up, .fini = tear_down, .timeout = 120)

/* Says its port on a pipe, and each request in the file `requests`. */
static void start_server(void) {
  static const char program[] =
      "import http.server, sys\n"
      "server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
      "print(server.server_port, flush=True)\n"
      "server.serve_forever()\n";
  int ends[2];
  cr_assert_eq(pipe(ends), 0);
  server = fork();
  if (server == 0) {
    char folder[128];
    snprintf(folder, sizeof folder, "%s/served", scratch.folder);
    if (chdir(folder) == 0 && freopen("../requests", "w", stderr) && dup2(ends[1], 1) == 1) {
      execlp("python3", "python3", "-c", program, (char *)NULL);
    }
    _exit(127);
  }
  close(ends[1]);
  FILE *from = fdopen(ends[0], "r");
  int port;
  cr_assert_eq(fscanf(from, "%d", &port), 1);
  fclose(from);
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
  setenv("DEBUGINFOD_URLS", url, 1);
}

static int count_requests(void) {
  char path[128], line[512];
  snprintf(path, sizeof path, "%s/requests", scratch.folder);
  FILE *from = fopen(path, "r");
  cr_assert_not_null(from);
  int count = 0;
  while (fgets(line, sizeof line, from)) count += strstr(line, "\"GET ") != NULL;
  fclose(from);
  return count;
}

static const char *chain_of(const char *name, const unsigned char *wanted) {
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  const char *text = scratch_chain(&scratch, symbols, name, wanted, mark);
  symbols_close(symbols);
  return text;
}

Case(has_debug_files) {
  scratch_run(&scratch, "objcopy --only-keep-debug program served/buildid/%s/debuginfo", digits);
  cr_expect_str_eq(chain_of("stripped", build_id), SCRATCH_CHAIN);
  cr_expect_str_eq(chain_of("gone", build_id), SCRATCH_CHAIN);
  cr_expect_eq(count_requests(), 1); /* the second time it was in the cache */
}

Case(has_programs_that_are_gone) {
  scratch_run(&scratch, "cp program served/buildid/%s/executable", digits);
  cr_expect_str_eq(chain_of("gone", build_id), SCRATCH_CHAIN);
  cr_expect_str_eq(chain_of("gone", NULL), "");
}

Case(is_not_asked_for_what_is_here) {
  cr_expect_str_eq(chain_of("program", build_id), SCRATCH_CHAIN);
  cr_expect_eq(count_requests(), 0);
}

Case(is_not_asked_without_the_variable) {
  scratch_run(&scratch, "objcopy --only-keep-debug program served/buildid/%s/debuginfo", digits);
  unsetenv("DEBUGINFOD_URLS");
  cr_expect_str_eq(chain_of("stripped", build_id), "");
  setenv("DEBUGINFOD_URLS", "", 1);
  cr_expect_str_eq(chain_of("stripped", build_id), "");
  cr_expect_eq(count_requests(), 0);
}

Case(may_not_have_it) {
  cr_expect_str_eq(chain_of("stripped", build_id), "");
  cr_expect_geq(count_requests(), 1);
}

/* What it has is not what was wanted. */
Case(is_not_believed) {
  scratch_make_chain(&scratch, "other", "gcc -g -O2 -DX -Wl,-z,noseparate-code");
  scratch_run(&scratch, "cp other served/buildid/%s/debuginfo", digits);
  cr_expect_str_eq(chain_of("stripped", build_id), "");
  scratch_run(&scratch, "cp chain.c served/buildid/%s/debuginfo && rm -r cache", digits);
  cr_expect_str_eq(chain_of("stripped", build_id), "");
}

/* Nobody listens on a port that was only just given back. */
Case(is_given_up_when_it_is_not_there) {
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  cr_expect_str_eq(chain_of("stripped", build_id), "");
}

/* It takes the request and never answers: one module waits, not each. */
Case(is_given_up_when_it_does_not_answer) {
  setenv("DEBUGINFOD_TIMEOUT", "1", 1);
  kill(server, SIGSTOP);
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  time_t start = time(NULL);
  for (unsigned char i = 0; i < 20; i++) {
    build_id[0] = i;
    cr_expect_str_eq(scratch_chain(&scratch, symbols, "stripped", build_id, mark), "");
  }
  cr_expect_lt(time(NULL) - start, 10);
  symbols_close(symbols);
}
