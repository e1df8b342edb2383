/*
 * emitter.c: JSON is built as a tree of jansson's, text as a stream in memory; of the two, one is there.
 */
#include "view/emitter.h"

#include <errno.h>
#include <jansson.h>
#include <ration/ration.h>
#include <stdlib.h>
#include <string.h>

#include "base/whole.h"
#include "view/escape.h"
#include "view/table.h"

#define DEPTH_AT_MOST 8
#define REMARK_BYTES  1024

struct emitter {
  /* JSON. */
  json_t *root; /* NULL: text */
  json_t *open[DEPTH_AT_MOST];
  size_t depth;
  /* Text. */
  FILE *text;              /* NULL: JSON */
  const char *follow_path; /* of what is passed on; NULL: stdout */
  FILE *followed;          /* that, open; NULL: not yet */
  char *text_bytes;
  size_t text_size;
  struct table *table; /* the open one */
  unsigned hidden;     /* above 0: nothing goes to the text */
  bool is_coloured;
  bool is_compact;
  bool is_discarded;
  int error;
};

static int open_text(struct emitter *emitter);
static bool takes_text(const struct emitter *emitter);
static void begin(struct emitter *emitter, const char *key, json_t *value);
static void add_value(struct emitter *emitter, const char *key, json_t *value);
static json_t *value_of(const struct field *field, const void *record);
static void print_phrase(const struct emitter *emitter, const struct field *field, const void *record);
static void add_cell(struct emitter *emitter, enum row_kind kind, const struct field *field,
                     const void *record);
static void note_error(struct emitter *emitter, int error);

struct emitter *emitter_new(bool is_json) {
  struct emitter *emitter = calloc(1, sizeof *emitter);
  if (!emitter) return NULL;
  if (is_json) {
    emitter->root = json_object();
    emitter->open[0] = emitter->root;
    if (emitter->root) add_value(emitter, "ration", json_string(RATION_VERSION));
  }
  if ((is_json && !emitter->root) || (!is_json && open_text(emitter) != 0)) {
    free(emitter);
    return NULL;
  }
  return emitter;
}

void emitter_free(struct emitter *emitter) {
  if (!emitter) return;
  json_decref(emitter->root);
  if (emitter->text) fclose(emitter->text);
  if (emitter->followed) fclose(emitter->followed);
  free(emitter->text_bytes);
  table_free(emitter->table);
  free(emitter);
}

int emitter_finish(struct emitter *emitter, FILE *to) {
  if (emitter->is_discarded) return 0;
  if (emitter->error) return emitter->error;
  errno = 0;
  bool is_written;
  if (emitter->root && json_object_size(emitter->root) == 1) return 0; /* a command that failed */
  if (emitter->root) {
    size_t layout = emitter->is_compact ? JSON_COMPACT : JSON_INDENT(2);
    is_written = json_dumpf(emitter->root, to, layout | JSON_REAL_PRECISION(15)) == 0;
    is_written = fputc('\n', to) != EOF && is_written;
  } else {
    if (fflush(emitter->text) != 0) return -ENOMEM;
    is_written = fwrite(emitter->text_bytes, 1, emitter->text_size, to) == emitter->text_size;
  }
  is_written = fflush(to) == 0 && is_written;
  if (is_written) return 0;
  return errno ? -errno : -EIO;
}

void emitter_colour(struct emitter *emitter) {
  emitter->is_coloured = true;
}

void emitter_compact(struct emitter *emitter) {
  emitter->is_compact = true;
}

size_t emitter_lines(struct emitter *emitter) {
  size_t lines = 0;
  if (!emitter->text || emitter->is_discarded || fflush(emitter->text) != 0) return 0;
  for (size_t i = 0; i < emitter->text_size; i++) lines += emitter->text_bytes[i] == '\n';
  return lines;
}

void emitter_follow_to(struct emitter *emitter, const char *path) {
  emitter->follow_path = path;
}

int emitter_pass_on(struct emitter *emitter) {
  if (!emitter->text || emitter->error) return emitter->error;
  errno = 0;
  if (emitter->follow_path && !emitter->followed) emitter->followed = fopen(emitter->follow_path, "we");
  FILE *to = emitter->follow_path ? emitter->followed : stdout;
  bool is_written = fclose(emitter->text) == 0 && to &&
                    fwrite(emitter->text_bytes, 1, emitter->text_size, to) == emitter->text_size &&
                    fflush(to) == 0;
  if (!is_written) note_error(emitter, errno ? -errno : -EIO);
  free(emitter->text_bytes);
  emitter->text_bytes = NULL;
  note_error(emitter, open_text(emitter));
  return emitter->error;
}

FILE *emitter_take_followed(struct emitter *emitter) {
  FILE *followed = emitter->followed;
  emitter->followed = NULL;
  return followed;
}

void emitter_discard(struct emitter *emitter) {
  emitter->is_discarded = true;
}

bool emitter_is_json(const struct emitter *emitter) {
  return emitter->root != NULL;
}

bool emitter_has_file(const struct emitter *emitter) {
  return emitter->follow_path != NULL;
}

void emitter_truth(struct emitter *emitter, const char *key, bool is_true) {
  if (emitter->root) add_value(emitter, key, json_boolean(is_true));
}

void emitter_begin_object(struct emitter *emitter, const char *key) {
  if (emitter->root) begin(emitter, key, json_object());
}

void emitter_begin_list(struct emitter *emitter, const char *key) {
  if (emitter->root) begin(emitter, key, json_array());
}

void emitter_end(struct emitter *emitter) {
  if (emitter->root && emitter->depth > 0) emitter->depth--;
}

void emitter_fields(struct emitter *emitter, const struct field *fields, size_t count, const void *record) {
  for (size_t i = 0; emitter->root && i < count; i++) {
    add_value(emitter, fields[i].name, value_of(&fields[i], record));
  }
}

void emitter_part(struct emitter *emitter, const struct field *fields, size_t count, const void *record) {
  emitter_fields(emitter, fields, count, record);
  for (size_t i = 0; takes_text(emitter) && i < count; i++) print_phrase(emitter, &fields[i], record);
}

void emitter_end_line(struct emitter *emitter) {
  if (takes_text(emitter)) fputc('\n', emitter->text);
}

void emitter_begin_table(struct emitter *emitter) {
  if (!takes_text(emitter)) return;
  emitter->table = table_new();
  if (!emitter->table) note_error(emitter, -ENOMEM);
}

void emitter_row(struct emitter *emitter) {
  if (takes_text(emitter) && emitter->table) note_error(emitter, table_row(emitter->table));
}

void emitter_cells(struct emitter *emitter, enum row_kind kind, const struct field *fields, size_t count,
                   const void *record) {
  if (!takes_text(emitter) || !emitter->table || emitter->error) return;
  for (size_t i = 0; i < count; i++) {
    if (fields[i].heading) add_cell(emitter, kind, &fields[i], record);
  }
}

void emitter_row_note(struct emitter *emitter, unsigned indent, const char *words) {
  char safe[REMARK_BYTES];
  if (!takes_text(emitter) || !emitter->table || emitter->error) return;
  escape_words(words, safe, sizeof safe);
  note_error(emitter, table_note(emitter->table, indent, safe));
}

void emitter_end_table(struct emitter *emitter) {
  if (!takes_text(emitter) || !emitter->table) return;
  table_print(emitter->table, emitter->is_coloured, emitter->text);
  table_free(emitter->table);
  emitter->table = NULL;
}

void emitter_hide_text(struct emitter *emitter) {
  emitter->hidden++;
}

void emitter_show_text(struct emitter *emitter) {
  emitter->hidden--;
}

void emitter_remark(struct emitter *emitter, const char *key, const char *lead, const char *remark) {
  char safe[REMARK_BYTES];
  escape_words(remark, safe, sizeof safe);
  if (emitter->root) add_value(emitter, key, json_string(safe));
  if (takes_text(emitter)) fprintf(emitter->text, "%s%s\n", lead, safe);
}

void emitter_verbatim(struct emitter *emitter, const char *key, const char *text, size_t bytes) {
  if (emitter->root) add_value(emitter, key, json_stringn(text, bytes));
  if (takes_text(emitter)) fprintf(emitter->text, "%.*s\n", (int)bytes, text);
}

void emitter_text_line(struct emitter *emitter, const char *lead, const char *words) {
  char safe[REMARK_BYTES];
  escape_words(words, safe, sizeof safe);
  if (takes_text(emitter)) fprintf(emitter->text, "%s%s\n", lead, safe);
}

static int open_text(struct emitter *emitter) {
  emitter->text = open_memstream(&emitter->text_bytes, &emitter->text_size);
  return emitter->text ? 0 : -ENOMEM;
}

static bool takes_text(const struct emitter *emitter) {
  return emitter->text && emitter->hidden == 0;
}

/* The tree owns what it is given; where something could not be made or added, NULL takes nothing further. */
static void begin(struct emitter *emitter, const char *key, json_t *value) {
  json_t *there = key ? json_object_get(emitter->open[emitter->depth], key) : NULL;
  if (there) {
    json_decref(value);
    value = there;
  } else {
    add_value(emitter, key, value);
  }
  if (emitter->depth + 1 == DEPTH_AT_MOST) abort(); /* a mistake in this program: no report nests so deep */
  emitter->open[++emitter->depth] = emitter->error ? NULL : value;
}

static void add_value(struct emitter *emitter, const char *key, json_t *value) {
  json_t *parent = emitter->open[emitter->depth];
  int failed = key ? json_object_set_new(parent, key, value) : json_array_append_new(parent, value);
  if (failed) note_error(emitter, -ENOMEM);
}

/* Of any length: names of C++ are long. */
static json_t *name_value(const struct field *field, const void *record) {
  const char *name;
  memcpy(&name, (const char *)record + field->offset, sizeof name);
  size_t room = 4 * strlen(name) + 1; /* each byte may become \xNN */
  char *safe = malloc(room);
  if (!safe) return NULL;
  escape(name, safe, room);
  json_t *value = json_string(safe);
  free(safe);
  return value;
}

static json_t *value_of(const struct field *field, const void *record) {
  char text[FIELD_TEXT_BYTES];
  uint64_t number = field_number(field, record);
  if (field_is_null(field, record)) return json_null();
  switch (field->kind) {
  case FIELD_NAME:
    return name_value(field, record);
  case FIELD_MOMENT:
    field_text(field, record, text);
    return json_string(text);
  case FIELD_SECONDS: {
    double seconds;
    memcpy(&seconds, (const char *)record + field->offset, sizeof seconds);
    return json_real((double)whole_of(seconds * 1000) / 1000);
  }
  case FIELD_REAL:
  case FIELD_SHARE: {
    double number_as_is;
    memcpy(&number_as_is, (const char *)record + field->offset, sizeof number_as_is);
    return json_real(number_as_is);
  }
  case FIELD_BALANCE:
  case FIELD_GROWTH:
  case FIELD_RATE:
  case FIELD_MORE:
  case FIELD_RANK:
    return json_integer((json_int_t)number);
  case FIELD_LENGTH:
  case FIELD_SINCE:
    return json_real((double)number / 1e9);
  case FIELD_ID:
  case FIELD_COUNT:
  case FIELD_BYTES:
  case FIELD_STATUS:
  case FIELD_SIGNAL:
    break;
  }
  return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

static void print_phrase(const struct emitter *emitter, const struct field *field, const void *record) {
  char phrase[FIELD_TEXT_BYTES];
  if (!field->phrase && !field->null_phrase) return;
  field_phrase(field, record, phrase);
  const char *colour = emitter->is_coloured ? colour_of(field->tint, phrase) : NULL;
  fprintf(emitter->text, "%s%s%s", colour ? colour : "", phrase, colour ? COLOUR_END : "");
}

static void add_cell(struct emitter *emitter, enum row_kind kind, const struct field *field,
                     const void *record) {
  char value[FIELD_TEXT_BYTES];
  field_phrase(field, record, value);
  bool is_right = field_is_number(field);
  struct table_column column = {
      .heading = field->heading, .align = is_right ? ALIGN_RIGHT : ALIGN_LEFT, .tint = field->tint};
  note_error(emitter, table_cell(emitter->table, &column, value));
  if (!field->has_bar) return;
  struct table_column bar = {.heading = "", .align = ALIGN_LEFT, .is_bar = true, .tint = TINT_BAR};
  uint64_t length = kind == ROW_SUM ? 0 : field_number(field, record);
  uint64_t whole = field->bar_of ? field_number(field->bar_of, record) : 0;
  note_error(emitter, table_bar(emitter->table, &bar, length, whole));
}

static void note_error(struct emitter *emitter, int error) {
  if (error && !emitter->error) emitter->error = error;
}
