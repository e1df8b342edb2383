/*
 * performance_view.c: "1,204,331 allocations and 1,204,100 frees a second, 148.3 MiB a second; fragmentation 0.12; pools hit
 * 99.8 %; 21.3 ms of CPU time in the shim".
 */
#include "view/performance_view.h"

#include <stdio.h>

#include "base/text.h"
#include "base/whole.h"
#include "reader/performance.h"

#define FIGURE(member)                                                                                       \
  { .name = #member, .kind = FIELD_REAL, .offset = offsetof(struct performance, member) }

static const struct field fields[] = {
    FIGURE(allocations_per_second), FIGURE(frees_per_second),   FIGURE(allocated_bytes_per_second),
    FIGURE(fragmentation),          FIGURE(management_seconds), FIGURE(pool_hit_rate),
};

static void say(struct text *line, const char *words);

void performance_view_line(struct emitter *emitter, const struct process *process) {
  struct performance performance = performance_of(process);
  const struct performance *figures = &performance;
  char words[256], line[3 * sizeof words] = "";
  struct text text = text_in(line, sizeof line);
  emitter_begin_object(emitter, "performance");
  emitter_fields(emitter, FIELDS(fields), figures);
  emitter_end(emitter);
  if (figures->allocations_per_second >= 0) {
    snprintf(words, sizeof words, "%s allocations and %s frees a second, %s a second",
             units_count(whole_of(figures->allocations_per_second)).chars,
             units_count(whole_of(figures->frees_per_second)).chars,
             units_bytes(whole_of(figures->allocated_bytes_per_second)).chars);
    say(&text, words);
  }
  if (figures->fragmentation >= 0) {
    snprintf(words, sizeof words, "fragmentation %.2f", figures->fragmentation);
    say(&text, words);
  }
  if (figures->pool_hit_rate >= 0) {
    snprintf(words, sizeof words, "pools hit %.1f %%", 100 * figures->pool_hit_rate);
    say(&text, words);
  }
  if (figures->management_seconds > 0) {
    snprintf(words, sizeof words, "%s of CPU time in the shim",
             units_length(whole_of(figures->management_seconds * 1e9)).chars);
    say(&text, words);
  }
  if (line[0]) emitter_text_line(emitter, "  ", line);
}

static void say(struct text *line, const char *words) {
  if (line->used > 0) text_add(line, "; ");
  text_add(line, words);
}
