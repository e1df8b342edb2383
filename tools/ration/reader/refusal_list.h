/*
 * refusal_list.h: who was refused memory: by caller, category and budget.
 *
 * Rows that are not written yet, or that no shim writes (no such category, a name without an end), are passed over.
 */
#ifndef RATION_TOOL_READER_REFUSAL_LIST_H
#define RATION_TOOL_READER_REFUSAL_LIST_H

#include "reader/layout.h"

#define REFUSAL_LIST_MOST 512 /* whatever a segment says: more rows are not looked at */

#define REFUSAL_ADDRESS_MASK ((UINT64_C(1) << 47) - 1) /* what a row keeps of its caller's address */

struct refusal_facts {
  uint32_t category; /* id; 0: all those for which the table had no row of their own */
  uint32_t budget;   /* id of its category; 0: refused by `fail`, or not known */
  uint64_t address;  /* of the caller, as REFUSAL_ADDRESS_MASK leaves it */
  uint64_t requests;
  uint64_t bytes; /* asked for in all */
  uint64_t last_at;
  uint64_t offset;                                                    /* of the caller in its module */
  char module[sizeof((struct ration_segment_refusal *)NULL)->module]; /* "": not known */
};

struct refusal_list {
  uint32_t count;
  struct refusal_facts refusal[REFUSAL_LIST_MOST];
};

/* Reads those of categories 1 .. `categories`. Returns 0 or -errno. */
int refusal_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                      struct refusal_list *ret_list);

/* Whose caller has this address, with its module; NULL: none. */
const struct refusal_facts *refusal_list_find(const struct refusal_list *list, uint64_t address);

#endif
