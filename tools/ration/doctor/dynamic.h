/*
 * dynamic.h: the dynamic section of a program's file, as the loader finds it: by program headers, with no regard to
 * sections, which a file need not have.
 *
 * The file may be anything: what lies outside of it is not there, and texts that do not end are none.
 */
#ifndef RATION_TOOL_DOCTOR_DYNAMIC_H
#define RATION_TOOL_DOCTOR_DYNAMIC_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dynamic {
  Elf *elf;
  Elf_Data *entries;
  Elf_Data *symbols; /* NULL: none */
  Elf_Data *texts;   /* NULL: none */
};

/* Lives as long as `elf`. Returns 0; -ENOENT: there is no such section; -EBADMSG: a broken one. */
int dynamic_read(Elf *elf, struct dynamic *ret_dynamic);

/* The value of the `index`th entry with this tag. */
bool dynamic_value(const struct dynamic *dynamic, int64_t tag, size_t index, uint64_t *ret_value);

/* The text of the `index`th entry with this tag; NULL: there are no more. One that is broken is "". */
const char *dynamic_text(const struct dynamic *dynamic, int64_t tag, size_t index);

/* Each symbol with a name; `is_own`: the program defines it for all modules, else it asks for it, or keeps it. */
typedef void (*dynamic_visitor)(const char *name, bool is_own, void *context);
void dynamic_visit_symbols(const struct dynamic *dynamic, dynamic_visitor visit, void *context);

#endif
