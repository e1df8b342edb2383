/*
 * operators.h: the next definitions of operator new and delete.
 *
 * All are looked up at the start, since a look-up takes the loader's lock, which another thread may hold while it
 * waits for this one. What is not there then is looked up again when it is first called: a C program may load
 * its C++ runtime, or a plugin that brings one, with dlopen.
 */
#ifndef RATION_SHIM_OPERATORS_H
#define RATION_SHIM_OPERATORS_H

#include <stdint.h>

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
enum operator_variant { OPERATORS_NEW(OPERATOR_NUMBER) OPERATORS_DELETE(OPERATOR_NUMBER) OPERATOR_COUNT };

struct operator_definition {
  void *function; /* NULL: there is none */
  unsigned words;
  int is_aligned;    /* the word after the size is an alignment */
  int is_allocators; /* it comes from the library of the next malloc, and may not call malloc by name */
};

/* Looks up all of them. */
void operators_find(void);

/* The next definition, for a call from `caller`. */
struct operator_definition operators_definition(enum operator_variant variant, uintptr_t caller);

/* A module is about to be closed, or has been: what was found in one by itself may be gone. */
void operators_forget_modules(void);

#endif
