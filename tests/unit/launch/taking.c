/*
 * Tests of launch/taking.c: who is chosen, and whose figures are handed over.
 */
#include "launch/taking.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct process process;

Test(taking, hands_figures_over_to_their_own_image) {
  struct taking taking = {.has_resident = true, .image = 1, .resident = {.rss_bytes = 7}};
  process.state = PROCESS_EXITED;
  taking_hand_over(&taking, &process);
  cr_assert(!process.has_resident);
  taking.resident.at_ns = process_clock_ns() - 500000000;
  process.snapshot.name.image = 1;
  taking_hand_over(&taking, &process);
  cr_assert(process.has_resident);
  cr_assert_eq(process.resident.rss_bytes, 7);
  cr_assert_geq(process.resident_age_seconds, 0.5);
}

static pid_t child_of_pages(size_t megabytes) {
  pid_t child = fork();
  if (child != 0) return child;
  size_t bytes = megabytes << 20;
  memset(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, bytes);
  kill(getpid(), SIGSTOP);
  _exit(0);
}

Test(taking, chooses_the_largest) {
  enum { CHILDREN = TAKING_AT_ONCE + 4 };
  static const size_t order[CHILDREN] = {5, 20, 1, 19, 2, 18, 3, 17, 4,  16,
                                         6, 15, 7, 14, 8, 13, 9, 12, 10, 11};
  pid_t children[CHILDREN];
  struct taking_choice choice = {0};
  for (size_t i = 0; i < CHILDREN; i++) {
    children[i] = child_of_pages(order[i]);
    cr_assert_eq(waitpid(children[i], NULL, WUNTRACED), children[i]);
    taking_offer(&choice, (uint32_t)children[i], (void *)(uintptr_t)&order[i]);
  }
  taking_offer(&choice, INT32_MAX, NULL);
  cr_assert_eq(choice.count, TAKING_AT_ONCE);
  for (size_t i = 0; i < TAKING_AT_ONCE; i++)
    cr_assert_eq(*(const size_t *)choice.largest[i].offered, CHILDREN - i, "%zu", i);
  for (size_t i = 0; i < CHILDREN; i++) {
    kill(children[i], SIGKILL);
    waitpid(children[i], NULL, 0);
  }
}
