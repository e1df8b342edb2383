/*
 * coroutine.h: a function run on a stack of its own, between two pages that cannot be read.
 */
#ifndef RATION_TESTS_OS_COROUTINE_H
#define RATION_TESTS_OS_COROUTINE_H

#include <criterion/criterion.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "os/memory.h"

struct coroutine {
  ucontext_t caller, own;
};

/* Runs it to its end; *ret_end, which it may look at, is the end of its stack of so many pages. */
static inline void coroutine_run(struct coroutine *coroutine, size_t pages, void (*function)(void),
                                 uintptr_t *ret_end) {
  size_t page = memory_page_bytes();
  char *memory = memory_map((pages + 2) * page);
  cr_assert_not_null(memory);
  cr_assert_eq(mprotect(memory, page, PROT_NONE), 0);
  cr_assert_eq(mprotect(memory + (pages + 1) * page, page, PROT_NONE), 0);
  *ret_end = (uintptr_t)memory + (pages + 1) * page;
  cr_assert_eq(getcontext(&coroutine->own), 0);
  coroutine->own.uc_stack.ss_sp = memory + page;
  coroutine->own.uc_stack.ss_size = pages * page;
  coroutine->own.uc_link = &coroutine->caller;
  makecontext(&coroutine->own, function, 0);
  cr_assert_eq(swapcontext(&coroutine->caller, &coroutine->own), 0);
  memory_unmap(memory, (pages + 2) * page);
}

#endif
