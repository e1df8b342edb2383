/*
 * rule_view.c: "no block matched: parser: fn:json_*, fn:yy*".
 */
#include "view/rule_view.h"

#include "base/text.h"

#define LINE_BYTES 1024
#define LINE_FULL  512 /* then the rest of a category's rules stands on a further line */

struct rule_record {
  const char *category;
};

static const struct field rule_fields[] = {
    {.name = "category", .kind = FIELD_NAME, .offset = offsetof(struct rule_record, category)},
};

static void emit_list(struct emitter *emitter, const struct snapshot *snapshot);
static void emit_lines(struct emitter *emitter, const struct snapshot *snapshot, uint32_t category);
static void end_line(struct emitter *emitter, const char *line);

void rule_view_unmatched(struct emitter *emitter, const struct snapshot *snapshot) {
  emitter_hide_text(emitter);
  emit_list(emitter, snapshot);
  emitter_show_text(emitter);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) emit_lines(emitter, snapshot, id);
}

bool rule_view_has_functions(const struct snapshot *snapshot) {
  for (uint32_t i = 0; i < snapshot->rules.count; i++) {
    if (snapshot->rules.rule[i].kind == RATION_RULE_FN) return true;
  }
  return false;
}

/* A rule is no name: its backslashes stay, as `ration config` shows them. */
static void emit_list(struct emitter *emitter, const struct snapshot *snapshot) {
  emitter_begin_list(emitter, "rules_unmatched");
  for (uint32_t i = 0; i < snapshot->rules.count; i++) {
    const struct rule_facts *rule = &snapshot->rules.rule[i];
    if (rule->is_matched) continue;
    struct rule_record record = {.category = snapshot->categories[rule->category].name};
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(rule_fields), &record);
    emitter_remark(emitter, "rule", "", rule_list_text(&snapshot->rules, i));
    emitter_end(emitter);
  }
  emitter_end(emitter);
}

/* The order of rules is that in which they are tried, which the rules of one category need not follow upon another. */
static void emit_lines(struct emitter *emitter, const struct snapshot *snapshot, uint32_t category) {
  char line[LINE_BYTES];
  struct text text = text_in(line, sizeof line);
  bool is_open = false;
  for (uint32_t i = 0; i < snapshot->rules.count; i++) {
    const struct rule_facts *rule = &snapshot->rules.rule[i];
    if (rule->is_matched || rule->category != category) continue;
    if (!is_open) text = text_in(line, sizeof line);
    text_add(&text, is_open ? ", " : snapshot->categories[category].name);
    if (!is_open) text_add(&text, ": ");
    text_add(&text, rule_list_text(&snapshot->rules, i));
    is_open = text.used < LINE_FULL;
    if (!is_open) end_line(emitter, line);
  }
  if (is_open) end_line(emitter, line);
}

static void end_line(struct emitter *emitter, const char *line) {
  emitter_text_line(emitter, "  no block matched: ", line);
}
