/*
 * stack.h: the call stack of a site in the words of the source: what is shown of it.
 */
#ifndef RATION_TOOL_SITES_STACK_H
#define RATION_TOOL_SITES_STACK_H

#include "reader/site_list.h"
#include "symbols/symbols.h"

struct stack_frame {
  const char *function; /* NULL: not known; these texts belong to the symbols and the site list */
  const char *file;     /* NULL: not known */
  uint32_t line;        /* 0: not known */
  bool is_inlined;      /* into the function of the next frame */
  const char *module;   /* its file's name; NULL: in none */
  uint64_t offset;      /* return address: in the module's file, or, in none, in memory */
};

struct stack {
  size_t count;
  struct stack_frame *frame; /* allocated; the innermost first */
};

/*
 * A segment's 128 frames stand for some more that are inlined; but debug information can say of each that it is
 * thousands, and trees of stacks are gone through by recursion. What lies further out is left away.
 */
#define STACK_FRAMES_MOST 2048

/* Returns 0, with a stack that is to be freed, or -ENOMEM. */
int stack_of(struct symbols *symbols, const struct site_list *sites, const struct site_facts *site,
             struct stack *ret_stack);
void stack_free(struct stack *stack);

/* A frame on a line, with a short name: "parse at json.c:120 (inlined)", "libfoo.so+0x1234". */
#define STACK_FRAME_BYTES 1000
void stack_frame_words(const struct stack_frame *frame, char ret_words[STACK_FRAME_BYTES]);

/* What to call its function where lines do not matter: its whole name; or its module and the offset in it, which are put
 * into `place`. */
#define STACK_PLACE_BYTES 400
const char *stack_frame_name(const struct stack_frame *frame, char place[STACK_PLACE_BYTES]);

#endif
