/*
 * For reading the page heap from outside: takes blocks, gives some back, and does wrong, as the arguments say, in order.
 * For each step it says an address, of the last block that it was about:
 *   take:CATEGORY:N:BYTES  N blocks
 *   free:N                 every N-th of those that are there
 *   thread:CATEGORY:N:BYTES  as take, by a thread, which then ends
 *   twice                  the last block, two times
 *   within                 an address within the last block
 *   over                   the last block, and writes over it then; and takes as many of its size as lay beside it
 *   wait                   until stdin ends
 * Expected: `ration report --heap` and `whose` show just these.
 */
#include "victim.h"

#define BLOCKS_MOST 100000

static void *blocks[BLOCKS_MOST];
static size_t count;

struct wish {
  char category[64];
  size_t number;
  size_t bytes;
};

static struct wish last;

static struct wish wish_of(const char *step) {
  struct wish wish;
  CHECK_EQUAL(sscanf(step, "%*[^:]:%63[^:]:%zu:%zu", wish.category, &wish.number, &wish.bytes), 3);
  CHECK(count + wish.number <= BLOCKS_MOST);
  return wish;
}

static void *take(void *argument) {
  const struct wish *wish = argument;
  enter(wish->category);
  for (size_t i = 0; i < wish->number; i++) {
    blocks[count] = malloc(wish->bytes);
    CHECK(blocks[count] != NULL);
    memset(blocks[count++], 1, wish->bytes);
  }
  leave();
  last = *wish;
  return NULL;
}

static void give_every(size_t nth) {
  size_t kept = 0;
  CHECK(nth > 0);
  for (size_t i = 0; i < count; i++) {
    if (i % nth == nth - 1)
      free(blocks[i]);
    else
      blocks[kept++] = blocks[i];
  }
  count = kept;
}

/* What the program must not do: the compiler must not see it either. */
static void do_wrong(const char *step) {
  char *volatile block = blocks[--count];
  if (strcmp(step, "within") == 0) {
    free(block + 16);
    return;
  }
  free(block);
  if (strcmp(step, "twice") == 0) free(block);
  if (strcmp(step, "over") == 0) {
    memset(block, 0x55, 16);
    struct wish again = last;
    again.number = 2 * 65536 / again.bytes; /* two pages full */
    take(&again);
  }
}

static void wait_for_end(void) {
  char byte;
  while (read(0, &byte, 1) > 0) continue;
}

static void step(const char *what) {
  struct wish wish;
  if (strncmp(what, "take:", 5) == 0) {
    wish = wish_of(what);
    take(&wish);
  } else if (strncmp(what, "thread:", 7) == 0) {
    wish = wish_of(what);
    join_thread(start_thread(take, &wish));
  } else if (strncmp(what, "free:", 5) == 0) {
    give_every(strtoul(what + 5, NULL, 10));
  } else {
    do_wrong(what);
  }
}

int main(int argc, char **argv) {
  free(malloc(1)); /* a process's first block is always the system heap's */
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "wait") == 0) {
      dprintf(1, "waiting\n");
      wait_for_end();
      continue;
    }
    step(argv[i]);
    dprintf(1, "%p\n", count > 0 ? blocks[count - 1] : NULL);
  }
  return 0;
}
