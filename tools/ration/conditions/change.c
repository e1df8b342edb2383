/*
 * change.c: changes out of texts.
 */
#include "conditions/change.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "conditions/condition.h"

#define SHARE_ONE    1000000u               /* a share is counted in millionths */
#define SHARE_DIGITS 4                      /* of a percentage, behind its point */
#define SHARE_MOST   UINT64_C(100000000000) /* percent: no condition means more, and nothing overflows */

static int read_change(const char *text, struct change_condition *ret_change, struct fault *ret_fault);
static int read_amount(struct stretch amount, struct change_condition *change, struct fault *ret_fault);
static int read_share(struct stretch digits, uint64_t *ret_millionths);
static size_t find_operator(struct stretch text);

int change_add(struct change_list *list, const char *text, struct fault *ret_fault) {
  struct change_condition change = {.text = NULL};
  int error = read_change(text, &change, ret_fault);
  struct change_condition *grown =
      error ? NULL : realloc(list->change, (list->count + 1) * sizeof *list->change);
  if (!grown) {
    free(change.text);
    free(change.category);
    return error ? error : fault_set(ret_fault, -ENOMEM, "not enough memory");
  }
  list->change = grown;
  list->change[list->count++] = change;
  return 0;
}

void change_list_free(struct change_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    free(list->change[i].text);
    free(list->change[i].category);
  }
  free(list->change);
  *list = (struct change_list){0};
}

bool change_list_needs_leaks(const struct change_list *list) {
  for (size_t i = 0; i < list->count; i++)
    if (figure_needs_leaks(&list->change[i].figure)) return true;
  return false;
}

bool change_list_needs_growth(const struct change_list *list) {
  for (size_t i = 0; i < list->count; i++)
    if (figure_needs_growth(&list->change[i].figure)) return true;
  return false;
}

/* In long double a byte of 2^63 still counts; an exact share may be taken for one that is a hair above. */
bool change_is_met(const struct change_condition *change, uint64_t before, uint64_t after) {
  enum field_kind kind = change->figure.kind;
  long double was = figure_real(kind, before), found = figure_real(kind, after);
  long double wanted = (long double)change->value;
  if (change->kind == CHANGE_TO) {
    wanted = figure_real(kind, change->value);
  } else if (change->kind == CHANGE_BY_SHARE) {
    found *= SHARE_ONE;
    wanted *= was;
    found -= was * SHARE_ONE;
  } else {
    found -= was;
  }
  if (change->is_fall) wanted = -wanted;
  return change->is_above ? found > wanted : found < wanted;
}

static int read_change(const char *text, struct change_condition *ret_change, struct fault *ret_fault) {
  struct stretch all = stretch_of(text);
  size_t at = find_operator(all);
  if (at == all.count)
    return fault_set(ret_fault, -EINVAL,
                     "`%.100s`: expected CATEGORY.FIGURE, > or <, and a change or a value, like "
                     "cache.live>+10%%",
                     text);
  struct stretch name = {.bytes = all.bytes, .count = at};
  int error = condition_cut(stretch_trim(name), &ret_change->category, &ret_change->figure, ret_fault);
  ret_change->is_above = all.bytes[at] == '>';
  if (!error) error = read_amount(stretch_trim(stretch_from(all, at + 1)), ret_change, ret_fault);
  if (error) return error;
  ret_change->text = strdup(text);
  return ret_change->text ? 0 : fault_set(ret_fault, -ENOMEM, "not enough memory");
}

static int read_amount(struct stretch amount, struct change_condition *change, struct fault *ret_fault) {
  bool is_change = amount.count > 0 && strchr("+-", amount.bytes[0]);
  bool is_share = amount.count > 0 && amount.bytes[amount.count - 1] == '%';
  change->is_fall = is_change && amount.bytes[0] == '-';
  change->kind = is_share ? CHANGE_BY_SHARE : is_change ? CHANGE_BY : CHANGE_TO;
  struct stretch digits = is_change ? stretch_from(amount, 1) : amount;
  if (is_share && !is_change)
    return fault_set(ret_fault, -EINVAL, "`%.*s`: of a share say whether it is more or less: +%.*s or -%.*s",
                     STRETCH_SHOWN(amount), STRETCH_SHOWN(amount), STRETCH_SHOWN(amount));
  enum field_kind kind = change->figure.kind;
  if (is_share && kind == FIELD_RATE)
    return fault_set(ret_fault, -EINVAL,
                     "`%.*s`: a growth may be 0 or below, so that no share of it says anything; give a size",
                     STRETCH_SHOWN(amount));
  if (is_change && kind == FIELD_RATE) kind = FIELD_BYTES; /* its sign has been read */
  if (!is_share) return figure_read_value(kind, digits, &change->value, ret_fault);
  digits.count--;
  if (read_share(digits, &change->value) == 0) return 0;
  return fault_set(ret_fault, -EINVAL, "`%.*s`: expected a share like +10%% or +2.5%%",
                   STRETCH_SHOWN(amount));
}

/* "2.5" is 25,000 millionths. */
static int read_share(struct stretch digits, uint64_t *ret_millionths) {
  char text[32];
  uint64_t whole, part = 0;
  if (digits.count == 0 || digits.count >= sizeof text) return -EINVAL;
  memcpy(text, digits.bytes, digits.count);
  text[digits.count] = 0;
  size_t at = text_read_decimal(text, &whole), behind = 0;
  if (at == 0 || whole > SHARE_MOST) return -EINVAL;
  if (text[at] == '.') {
    behind = text_read_decimal(text + at + 1, &part);
    if (behind == 0 || behind > SHARE_DIGITS) return -EINVAL;
    at += 1 + behind;
  }
  if (text[at] != 0) return -EINVAL;
  for (size_t i = behind; i < SHARE_DIGITS; i++) part *= 10;
  *ret_millionths = whole * (SHARE_ONE / 100) + part;
  return 0;
}

/* The last one: names of categories may have some of their own. */
static size_t find_operator(struct stretch text) {
  for (size_t at = text.count; at > 0; at--)
    if (text.bytes[at - 1] == '>' || text.bytes[at - 1] == '<') return at - 1;
  return text.count;
}
