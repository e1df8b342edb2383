/*
 * rules.c: reading rules, and trying them.
 */
#include "model/rules.h"

#include <errno.h>

#include "base/glob_list.h"
#include "base/text.h"
#include "model/category.h"

static const char *read_rule(const char *text, size_t bytes, struct rule *ret_rule);
static const char *read_size(const char *text, size_t bytes, struct rule *ret_rule);
static uint32_t count_of(const struct rules *rules, const char *path);
static void drop_those_of(struct rules *rules, const char *path);
static void note_kinds(struct rules *rules);

/* ---- reading ------------------------------------------------------------------------------------------- */

void rules_clear(struct rules *rules) {
  rules->count = 0;
  note_kinds(rules);
}

const char *rules_add(struct rules *rules, const char *path, const char *globs) {
  if (!category_is_named(path)) return "a category expected, a/b of letters, digits and _ . + - ~";
  const char *why = NULL, *text, *list = globs;
  size_t bytes;
  uint32_t count = 0;
  struct rule rule;
  while (!why && (text = glob_list_next(&list, &bytes)) && ++count) why = read_rule(text, bytes, &rule);
  if (why) return why;
  if (!count) return "globs expected, parted by |: lib:, fn:, thread:, size:";
  if (count > RULES_MOST - rules->count + count_of(rules, path)) return "at most 1024 globs can be held";
  drop_those_of(rules, path);

  for (list = globs; (text = glob_list_next(&list, &bytes));) {
    read_rule(text, bytes, &rule);
    rule.path = path;
    rules->rule[rules->count++] = rule;
  }
  note_kinds(rules);
  return NULL;
}

/* Also of names that are another's beginning: "lib:" is no beginning of "library". */
static int begins_with(const char *text, size_t bytes, const char *word) {
  size_t at = 0;
  while (word[at] && at < bytes && text[at] == word[at]) at++;
  return !word[at];
}

static const char *read_rule(const char *text, size_t bytes, struct rule *ret_rule) {
  static const struct {
    const char *word;
    uint8_t kind;
  } kinds[] = {{"lib:", RATION_RULE_LIB},
               {"fn:", RATION_RULE_FN},
               {"thread:", RATION_RULE_THREAD},
               {"size:", RATION_RULE_SIZE}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (!begins_with(text, bytes, kinds[i].word)) continue;
    size_t at = text_length(kinds[i].word);
    *ret_rule = (struct rule){.text = text,
                              .text_bytes = (uint32_t)bytes,
                              .glob = text + at,
                              .glob_bytes = (uint32_t)(bytes - at),
                              .kind = kinds[i].kind};
    if (kinds[i].kind == RATION_RULE_SIZE) return read_size(text + at, bytes - at, ret_rule);
    ret_rule->filter = glob_filter_of(text + at, bytes - at);
    return bytes > at ? NULL : "a glob expected behind the colon";
  }
  return "globs expected, each behind lib:, fn:, thread: or size:";
}

/* What the sign says of a bound, as the sizes that fit: low .. low + span. 0: none does. */
static int read_sign(const char *text, size_t bytes, uint64_t *ret_low, uint64_t *ret_span,
                     size_t *ret_length) {
  static const char *const signs[] = {">=", "<=", ">", "<", "="};
  size_t sign = 0;
  while (sign < 5 && !begins_with(text, bytes, signs[sign])) sign++;
  if (sign == 5) return 0;
  *ret_length = text_length(signs[sign]);
  uint64_t bound;
  size_t digits = text_read_size(text + *ret_length, &bound);
  if (!digits || *ret_length + digits != bytes) return 0;
  char relation = signs[sign][0];
  int is_strict = relation != '=' && *ret_length == 1;
  if (relation == '<' && is_strict && bound-- == 0) return 0;
  if (relation == '>' && is_strict && ++bound == 0) return 0;
  *ret_low = relation == '<' ? 0 : bound;
  *ret_span = relation == '<' ? bound : relation == '>' ? UINT64_MAX - bound : 0;
  return 1;
}

static const char *read_size(const char *text, size_t bytes, struct rule *ret_rule) {
  size_t length;
  if (read_sign(text, bytes, &ret_rule->low, &ret_rule->span, &length)) return NULL;
  return "size:>=1M expected: one of >= > <= < = and bytes, or K, M, G, T";
}

static uint32_t count_of(const struct rules *rules, const char *path) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < rules->count; i++) count += text_is_equal(rules->rule[i].path, path);
  return count;
}

static void drop_those_of(struct rules *rules, const char *path) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < rules->count; i++)
    if (!text_is_equal(rules->rule[i].path, path)) rules->rule[kept++] = rules->rule[i];
  rules->count = kept;
}

static void note_kinds(struct rules *rules) {
  struct size_rule *size = rules->sizes;
  rules->kinds = 0;
  for (uint32_t i = 0; i < rules->count; i++) {
    const struct rule *rule = &rules->rule[i];
    rules->kinds |= UINT32_C(1) << rule->kind;
    if (rule->kind != RATION_RULE_SIZE) continue;
    *size++ = (struct size_rule){
        .low = rule->low, .span = rule->span, .number = (uint16_t)i, .category = rule->category};
  }
  *size = (struct size_rule){.number = RULES_NONE};
}

/* ---- trying -------------------------------------------------------------------------------------------- */

static int has_slash(const struct rule *rule) {
  for (uint32_t i = 0; i < rule->glob_bytes; i++)
    if (rule->glob[i] == '/') return 1;
  return 0;
}

uint16_t rules_of_module(const struct rules *rules, const char *name, const char *path) {
  for (uint32_t i = 0; i < rules->count; i++) {
    const struct rule *rule = &rules->rule[i];
    if (rule->kind != RATION_RULE_LIB) continue;
    if (glob_fits(rule->glob, rule->glob_bytes, has_slash(rule) ? path : name)) return (uint16_t)i;
  }
  return RULES_NONE;
}

static uint16_t first_of_kind(const struct rules *rules, uint32_t kind, const char *name) {
  struct glob_print print = glob_print_of(name);
  for (uint32_t i = 0; i < rules->count; i++) {
    const struct rule *rule = &rules->rule[i];
    if (rule->kind == kind && glob_may_fit(&rule->filter, &print) &&
        glob_fits(rule->glob, rule->glob_bytes, name))
      return (uint16_t)i;
  }
  return RULES_NONE;
}

uint16_t rules_of_function(const struct rules *rules, const char *name) {
  return first_of_kind(rules, RATION_RULE_FN, name);
}

uint16_t rules_of_thread(const struct rules *rules, const char *name) {
  return rules_have(rules, RATION_RULE_THREAD) ? first_of_kind(rules, RATION_RULE_THREAD, name) : RULES_NONE;
}

/* Not where each begins above `most`: then none of them fits any of these sizes. */
int rules_tell_sizes(const struct rules *rules, uint64_t most, uint16_t before) {
  for (const struct size_rule *at = rules->sizes; at->number < before; at++)
    if (at->low <= most) return 1;
  return 0;
}

/* ---- in a segment -------------------------------------------------------------------------------------- */

static int list_rule(struct rule *rule, struct segment *segment, uint32_t number, uint32_t *text_at) {
  struct ration_segment_rule *row = &segment->rules[number];
  if (*text_at + rule->text_bytes > SEGMENT_TEXT_BYTES) return -ENOSPC;
  if (segment_make_present(segment, row, sizeof *row) < 0) return -ENOMEM;
  if (segment_make_present(segment, segment->text + *text_at, rule->text_bytes) < 0) return -ENOMEM;
  for (uint32_t i = 0; i < rule->text_bytes; i++) segment->text[*text_at + i] = rule->text[i];
  *row = (struct ration_segment_rule){
      .category = rule->category, .kind = rule->kind, .text_at = *text_at, .text_bytes = rule->text_bytes};
  *text_at += rule->text_bytes;
  return 0;
}

uint32_t rules_open(struct rules *rules, struct segment *segment) {
  uint32_t lost = 0, text_at = 0, listed = 0;
  for (uint32_t i = 0; i < rules->count; i++) {
    struct rule *rule = &rules->rule[i];
    uint32_t id = RATION_CATEGORY_OTHER;
    rules->is_noted[i] = 0;
    int result = category_add(segment, rule->path, RATION_KIND_PROGRAM, &id);
    rule->category = (uint16_t)id;
    if (result == 0 && listed == i) result = list_rule(rule, segment, i, &text_at);
    if (result == 0) listed = i + 1;
    lost += result < 0;
  }
  note_kinds(rules); /* with their categories; in a child's segment nothing has been noted yet */
  segment->process->rules_count = listed;
  return lost;
}

void rules_inherit(const struct segment *child, const struct segment *parents) {
  child->process->late_modules =
      load_relaxed(&parents->process->late_modules); /* the parent goes on: no order */
  child->process->unread_modules = load_relaxed(&parents->process->unread_modules); /* as above */
  uint64_t count = child->process->rules_count, known = parents->process->rules_count;
  for (uint64_t i = 0; i < count && i < known; i++)
    if (load_relaxed(&parents->rules[i].is_matched)) child->rules[i].is_matched = 1;
}

void rules_note_match(const struct segment *segment, uint16_t number) {
  if (number >= segment->process->rules_count) return;
  uint32_t *is_matched = &segment->rules[number].is_matched;
  if (!load_relaxed(is_matched)) store_relaxed(is_matched, 1); /* whoever stores, stores the same */
}
