/*
 * A library is unloaded, and another one takes its place, in which the same call has a larger frame; in what is not used
 * of that, the old call's return addresses still stand. Arguments: the two libraries. Expected: the second call's stack
 * is its own, by first_way or second_way.
 * machine: x86_64
 */
#include <sched.h>

#include "victim.h"

typedef void *call_back_function(void *(*allocate)(void));

/* The first way's frame is 0x40 bytes larger: so in both the library's frame ends at the same place. */
#define WAY(name, bytes)                                                                                     \
  __asm__(".type " #name ", @function\n" #name ":\n.cfi_startproc\nsubq $" #bytes ", %rsp\n"                 \
          ".cfi_adjust_cfa_offset " #bytes "\nmovq %rdi, %rax\nmovq %rsi, %rdi\ncall *%rax\naddq $" #bytes   \
          ", %rsp\n.cfi_adjust_cfa_offset -" #bytes "\nret\n.cfi_endproc\n.size " #name ", .-" #name "\n");  \
  void *name(call_back_function *call_back, void *(*allocate)(void))

WAY(first_way, 0x58);
WAY(second_way, 0x18);

static uintptr_t at;

__attribute__((noinline)) static void *allocate(void) {
  at = (uintptr_t)__builtin_frame_address(0);
  void *block = malloc(100);
  __asm__ volatile("" ::: "memory");
  return block;
}

/* Another thread loads and unloads, so that the main thread's stack stays as it is, and so does what is known of it. */
static volatile int asked, done;
static call_back_function *volatile found;

static void *load(void *paths) {
  for (int i = 0; i < 2; i++) {
    while (asked != 2 * i + 1) sched_yield();
    void *library = dlopen(((char **)paths)[i], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    found = (call_back_function *)dlsym(library, "call_back");
    done = 2 * i + 1;
    while (asked != 2 * i + 2) sched_yield();
    dlclose(library);
    done = 2 * i + 2;
  }
  return NULL;
}

#define ASK(number)                                                                                          \
  do {                                                                                                       \
    asked = (number);                                                                                        \
    while (done != (number)) {                                                                               \
    }                                                                                                        \
  } while (0)

__attribute__((noinline)) static void *run(void *(*way)(call_back_function *, void *(*)(void)),
                                           call_back_function *call_back) {
  volatile char above[4096];
  above[0] = 1;
  void *block = way(call_back, allocate);
  above[1] = above[0];
  return block;
}

int main(int argc, char **argv) {
  uintptr_t code[2], frames[2];
  CHECK_EQUAL(argc, 3);
  pthread_t loader = start_thread(load, argv + 1);
  volatile int i = 0;
  for (; i < 2; i++) {
    ASK(2 * i + 1);
    for (volatile int j = 0; j < 3; j++) run(i ? second_way : first_way, found);
    frames[i] = at;
    code[i] = (uintptr_t)found;
    ASK(2 * i + 2);
  }
  join_thread(loader);
  printf("same place %d, same frame %d\n", code[0] == code[1], frames[0] == frames[1]);
  return 0;
}
