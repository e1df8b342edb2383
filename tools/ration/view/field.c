/*
 * field.c: from a record's bytes to a value.
 */
#include "view/field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "view/escape.h"

static struct words words_of(const struct field *field, const void *record);
static const void *place_of(const struct field *field, const void *record);
static const char *name_of(const struct field *field, const void *record);
static int int_of(const struct field *field, const void *record);
static double double_of(const struct field *field, const void *record);

void field_text(const struct field *field, const void *record, char ret_text[FIELD_TEXT_BYTES]) {
  if (field->kind == FIELD_NAME) {
    const char *name = name_of(field, record);
    escape(name ? name : "", ret_text, FIELD_TEXT_BYTES);
    return;
  }
  struct words words = {""};
  if (!field_is_null(field, record)) words = words_of(field, record);
  memcpy(ret_text, words.chars, sizeof words.chars);
}

static struct words words_of(const struct field *field, const void *record) {
  uint64_t number = field_number(field, record);
  struct words words;
  if (field->of) return units_share(number, field_number(field->of, record));
  switch (field->kind) {
  case FIELD_COUNT:
    return units_count(number);
  case FIELD_BYTES:
    return units_bytes(number);
  case FIELD_BALANCE:
    return units_balance((int64_t)number);
  case FIELD_GROWTH:
    return units_growth((int64_t)number);
  case FIELD_RATE:
    return units_rate((int64_t)number);
  case FIELD_MORE:
    return units_more((int64_t)number);
  case FIELD_SIGNAL:
    return units_signal(int_of(field, record));
  case FIELD_SECONDS:
    return units_seconds(double_of(field, record));
  case FIELD_MOMENT:
    return units_moment(number);
  case FIELD_LENGTH:
    return units_length(number);
  case FIELD_SINCE:
    return units_since(number);
  case FIELD_RANK:
    snprintf(words.chars, sizeof words.chars, "%" PRId64, (int64_t)number);
    break;
  case FIELD_REAL:
    snprintf(words.chars, sizeof words.chars, "%.4g", double_of(field, record));
    break;
  case FIELD_SHARE:
    snprintf(words.chars, sizeof words.chars, "%.1f %%", 100 * double_of(field, record));
    break;
  default:
    snprintf(words.chars, sizeof words.chars, "%" PRIu64, number);
  }
  return words;
}

void field_phrase(const struct field *field, const void *record, char ret_text[FIELD_TEXT_BYTES]) {
  char value[FIELD_TEXT_BYTES] = "";
  uint64_t number = field_number(field, record);
  const char *phrase = field->phrase ? field->phrase : "%s";
  if (number == 0 && field->zero_phrase) phrase = field->zero_phrase;
  if (field_is_null(field, record)) phrase = field->null_phrase ? field->null_phrase : "";
  field_text(field, record, value);
  struct text text = text_in(ret_text, FIELD_TEXT_BYTES);
  for (const char *at = phrase; *at;) {
    if (strncmp(at, "%s", 2) == 0) {
      text_add(&text, value);
      at += 2;
    } else if (strncmp(at, "{s}", 3) == 0) {
      text_add(&text, number == 1 ? "" : "s");
      at += 3;
    } else {
      text_add_bytes(&text, at++, 1);
    }
  }
}

uint64_t field_number(const struct field *field, const void *record) {
  const void *place = place_of(field, record);
  uint64_t number = 0;
  uint32_t id = 0;
  int32_t rank = 0;
  switch (field->kind) {
  case FIELD_ID:
    memcpy(&id, place, sizeof id);
    return id;
  case FIELD_RANK:
    memcpy(&rank, place, sizeof rank);
    return (uint64_t)rank;
  case FIELD_COUNT:
  case FIELD_BYTES:
  case FIELD_BALANCE:
  case FIELD_GROWTH:
  case FIELD_RATE:
  case FIELD_MORE:
  case FIELD_MOMENT:
  case FIELD_LENGTH:
  case FIELD_SINCE:
    memcpy(&number, place, sizeof number);
    return number;
  case FIELD_STATUS:
  case FIELD_SIGNAL:
    return int_of(field, record) < 0 ? 0 : (uint64_t)int_of(field, record);
  case FIELD_NAME:
  case FIELD_SECONDS:
  case FIELD_REAL:
  case FIELD_SHARE:
    break;
  }
  return 0;
}

bool field_is_null(const struct field *field, const void *record) {
  switch (field->kind) {
  case FIELD_NAME:
    return !name_of(field, record);
  case FIELD_STATUS:
  case FIELD_SIGNAL:
    return int_of(field, record) < 0;
  case FIELD_SECONDS:
  case FIELD_REAL:
  case FIELD_SHARE:
    return double_of(field, record) < 0;
  case FIELD_MOMENT:
    return field_number(field, record) == 0;
  case FIELD_LENGTH:
  case FIELD_SINCE:
    return field_number(field, record) == FIELD_NEVER;
  case FIELD_RATE:
    return (int64_t)field_number(field, record) == FIELD_UNKNOWN;
  case FIELD_ID:
  case FIELD_RANK:
  case FIELD_COUNT:
  case FIELD_BYTES:
  case FIELD_BALANCE:
  case FIELD_GROWTH:
  case FIELD_MORE:
    break;
  }
  return false;
}

bool field_is_number(const struct field *field) {
  return field->kind != FIELD_NAME && field->kind != FIELD_MOMENT;
}

static const void *place_of(const struct field *field, const void *record) {
  return (const char *)record + field->offset;
}

static const char *name_of(const struct field *field, const void *record) {
  const char *name;
  memcpy(&name, place_of(field, record), sizeof name);
  return name;
}

static int int_of(const struct field *field, const void *record) {
  int number;
  memcpy(&number, place_of(field, record), sizeof number);
  return number;
}

static double double_of(const struct field *field, const void *record) {
  double number;
  memcpy(&number, place_of(field, record), sizeof number);
  return number;
}
