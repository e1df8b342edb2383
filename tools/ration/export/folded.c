/*
 * folded.c: "category;main;parse;inlined_[i] 4096": a line a stack, from the root inward, and what it weighs.
 *
 * Stacks that read the same are one line, and lines are in order, so that two of these can be compared by diff(1). An inlined
 * function is a frame of its own, with the `_[i]` behind its name by which flame graphs know it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "export/format.h"
#include "export/stacks.h"
#include "view/escape.h"

struct line {
  char *words; /* allocated; the key */
  double weight;
  UT_hash_handle hh;
};

struct folding {
  struct line *lines;
  const char *program; /* the outermost frame; NULL: none */
  uint32_t pid;        /* behind it; 0: it has no other process of its name beside it */
};

static void name_process(struct folding *folding, const struct subject *subject, size_t number);
static int fold_process(const struct subject *subject, size_t number, const struct export_wishes *wishes,
                        struct folding *folding, struct fault *ret_fault);
static int add_stack(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                     void *context);
static char *fold(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                  const struct folding *folding);
static void write_name(FILE *to, const char *name);
static int add_line(struct folding *folding, char *words, double weight);
static int compare_lines(const struct line *a, const struct line *b);
static void free_lines(struct folding *folding);

int export_folded(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                  struct fault *ret_fault) {
  struct folding folding = {0};
  int error = 0;
  for (size_t i = 0; !error && i < subject->count; i++) {
    if (subject->count > 1) name_process(&folding, subject, i);
    error = fold_process(subject, i, wishes, &folding, ret_fault);
  }
  if (!error) HASH_SORT(folding.lines, compare_lines);
  for (const struct line *line = folding.lines; !error && line; line = line->hh.next) {
    uint64_t weight = stacks_rounded(line->weight);
    if (weight > 0) fprintf(to, "%s %" PRIu64 "\n", line->words, weight);
  }
  free_lines(&folding);
  return error;
}

/* Of two processes of one name each has stacks of its own; images that exec has made of one are one. */
static void name_process(struct folding *folding, const struct subject *subject, size_t number) {
  const struct snapshot *snapshot = &subject->processes[number]->snapshot;
  folding->program = snapshot->program;
  folding->pid = 0;
  for (size_t i = 0; i < subject->count && !folding->pid; i++) {
    const struct snapshot *other = &subject->processes[i]->snapshot;
    if (other->name.pid != snapshot->name.pid && strcmp(other->program, snapshot->program) == 0)
      folding->pid = snapshot->name.pid;
  }
}

static int fold_process(const struct subject *subject, size_t number, const struct export_wishes *wishes,
                        struct folding *folding, struct fault *ret_fault) {
  struct stacks stacks;
  int error = stacks_open_beside(subject, number, wishes, &stacks, ret_fault);
  if (error) return error;
  error = stacks_visit(&stacks, add_stack, folding);
  stacks_close(&stacks);
  return error ? fault_set(ret_fault, error, "not enough memory for its stacks") : 0;
}

static int add_stack(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                     void *context) {
  struct folding *folding = context;
  if (!(row->rank > 0)) return 0;
  char *words = fold(stacks, row, stack, folding);
  return words ? add_line(folding, words, row->rank) : -ENOMEM;
}

/* Allocated. NULL: no memory. */
static char *fold(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                  const struct folding *folding) {
  char *words = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&words, &size);
  if (!to) return NULL;
  if (folding->program) {
    write_name(to, folding->program);
    if (folding->pid) fprintf(to, " (pid %" PRIu32 ")", folding->pid);
    fputc(';', to);
  }
  write_name(to, stacks_category(stacks, row));
  for (size_t i = stack->count; i-- > 0;) {
    char place[STACK_PLACE_BYTES];
    fputc(';', to);
    write_name(to, stack_frame_name(&stack->frame[i], place));
    if (stack->frame[i].is_inlined) fputs("_[i]", to);
  }
  bool is_whole = !ferror(to);
  if (fclose(to) == 0 && is_whole) return words;
  free(words);
  return NULL;
}

/* A name must not end its frame, nor its line. What is no text of UTF-8 is escaped, too; a part at a time. */
static void write_name(FILE *to, const char *name) {
  size_t left = strlen(name);
  while (left > 0) {
    size_t plain = escape_plain(name, left);
    if (*name == ';')
      fputc(':', to);
    else if (plain > 0)
      fwrite(name, 1, plain, to);
    else
      fprintf(to, "\\x%02x", (unsigned char)*name);
    size_t taken = plain > 0 ? plain : 1;
    name += taken;
    left -= taken;
  }
}

/* Takes the words. */
static int add_line(struct folding *folding, char *words, double weight) {
  struct line *line;
  HASH_FIND_STR(folding->lines, words, line);
  if (line) {
    line->weight += weight;
    free(words);
    return 0;
  }
  line = malloc(sizeof *line);
  if (line) {
    *line = (struct line){.words = words, .weight = weight};
    HASH_ADD_KEYPTR(hh, folding->lines, line->words, strlen(line->words), line);
    if (line->hh.tbl) return 0;
  }
  free(line); /* so uthash says that it has no memory */
  free(words);
  return -ENOMEM;
}

static int compare_lines(const struct line *a, const struct line *b) {
  return strcmp(a->words, b->words);
}

static void free_lines(struct folding *folding) {
  struct line *line = folding->lines;
  HASH_CLEAR(hh, folding->lines);
  while (line) {
    struct line *next = line->hh.next;
    free(line->words);
    free(line);
    line = next;
  }
}
