/*
 * A signal handler allocates at each single instruction of the shim, while that looks at code it has not met: code that is made
 * at run time, whose call sites are cached in the place of the handler's own. Expected: each of its blocks is counted in the
 * category that is open there, and the program's in its own.
 *
 * machine: x86_64
 */
#include "interrupted.h"
#include "made_code.h"

#define PLACES 12
#define STRIDE 2048 /* call sites so far apart share a place in the cache of them */

static volatile unsigned long ticks, uncounted;
static ration_category_id (*find)(const char *);
static char *memory;

static int is_in(const void *block, const char *category) {
  return !find || strcmp(category_of(block), category) == 0;
}

static void tick(int signal_number, siginfo_t *info, void *context) {
  int kept_errno = errno;
  (void)signal_number, (void)info;
  if (context && !has_interrupted_shim(context)) return;
  enter("handler");
  void *block = call_made(memory, 100, malloc);
  uncounted += !is_in(block, "handler");
  free(block);
  leave();
  ticks++;
  errno = kept_errno;
}

/* While it is on, each instruction ends with SIGTRAP: the processor's trap flag. */
static void step(int is_on) {
  __asm__ volatile("pushfq; andq $~0x100, (%%rsp); orq %0, (%%rsp); popfq" ::"r"(is_on ? 0x100ul : 0ul)
                   : "memory", "cc");
}

static void use(int place) {
  enter("program");
  step(1);
  void *block = call_made(memory + place * STRIDE, 200, malloc);
  step(0);
  CHECK(block && is_in(block, "program"));
  step(1);
  block = realloc(block, 4000);
  step(0);
  CHECK(block && is_in(block, "program"));
  step(1);
  free(block);
  step(0);
  leave();
}

int main(void) {
  struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_RESTART | SA_SIGINFO};
  memory = made_code(PLACES, STRIDE);
  find_shim();
  tick(0, NULL, NULL); /* what is looked up at the first time, and is no handler's to look up */
  if (is_tracked()) find = SHIM(ration_category);
  CHECK_EQUAL(sigaction(SIGTRAP, &action, NULL), 0);
  for (int i = 0; i < 3 * PLACES; i++) use(i % PLACES);
  CHECK(!shim_text || ticks > 1000);
  CHECK_EQUAL(uncounted, 0);
  check_books("program", 6 * PLACES, 6 * PLACES); /* a realloc is both */
  check_books("handler", ticks, ticks);
  puts("done");
  return 0;
}
