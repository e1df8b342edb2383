/*
 * rule_list.h: the rules of a process: which blocks get which category, and whether any has.
 */
#ifndef RATION_TOOL_READER_RULE_LIST_H
#define RATION_TOOL_READER_RULE_LIST_H

#include "reader/layout.h"

#define RULE_LIST_MOST       1024
#define RULE_LIST_TEXT_BYTES (65536 + RULE_LIST_MOST) /* with a NUL behind each */

struct rule_facts {
  uint32_t category; /* id; there is one */
  uint32_t kind;     /* RATION_RULE_*, or one of a later minor */
  uint32_t text_at;  /* see rule_list_text */
  bool is_matched;
};

/* In the order in which they are tried. */
struct rule_list {
  uint32_t count;
  struct rule_facts rule[RULE_LIST_MOST];
  char text[RULE_LIST_TEXT_BYTES];
};

/* As it was given: "lib:libssl.so*". */
static inline const char *rule_list_text(const struct rule_list *list, uint32_t number) {
  return list->text + list->rule[number].text_at;
}

/*
 * Returns 0; -EBADMSG: a rule lies outside its table, has no category of 1 .. `categories`, or is more than there
 * can be, with words; or another -errno.
 */
int rule_list_read(const struct segment_file *file, const struct layout *layout, uint64_t count,
                   uint32_t categories, struct rule_list *ret_list, struct fault *ret_fault);

#endif
