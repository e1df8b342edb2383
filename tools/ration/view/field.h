/*
 * field.h: one figure or name of a record: how JSON calls it, and where text shows it.
 *
 * Every figure that ration prints is a row of such a table, so whether it stands in JSON and text is decided
 * in one line. JSON holds them all. Text shows a field as a column (`heading`), or as a part of a line
 * (`phrase`, with %s in the place of the value), or leaves it out (neither).
 */
#ifndef RATION_TOOL_VIEW_FIELD_H
#define RATION_TOOL_VIEW_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/colour.h"
#include "view/units.h"

/* What lies at the field's offset in the record, and how text writes it. */
enum field_kind {
  FIELD_NAME,    /* const char *: any bytes; NULL is null, and left out of text */
  FIELD_ID,      /* uint32_t: without separators */
  FIELD_COUNT,   /* uint64_t: with thousands separators */
  FIELD_BYTES,   /* uint64_t */
  FIELD_BALANCE, /* int64_t: bytes, more or fewer than expected */
  FIELD_GROWTH,  /* the same, more or fewer than before: always with its sign */
  FIELD_RATE,    /* int64_t: bytes an hour, more or fewer; FIELD_UNKNOWN is null */
  FIELD_MORE,    /* int64_t: so many more or fewer than before, the same */
  FIELD_STATUS,  /* int; negative is null */
  FIELD_SIGNAL,  /* int; negative is null */
  FIELD_SECONDS, /* double; negative is null */
  FIELD_MOMENT,  /* uint64_t: nanoseconds since the epoch; 0 is null */
  FIELD_RANK,    /* int32_t: any */
  FIELD_LENGTH,  /* uint64_t: nanoseconds, in JSON seconds; FIELD_NEVER is null */
  FIELD_SINCE,   /* the same since some start: all with as many digits */
  FIELD_REAL,    /* double; negative is null */
  FIELD_SHARE,   /* double: of 1 */
};

struct field {
  const char *name;
  enum field_kind kind;
  size_t offset;
  const char *heading;        /* its column's */
  const char *phrase;         /* its part of a line */
  const struct field *of;     /* text shows it as a share of this other field */
  bool has_bar;               /* a bar follows its column */
  const struct field *bar_of; /* and is a share of this other field; else of the largest in the column */
  const char *zero_phrase;    /* takes the phrase's place where the value is 0 */
  const char *null_phrase;    /* and where it is null */
  enum tint tint;             /* in text, on a terminal that shows colours */
};

#define FIELD_NEVER   UINT64_MAX
#define FIELD_UNKNOWN INT64_MIN

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

/* The value in text; empty for null. Names are escaped into `ret_text`. */
#define FIELD_TEXT_BYTES 512
void field_text(const struct field *field, const void *record, char ret_text[FIELD_TEXT_BYTES]);

/* The value in its phrase; without a phrase as field_text() has it. Empty for null without a null_phrase. */
void field_phrase(const struct field *field, const void *record, char ret_text[FIELD_TEXT_BYTES]);

/* The value as a number; 0 for what is none. */
uint64_t field_number(const struct field *field, const void *record);

bool field_is_null(const struct field *field, const void *record);

/* Whether its column stands right, as numbers do. */
bool field_is_number(const struct field *field);

#endif
