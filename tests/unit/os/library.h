/*
 * library.h: a small shared library, compiled by the test, and a module that looks as if it had been loaded from it:
 * laid out in memory as the loader would, but never run, so that any byte of it may be wrong.
 */
#ifndef RATION_TESTS_OS_LIBRARY_H
#define RATION_TESTS_OS_LIBRARY_H

#include <stddef.h>

#include "os/module.h"

struct library {
  unsigned char *bytes; /* what the file holds */
  size_t size;
  int descriptor;      /* the file: one without a name */
  char path[32];       /* leads to it */
  ElfW(Phdr) * layout; /* its program headers, untouched */
  size_t layout_count;
  unsigned char *memory; /* the loaded module */
  size_t memory_bytes;
  ElfW(Phdr) * headers; /* those that the module shows */
  struct module module;
};

/* Compiles `source` with cc and these further arguments, and loads it. */
void library_make(const char *source, const char *arguments, struct library *library);

/* Loads the module anew from `bytes`, whatever is in them, by the layout that the compiler made. */
void library_load(struct library *library);

/* Writes the file anew: the first `size` of `bytes`. */
void library_write(const struct library *library, const unsigned char *bytes, size_t size);

void library_free(struct library *library);

#endif
