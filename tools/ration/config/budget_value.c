/*
 * budget_value.c: a table of readers, each what base/budget_text.h has.
 */
#include "config/budget_value.h"

#include <errno.h>

static bool copy(struct stretch value, char ret_text[BUDGET_VALUE_BYTES]);
static int write_parts(const struct option_spec *option, struct stretch value, char part, FILE *to,
                       struct fault *ret_fault);

static int check_limit(const char *text) {
  struct limit limit;
  return budget_read_limit(text, &limit);
}

static int check_thresholds(const char *text) {
  uint32_t thresholds;
  return budget_read_thresholds(text, &thresholds);
}

static int check_reserve(const char *text) {
  struct limit reserve;
  return budget_read_reserve(text, &reserve);
}

static int check_grace(const char *text) {
  uint64_t grace;
  return budget_read_grace(text, &grace);
}

static int check_dump(const char *text) {
  struct dump_when when;
  return budget_read_dump(text, &when);
}

static int check_fail(const char *text) {
  struct fault_rate rate;
  return budget_read_fail(text, &rate);
}

static const struct check {
  int (*check)(const char *text);
  const char *expected;
} checks[PROPERTY_COUNT] = {
    [PROPERTY_BUDGET] = {check_limit, BUDGET_LIMIT_EXPECTED},
    [PROPERTY_THRESHOLDS] = {check_thresholds, BUDGET_THRESHOLDS_EXPECTED},
    [PROPERTY_RESERVE] = {check_reserve, BUDGET_RESERVE_EXPECTED},
    [PROPERTY_GRACE] = {check_grace, BUDGET_GRACE_EXPECTED},
    [PROPERTY_DUMP] = {check_dump, BUDGET_DUMP_EXPECTED},
    [PROPERTY_FAIL] = {check_fail, BUDGET_FAIL_EXPECTED},
};

const char *budget_value_expected(const struct option_spec *option, struct stretch value) {
  const struct check *check = &checks[option - properties_table];
  char text[BUDGET_VALUE_BYTES];
  return copy(value, text) && check->check(text) == 0 ? NULL : check->expected;
}

/* The header reads strings. Returns whether all of it is there. */
static bool copy(struct stretch value, char ret_text[BUDGET_VALUE_BYTES]) {
  bool fits = value.count < BUDGET_VALUE_BYTES && !stretch_has(value, 0);
  size_t count = fits ? value.count : 0;
  if (count) memcpy(ret_text, value.bytes, count);
  ret_text[count] = 0;
  return fits;
}

int budget_value_check_of(struct stretch category, struct stretch budget, struct fault *ret_fault) {
  if (!stretch_is(category, "total") || budget_value_limit(budget).kind != LIMIT_SHARE) return 0;
  return fault_set(ret_fault, -EINVAL,
                   "`total` is a part of nothing else, so `%.*s` is no budget; expected a size, ram:50%% or "
                   "cgroup:80%%",
                   STRETCH_SHOWN(budget));
}

int budget_value_write(const struct option_spec *option, struct stretch value, char part, FILE *to,
                       struct fault *ret_fault) {
  if (part != '|') return write_parts(option, value, part, to, ret_fault);
  const char *expected = budget_value_expected(option, value);
  if (expected) {
    return fault_set(ret_fault, -EINVAL, "`%s=%.*s`: %s", option->name, STRETCH_SHOWN(value), expected);
  }
  fprintf(to, "%.*s", (int)value.count, value.bytes);
  return 0;
}

/* In a file parts are parted by commas: `dump` alone has several. */
static int write_parts(const struct option_spec *option, struct stretch value, char part, FILE *to,
                       struct fault *ret_fault) {
  char text[BUDGET_VALUE_BYTES];
  size_t used = 0;
  for (struct stretch rest = value; rest.bytes;) {
    struct stretch piece = stretch_trim(stretch_next(&rest, part));
    if (used + piece.count + 1 >= sizeof text || stretch_has(piece, '|')) {
      used = 0; /* no value is empty: refused below */
      break;
    }
    memcpy(text + used, piece.bytes, piece.count);
    used += piece.count;
    if (rest.bytes) text[used++] = '|';
  }
  struct stretch joined = {.bytes = text, .count = used};
  const char *expected = budget_value_expected(option, joined);
  if (expected && option == &properties_table[PROPERTY_DUMP]) {
    expected = "breach, peak:+SIZE, grow:+SIZE, several of them parted by commas, or none expected";
  }
  if (expected) {
    return fault_set(ret_fault, -EINVAL, "`%s=%.*s`: %s", option->name, STRETCH_SHOWN(value), expected);
  }
  return budget_value_write(option, joined, '|', to, ret_fault);
}

struct limit budget_value_limit(struct stretch value) {
  char text[BUDGET_VALUE_BYTES];
  struct limit limit = {0};
  if (copy(value, text)) budget_read_limit(text, &limit);
  return limit;
}

struct limit budget_value_reserve(struct stretch value) {
  char text[BUDGET_VALUE_BYTES];
  struct limit reserve = {0};
  if (copy(value, text)) budget_read_reserve(text, &reserve);
  return reserve;
}

uint64_t budget_value_grace(struct stretch value) {
  char text[BUDGET_VALUE_BYTES];
  uint64_t grace = 0;
  if (copy(value, text)) budget_read_grace(text, &grace);
  return grace;
}

uint32_t budget_value_thresholds(struct stretch value) {
  char text[BUDGET_VALUE_BYTES];
  uint32_t thresholds = 0;
  if (copy(value, text)) budget_read_thresholds(text, &thresholds);
  return thresholds;
}
