/*
 * startup: `startup RUNS PROGRAM PRELOAD...`: starts PROGRAM and waits for its end, RUNS times with each
 * PRELOAD ("-": none) in turn. Prints a line for each run: the milliseconds with each PRELOAD, in order.
 */
#include "bench.h"
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define ENVIRONMENT_MOST 1024

extern char **environ;

/* This program's environment, with LD_PRELOAD=preload in place of what it says there. */
static char **environment(const char *preload) {
  static char *variables[ENVIRONMENT_MOST];
  static char setting[4096];
  int used = 0;
  for (char **variable = environ; *variable && used < ENVIRONMENT_MOST - 2; variable++)
    if (strncmp(*variable, "LD_PRELOAD=", strlen("LD_PRELOAD="))) variables[used++] = *variable;
  snprintf(setting, sizeof(setting), "LD_PRELOAD=%s", preload);
  if (strcmp(preload, "-")) variables[used++] = setting;
  variables[used] = NULL;
  return variables;
}

static double start_ms(char *program, const char *preload) {
  char *arguments[] = {program, NULL};
  char **variables = environment(preload);
  pid_t child;
  int status;

  double begun = bench_wall_ns();
  if (posix_spawnp(&child, program, NULL, NULL, arguments, variables))
    bench_fail("program cannot be started");
  if (waitpid(child, &status, 0) < 0 || status) bench_fail("program did not end with 0");
  return (bench_wall_ns() - begun) / 1e6;
}

int main(int argc, char **argv) {
  uint64_t runs = bench_count(argc, argv, 1);
  int preloads = argc - 3;
  double ms[64];
  if (preloads < 1 || preloads > 64) bench_fail("usage: startup RUNS PROGRAM PRELOAD...");

  for (uint64_t run = 0; run < runs; run++) {
    for (int turn = 0; turn < preloads; turn++) {
      int i = (int)((run + (uint64_t)turn) % (uint64_t)preloads); /* nobody is always first */
      ms[i] = start_ms(argv[2], argv[3 + i]);
    }
    for (int i = 0; i < preloads; i++) printf("%.4f%c", ms[i], i + 1 < preloads ? ' ' : '\n');
  }
  return 0;
}
