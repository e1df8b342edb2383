/*
 * Ways to use memory, each by a function of its own, so that every order of sites has another one first: what lives, what
 * was largest for a moment, what is many blocks, what is freed at once, what lives long. Bytes are as requested.
 *
 *   looks [wait]    wait: for a line on stdin, before the end
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NOINLINE __attribute__((noinline))

static void *volatile kept[1000];
static size_t kept_count;

static NOINLINE void keep(void *block) {
  kept[kept_count++] = block;
}

static NOINLINE void keep_document(void) { /* most of what lives: 3 of 40,000 */
  keep(malloc(40000));
  __asm__ volatile("");
}

static NOINLINE void scratch(void) { /* most that is freed at once: 100 of 1,000 */
  free(malloc(1000));
  __asm__ volatile("");
}

static NOINLINE void parse(void) {
  for (volatile int i = 0; i < 3; i++) keep_document(); /* one call, not three */
  for (int i = 0; i < 100; i++) scratch();
}

static NOINLINE void keep_sprite(void) { /* most blocks: 200 of 100 */
  keep(malloc(100));
  __asm__ volatile("");
}

static NOINLINE void fill_screen(void) { /* most at the peak, and in all: 1 of 1,000,000 */
  free(malloc(1000000));
  __asm__ volatile("");
}

static NOINLINE void draw(void) {
  for (int i = 0; i < 200; i++) keep_sprite();
  fill_screen();
}

static NOINLINE void *fill_cache(void) { /* lives longest of all that ends: 1 of 9,000 */
  void *block = malloc(9000);
  __asm__ volatile("");
  return block;
}

int main(int argc, char **argv) {
  (void)argv;
  void *cache = fill_cache();
  parse();
  draw();
  nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
  free(cache);
  if (argc > 1) {
    puts("ready");
    fflush(stdout);
    getchar();
  }
  return 0;
}
