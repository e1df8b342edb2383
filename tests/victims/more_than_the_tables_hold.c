/*
 * Arguments: how many blocks live at once, and from how many places they come, code that is made at run time. Expected:
 * there is no end to either; each is the program's, in its category, and freed as any other.
 */
#include <sys/mman.h>

#include "victim.h"

#define STEP 16

/* push rbp; mov rbp, rsp; call rsi; pop rbp; ret */
static const unsigned char code[STEP] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3};

int main(int argc, char **argv) {
  size_t blocks = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000,
         places = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
  char *memory = mmap(NULL, places * STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void **all = mmap(NULL, blocks * sizeof *all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; i < places; i++) memcpy(memory + i * STEP, code, STEP);
  CHECK_EQUAL(mprotect(memory, places * STEP, PROT_READ | PROT_EXEC), 0);
  for (int round = 0; round < 2; round++) {
    enter("many");
    for (size_t i = 0; i < blocks; i++) {
      char *place = memory + i % places * STEP;
      all[i] = ((void *(*)(size_t, void *(*)(size_t)))(uintptr_t)place)(1 + i % 20, malloc);
      CHECK(all[i] != NULL);
    }
    leave();
    if (is_tracked()) CHECK_EQUAL(books_of("many").live_blocks, blocks);
    for (size_t i = 0; is_tracked() && i < blocks; i += 997)
      CHECK_EQUAL(strcmp(category_of(all[i]), "many"), 0);
    for (size_t i = 0; i < blocks; i++) free(all[i]);
    check_books("many", blocks * (size_t)(round + 1), blocks * (size_t)(round + 1));
  }
  puts("done");
  return 0;
}
