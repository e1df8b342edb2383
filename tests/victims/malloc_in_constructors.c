/*
 * Constructors run in an order that no preloaded library controls, and the executable's preinit_array before
 * all of them, even before libc's own. A shim that sets itself up in its constructor is called before it.
 * Expected: every block can be had, used, and freed by a later stage.
 */
#include <malloc.h>

#include "victim.h"

#define STAGES 4
static char *made[STAGES];
static int stages_run;

static void run_stage(void) {
  char *block = calloc(3, 100);
  CHECK(block != NULL);
  for (int i = 0; i < 300; i++) CHECK(block[i] == 0);
  memset(block, 1 + stages_run, 300);
  for (int i = 0; i < stages_run; i++) {
    made[i] = realloc(made[i], 300 + 1000 * (size_t)(i + stages_run));
    CHECK(made[i][0] == i + 1 && made[i][299] == i + 1);
    CHECK(malloc_usable_size(made[i]) >= 300);
  }
  made[stages_run++] = block;
}

static void preinit(int argc, char **argv, char **environment) {
  (void)argc, (void)argv, (void)environment;
  run_stage();
}
__attribute__((section(".preinit_array"), used)) static void (*const at_preinit)(int, char **,
                                                                                 char **) = preinit;

__attribute__((constructor(101))) static void first_constructor(void) {
  run_stage();
}

__attribute__((constructor)) static void constructor(void) {
  run_stage();
}

__attribute__((destructor)) static void end(void) {
  for (int i = 0; i < STAGES; i++) free(made[i]);
  free(malloc(1));
}

int main(void) {
  run_stage();
  CHECK_EQUAL(stages_run, STAGES);
  if (is_tracked()) CHECK_EQUAL(books_of("bin/malloc_in_constructors").live_blocks >= 3, 1);
  puts("done");
  return 0;
}
