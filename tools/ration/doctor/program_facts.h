/*
 * program_facts.h: what a program's file says about what ration will see of it; only read, never run.
 */
#ifndef RATION_TOOL_DOCTOR_PROGRAM_FACTS_H
#define RATION_TOOL_DOCTOR_PROGRAM_FACTS_H

#include <stdbool.h>

#include "doctor/allocators.h"
#include "doctor/runtimes.h"
#include "reader/fault.h"

#define PROGRAM_NAME_BYTES   256
#define PROGRAM_DIGITS_BYTES 129

struct program_facts {
  char loader[PROGRAM_NAME_BYTES];     /* "": it asks for none */
  char own_malloc[PROGRAM_NAME_BYTES]; /* a function of malloc's family that it defines for all; "": none */
  char sanitizer[PROGRAM_NAME_BYTES];  /* by what it is known; "": none */
  char malloc_library[PROGRAM_NAME_BYTES]; /* an allocator's library that it links; "": none */
  char ration_library[PROGRAM_NAME_BYTES]; /* ration's; "": not linked */
  char build_id[PROGRAM_DIGITS_BYTES];     /* in digits; "": none */
  const struct allocator *allocator;       /* that is linked into it; NULL: none that is known */
  const struct runtime *runtime;           /* NULL: none that is known */
  bool is_library;
  bool is_go;
  bool has_unwind_tables;
  bool has_symbols; /* beside those for the loader; in the file, or a debug file of it that is there */
  bool has_lines;   /* debug information, likewise */
};

/*
 * A file of this machine's kind. Returns 0; -EBADMSG: no ELF file, or a broken one; or the -errno of opening it; with
 * words.
 */
int program_facts_read(const char *path, struct program_facts *ret_facts, struct fault *ret_fault);

/* Is a library of this name the runtime of a sanitizer, which needs the heap for itself? */
bool program_is_sanitizer(const char *soname);

#endif
