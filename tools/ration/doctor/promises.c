/*
 * promises.c: one table of them, from which README.md and docs/reliability.md have theirs.
 *
 * NULL: no test shows it, either way. A promise that does not hold over an allocator is that allocator's way without the shim, too,
 * but for the page heap, which is a heap of its own.
 */
#include "doctor/promises.h"

#include <stddef.h>

#define YES "yes"
#define NO  "no"

struct promise {
  const char *promise;
  const char *glibc, *jemalloc, *tcmalloc, *mimalloc, *page_heap; /* on x86-64 */
  const char *aarch64;                                            /* over glibc, under an emulator */
  const char *shown_by;      /* a suite of tests/system, or a file of tests, and words that are in it */
  const char *aarch64_shown; /* by that victim in tests/aarch64/run */
};

static const struct promise promises[] = {
    {"output and exit status are what they are without it", YES, YES, YES, YES, YES, YES,
     "victims.bats: constructors of every order allocate", "malloc_in_constructors"},
    {"live bytes and blocks are exact, by category", YES, YES, YES, YES, YES, YES,
     "victims.bats: a program reads its own numbers", "consumer_thread"},
    {"bytes are what malloc_usable_size says", YES, YES, YES, YES, YES, NULL,
     "victims.bats: usable sizes hold, and the books are their sum", NULL},
    {"a forked child's books are exact", YES, YES, YES, YES, YES, NULL,
     "victims.bats: a fork child starts with exactly its parent's books", NULL},
    {"books outlive SIGKILL", YES, NULL, NULL, NULL, YES, NULL,
     "victims.bats: however a process ends, its books stay", NULL},
    {"a budget holds to the byte", YES, YES, YES, YES, YES, NULL,
     "budgets.bats: one thread is refused at the byte", NULL},
    {"operator new throws where a budget refuses", YES, YES, YES, YES, YES, NULL,
     "budgets.bats: operator new calls the new-handler, and throws", NULL},
    {"operator new throws where there is no memory", YES, YES, YES, NO, YES, NULL,
     "victims.bats: new-handlers are called, and std::bad_alloc is thrown", NULL},
    {"samples have call stacks, of code of every kind", YES, YES, YES, YES, YES, NULL,
     "sampling.bats: code of every kind, and rbp with anything in it", NULL},
    {"the system's calls may fail, and it runs on", YES, YES, YES, YES, YES, NULL,
     "faults.bats: all calls of a name fail, over other allocators", NULL},
    {"the allocator is asked for the same, and lays out the same", YES, NULL, NULL, NULL, NO, NULL,
     "transparency/run: the heap is laid out the same", NULL},
    {"calloc touches no memory that is fresh", YES, YES, NO, NO, YES, NULL,
     "hazards.bats: memory that nobody has touched stays so", NULL},
    {"realloc of large blocks moves pages, and copies none", YES, NULL, NULL, NULL, NO, NULL,
     "hazards.bats: memory that nobody has touched stays so", NULL},
    {"blocks of a malloc by another name are told apart", YES, NULL, NULL, NULL, YES, NULL,
     "victims.bats: blocks of libc's own malloc are foreign", NULL},
    {"unused heap is told from other mappings (memory=1)", YES, NO, NO, NO, YES, NULL,
     "memory.bats: over other allocators slack and mappings are one figure; "
     "page_heap.bats: the closing line explains resident memory to the byte",
     NULL},
    {"a block that is freed twice, or not begun there, is noticed", NO, NO, NO, NO, YES, NULL,
     "page_misuse.bats: a block that is given back twice", NULL},
};

#define PROMISE(member) .name = #member, .kind = FIELD_NAME, .offset = offsetof(struct promise, member)

static const struct field fields[] = {
    {PROMISE(promise), .heading = "PROMISE"},
    {PROMISE(glibc), .heading = "GLIBC"},
    {PROMISE(jemalloc), .heading = "JEMALLOC"},
    {PROMISE(tcmalloc), .heading = "TCMALLOC"},
    {PROMISE(mimalloc), .heading = "MIMALLOC"},
    {PROMISE(page_heap), .heading = "PAGE HEAP"},
    {PROMISE(aarch64), .heading = "AARCH64"},
    {PROMISE(shown_by)},
    {PROMISE(aarch64_shown)},
};

void promises_show(struct emitter *emitter) {
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "promises");
  for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(fields), &promises[i]);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(fields), &promises[i]);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  emitter_text_line(emitter, "",
                    "Blank: no test shows it. AArch64: over glibc, under an emulator; the others: x86-64.");
}
