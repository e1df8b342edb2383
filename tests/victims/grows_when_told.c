/*
 * For budgets that are set and watched from outside. For each line that it reads, an answer: "+N" takes N bytes in
 * category `cache` ("done", "refused"), "-" gives the newest back, "=" is a heartbeat; "c", "i" and "d" catch, ignore
 * and take SIGUSR1 as it comes. "signal" whenever one was caught.
 */
#include <signal.h>

#include "victim.h"

#define BLOCKS_MOST 100

static void *blocks[BLOCKS_MOST];
static int count;

static void say(const char *word) {
  dprintf(1, "%s\n", word);
}

static void on_signal(int number) {
  (void)number;
  (void)!write(1, "signal\n", 7);
}

static void beat(void) {
  for (int i = 0; i < 2000; i++) free(malloc(100));
}

static const char *grow(size_t bytes) {
  enter("cache");
  blocks[count] = count < BLOCKS_MOST ? malloc(bytes) : NULL;
  leave();
  return blocks[count] ? count++, "done" : "refused";
}

static void catch_signal(char how) {
  struct sigaction action = {.sa_flags = SA_RESTART};
  action.sa_handler = how == 'c' ? on_signal : how == 'i' ? SIG_IGN : SIG_DFL;
  sigaction(SIGUSR1, &action, NULL);
}

int main(void) {
  char line[64];
  grow(1);
  say("ready");
  while (fgets(line, sizeof line, stdin)) {
    const char *answer = "done";
    if (line[0] == '+') answer = grow(strtoull(line + 1, NULL, 10));
    if (line[0] == '-' && count) free(blocks[--count]);
    if (strchr("cid", line[0])) catch_signal(line[0]);
    beat();
    say(answer);
  }
  return 0;
}
