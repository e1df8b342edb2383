/*
 * operators.h: the next definitions of operator new and delete.
 *
 * They are looked up at the start and not again: a look-up takes the loader's lock, which another thread may hold
 * while it waits for this one (a dlopen whose constructor waits for a thread). A C program may bring a C++ runtime
 * with dlopen later: for it, new.c does what every runtime does, which is to call malloc and free; only where there
 * is no memory does it look for the runtime, which knows about new-handlers and exceptions.
 */
#ifndef RATION_SHIM_OPERATORS_H
#define RATION_SHIM_OPERATORS_H

#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"

/* X(mangled name, words that follow the size or the address, the first of them is a new block's alignment) */
#define OPERATORS_NEW(X)                                                                                     \
  X(_Znwm, 0, 0)                                                                                             \
  X(_Znam, 0, 0)                                                                                             \
  X(_ZnwmRKSt9nothrow_t, 1, 0)                                                                               \
  X(_ZnamRKSt9nothrow_t, 1, 0)                                                                               \
  X(_ZnwmSt11align_val_t, 1, 1)                                                                              \
  X(_ZnamSt11align_val_t, 1, 1)                                                                              \
  X(_ZnwmSt11align_val_tRKSt9nothrow_t, 2, 1)                                                                \
  X(_ZnamSt11align_val_tRKSt9nothrow_t, 2, 1)
#define OPERATORS_DELETE(X)                                                                                  \
  X(_ZdlPv, 0, 0)                                                                                            \
  X(_ZdaPv, 0, 0)                                                                                            \
  X(_ZdlPvm, 1, 0)                                                                                           \
  X(_ZdaPvm, 1, 0)                                                                                           \
  X(_ZdlPvRKSt9nothrow_t, 1, 0)                                                                              \
  X(_ZdaPvRKSt9nothrow_t, 1, 0)                                                                              \
  X(_ZdlPvSt11align_val_t, 1, 0)                                                                             \
  X(_ZdaPvSt11align_val_t, 1, 0)                                                                             \
  X(_ZdlPvmSt11align_val_t, 2, 0)                                                                            \
  X(_ZdaPvmSt11align_val_t, 2, 0)                                                                            \
  X(_ZdlPvSt11align_val_tRKSt9nothrow_t, 2, 0)                                                               \
  X(_ZdaPvSt11align_val_tRKSt9nothrow_t, 2, 0)

#define OPERATOR_NUMBER(name, words, is_aligned) OPERATOR##name,
enum operator_variant {
  OPERATORS_NEW(OPERATOR_NUMBER) /* first the news, then the deletes */
  OPERATORS_DELETE(OPERATOR_NUMBER) OPERATOR_COUNT,
  OPERATOR_FIRST_DELETE = OPERATOR_ZdlPv
};

struct operator_definition {
  void *function; /* NULL: there is none */
  unsigned words;
  int is_aligned;    /* the word after the size is an alignment */
  void *runtimes;    /* where it is: the C++ runtime's, which calls malloc and throws; NULL: there is none */
  int is_allocators; /* it comes from the library of the next malloc, and may not call malloc by name */
};

/* Looks up all of them, once. */
void operators_find(void);

/* All of the next definitions are a C++ runtime's, which does nothing but to call malloc and free: nobody counts by them, or
   has a pool behind them. */
extern uint32_t operators_plain INTERNAL;
static inline int operators_are_plain(void) {
  return load_relaxed(&operators_plain) != 0; /* said once, when all were found */
}

/* The next definition in link order. */
struct operator_definition operators_definition(enum operator_variant variant);

/* In a runtime that came by dlopen, or in the module that calls. Takes the loader's lock. */
struct operator_definition operators_find_late(enum operator_variant variant, uintptr_t caller);

#endif
