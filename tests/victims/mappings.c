/*
 * A program that maps memory itself, in scopes and without, in threads, in a signal handler that interrupts another
 * mmap, and around fork. Expected: all calls do what they do without the shim, errno included; with mmap=1 the accounts
 * have, in whole pages, what is mapped at the end: 10 of `maps/a`, 4 of `maps/b`, 3 of the program's own, and 5 of the
 * handler's, and a child starts with its parent's and ends one `maps/b` with 2 less; with mmap=0 they have nothing.
 */
#include <sys/mman.h>
#include <sys/time.h>

#include "victim.h"

#define PAGE      4096
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t pages, int flags) {
  char *mapped = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
  CHECK(mapped != MAP_FAILED);
  mapped[0] = mapped[pages * PAGE - 1] = 1;
  return mapped;
}

static char *map_in(const char *category, size_t pages) {
  enter(category);
  char *mapped = map(pages, ANONYMOUS);
  leave();
  return mapped;
}

static void cut_move_and_fail(void) {
  char *a = map_in("maps/a", 20);
  CHECK_EQUAL(munmap(a + 5 * PAGE, 5 * PAGE), 0);
  char *moved = mremap(a + 10 * PAGE, 10 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
  CHECK(moved == a + 10 * PAGE);
  moved = mremap(moved, 8 * PAGE, 1000 * PAGE, MREMAP_MAYMOVE);
  CHECK(moved != MAP_FAILED && moved[0] == 0 && moved[1000 * PAGE - 1] == 0);
  moved = mremap(moved, 1000 * PAGE, 5 * PAGE, 0);
  CHECK(moved != MAP_FAILED);
  errno = 0;
  CHECK(mmap(NULL, 0, PROT_READ, ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
  CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED && errno == EBADF);
  CHECK(mremap(moved, 5 * PAGE, PAGE, 1 << 20) == MAP_FAILED && errno == EINVAL);
  CHECK(munmap(moved + 1, PAGE) == -1 && errno == EINVAL);
  errno = 77;
  CHECK_EQUAL(munmap(map(1, MAP_SHARED | MAP_ANONYMOUS), PAGE), 0);
  CHECK_EQUAL(errno, 77);
}

/* Another thread unmaps what one has mapped. */
static void *unmap(void *mapped) {
  CHECK_EQUAL(munmap(mapped, 100 * PAGE), 0);
  return NULL;
}

static void map_and_unmap(int times) {
  for (int i = 0; i < times; i++) {
    char *mapped = map(1 + (size_t)i % 7, ANONYMOUS);
    CHECK_EQUAL(munmap(mapped, (1 + (size_t)i % 7) * PAGE), 0);
  }
}

static void *map_often(void *nothing) {
  map_and_unmap(2000);
  return nothing;
}

static void in_threads(void) {
  pthread_t threads[8];
  join_thread(start_thread(unmap, map_in("maps/a", 100)));
  for (int i = 0; i < 8; i++) threads[i] = start_thread(map_often, NULL);
  for (int i = 0; i < 8; i++) join_thread(threads[i]);
}

static volatile int interruptions;

/* One at a time: where each takes longer than that, nothing else would come to its turn. */
static void interrupt_soon(void) {
  struct itimerval soon = {.it_value = {.tv_usec = 200}};
  setitimer(ITIMER_REAL, &soon, NULL);
}

static void map_in_handler(int signal_number) {
  int kept_errno = errno;
  (void)signal_number;
  char *mapped = map(5, ANONYMOUS);
  if (++interruptions != 1) CHECK_EQUAL(munmap(mapped, 5 * PAGE), 0);
  if (interruptions < 200) interrupt_soon();
  errno = kept_errno;
}

/* Until signals have come in the midst of it, or would have. */
static void interrupted(void) {
  signal(SIGALRM, map_in_handler);
  interrupt_soon();
  while (interruptions < 200) map_and_unmap(10);
  signal(SIGALRM, SIG_IGN);
}

int main(void) {
  free(malloc(1));
  cut_move_and_fail();
  char *b = map_in("maps/b", 4);
  in_threads();
  interrupted();
  map(3, ANONYMOUS);
  pid_t pid = fork();
  if (pid == 0) {
    CHECK_EQUAL(munmap(b, 2 * PAGE), 0);
    map_and_unmap(1000);
    _exit(0);
  }
  CHECK_EQUAL(status_of(pid), 0);
  puts("done");
  return 0;
}
