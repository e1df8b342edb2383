/*
 * A child of a raw clone does nothing until its parent has used far more of its tables, and given out again an address
 * that the child has a block at. Expected: of what the parent has come by since, the child takes nothing.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "victim.h"

#define STEP   16
#define PLACES 20000

/* push rbp; mov rbp, rsp; call rsi; pop rbp; ret */
static const unsigned char code[STEP] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3};
static char *memory;

static void *allocate_at(size_t place) {
  return ((void *(*)(size_t, void *(*)(size_t)))(uintptr_t)(memory + place * STEP))(100, malloc);
}

int main(void) {
  int go[2];
  char byte;
  memory = mmap(NULL, PLACES * STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < PLACES; i++) memcpy(memory + i * STEP, code, STEP);
  CHECK_EQUAL(mprotect(memory, PLACES * STEP, PROT_READ | PROT_EXEC), 0);
  CHECK_EQUAL(pipe(go), 0);
  free(malloc(1)); /* a process's first block is always the system heap's */
  void *block = allocate_at(0);
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    if (read(go[0], &byte, 1) != 1) _exit(9);
    free(malloc(10));
    free(block);
    _exit(3);
  }
  free(block);
  for (size_t i = 1; i + 1 < PLACES; i++) free(allocate_at(i));
  void *again = allocate_at(PLACES - 1);
  CHECK(again == block);
  CHECK_EQUAL(write(go[1], "g", 1), 1);
  CHECK_EQUAL(status_of(pid), 3);
  free(again);
  puts("done");
  return 0;
}
