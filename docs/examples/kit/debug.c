/*
 * A debugging wrapper round the process's heap: it tells of each wrong use when it can be seen, and at the end what was
 * never given back. Where the program is compiled without RATION_KIT_DEBUG and is_on is 0, RATION_DEBUG_WRAP costs nothing.
 */
#include <ration/kit/debug.h>

#include <stdio.h>
#include <string.h>

static void complain(const struct ration_debug_fault *fault, void *context) {
  int *count = context;
  printf("%d: block %d of %zu bytes: %s", ++*count, (int)fault->serial, fault->size, fault->text);
  if (fault->offset) printf(", at byte %d", (int)fault->offset);
  if (fault->given_size) printf(" (released as %zu bytes)", fault->given_size);
  putchar('\n');
}

static int list_leak(const struct ration_debug_block *block, void *unused) {
  (void)unused;
  const char *site =
      block->allocated.count ? "with" : "without"; /* frames[0] is in main, to be resolved by addr2line */
  printf("leak: block %d of %zu bytes, %s its call stack\n", (int)block->serial, block->size, site);
  return 0;
}

int main(void) {
  int count = 0;
  struct ration_debug debug;
  struct ration_debug_settings settings = {.is_on = 1, .report = complain, .context = &count};
  if (ration_debug_init(&debug, NULL, &settings)) return 1;
  struct ration_memory *memory = RATION_DEBUG_WRAP(&debug, NULL);

  char *name = ration_memory_allocate(memory, 8, 1), *text = ration_memory_allocate(memory, 32, 1);
  char *lost = ration_memory_allocate(memory, 5, 1), local[8] = "";
  if (!name || !text || !lost) return 2;
  ration_memory_release(memory, local, 8, 1); /* never came from here */
  ration_memory_release(memory, text, 23, 1); /* of another size */
  memset(name, 'x', 9);                       /* one byte too many */
  ration_debug_check(&debug, NULL);
  ration_memory_release(memory, text, 32, 1);
  ration_memory_release(memory, text, 32, 1); /* a second time */
  text[3] = 'y';                              /* after its release */
  ration_debug_check(&debug, NULL);
  ration_debug_visit(&debug, list_leak, NULL);
  ration_debug_done(&debug);
  return 0;
}
