/*
 * allocators.h: the allocators that programs bring along, and by what each is known.
 */
#ifndef RATION_TOOL_DOCTOR_ALLOCATORS_H
#define RATION_TOOL_DOCTOR_ALLOCATORS_H

#include <libelf.h>
#include <stdbool.h>

struct allocator {
  const char *called;
  const char *symbols[4]; /* functions that only it has */
  const char *part;       /* of a mangled name, likewise; NULL: none */
  const char *text;       /* that its code holds behind a `lead`, for files without symbols; NULL: none */
  char lead;              /* kept apart, or this very program would hold it */
  const char *library;    /* what the names of its libraries begin with; NULL: none */
  const char *advice;     /* where it is linked into a program */
};

/* Each NULL: none of them. */
const struct allocator *allocator_of_symbol(const char *name);
const struct allocator *allocator_of_library(const char *soname);

/* Of the text that the file has in memory when it runs. `fd` is the file's. */
const struct allocator *allocator_of_texts(Elf *elf, int fd);

/* Of the functions by which the shim tells who comes first: is it one? */
bool allocator_is_family(const char *name);

#endif
