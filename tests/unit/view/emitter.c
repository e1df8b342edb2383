/*
 * Tests of view/emitter.c and field.c: one walk, two shapes.
 */
#include "view/emitter.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <ration/ration.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct record {
  const char *name;
  uint64_t bytes;
  uint64_t count;
  uint64_t moment;
  double seconds;
  uint32_t id;
  int status;
};

#define AT(member) .offset = offsetof(struct record, member), .name = #member

static const struct field fields[] = {
    {AT(name), .kind = FIELD_NAME, .phrase = "%s", .heading = "NAME"},
    {AT(bytes), .kind = FIELD_BYTES, .phrase = ", %s", .heading = "BYTES", .has_bar = true},
    {AT(count), .kind = FIELD_COUNT, .phrase = ", %s block{s}", .zero_phrase = ", none"},
    {AT(moment), .kind = FIELD_MOMENT},
    {AT(seconds), .kind = FIELD_SECONDS, .phrase = " for %s"},
    {AT(id), .kind = FIELD_ID, .phrase = " (%s)"},
    {AT(status), .kind = FIELD_STATUS, .phrase = " status %s", .null_phrase = " no status"},
};
static const struct record full = {.name = "a\nb",
                                   .bytes = 2048,
                                   .count = 1234,
                                   .moment = 1000000000,
                                   .seconds = 1.5,
                                   .id = 4711,
                                   .status = 0};
static const struct record empty = {.seconds = -1, .status = -1};

/* Ends the emitter; the caller frees what it wrote. */
static char *finish(struct emitter *emitter) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  cr_assert_eq(emitter_finish(emitter, to), 0);
  fclose(to);
  emitter_free(emitter);
  return text;
}

static void emit_parts(struct emitter *emitter, const struct record *record) {
  emitter_begin_object(emitter, "record");
  emitter_part(emitter, FIELDS(fields), record);
  emitter_end_line(emitter);
  emitter_end(emitter);
}

Test(emitter, puts_parts_on_a_line) {
  struct emitter *emitter = emitter_new(false);
  emit_parts(emitter, &full);
  emit_parts(emitter, &empty);
  char *text = finish(emitter);
  cr_assert_str_eq(text, "a\\x0ab, 2.0 KiB, 1,234 blocks for 1.50 s (4711) status 0\n"
                         ", 0 B, none (0) no status\n");
  free(text);
}

Test(emitter, puts_all_fields_into_json) {
  struct emitter *emitter = emitter_new(true);
  emit_parts(emitter, &full);
  char *text = finish(emitter);
  json_t *root = json_loads(text, 0, NULL);
  json_t *record = json_object_get(root, "record");
  cr_assert_str_eq(json_string_value(json_object_get(root, "ration")), RATION_VERSION);
  cr_assert_eq(json_object_size(record), sizeof fields / sizeof *fields);
  cr_assert_str_eq(json_string_value(json_object_get(record, "name")), "a\\x0ab");
  cr_assert_eq(json_integer_value(json_object_get(record, "bytes")), 2048);
  cr_assert_str_eq(json_string_value(json_object_get(record, "moment")), "1970-01-01T00:00:01.000Z");
  cr_assert_eq(json_real_value(json_object_get(record, "seconds")), 1.5);
  cr_assert_eq(json_integer_value(json_object_get(record, "status")), 0);
  json_decref(root);
  free(text);
}

Test(emitter, has_null_for_what_is_not_known) {
  struct emitter *emitter = emitter_new(true);
  emit_parts(emitter, &empty);
  char *text = finish(emitter);
  json_t *root = json_loads(text, 0, NULL);
  json_t *record = json_object_get(root, "record");
  static const char *const nulls[] = {"name", "moment", "seconds", "status"};
  for (size_t i = 0; i < 4; i++) cr_assert(json_is_null(json_object_get(record, nulls[i])), "%s", nulls[i]);
  json_decref(root);
  free(text);
}

static void emit_table(struct emitter *emitter) {
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "records");
  emitter_begin_object(emitter, NULL);
  emitter_fields(emitter, FIELDS(fields), &full);
  emitter_row(emitter);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(fields), &full);
  emitter_end(emitter);
  emitter_end(emitter);
  emitter_end_table(emitter);
}

Test(emitter, makes_tables_and_lists) {
  struct emitter *emitter = emitter_new(false);
  emit_table(emitter);
  char *text = finish(emitter);
  cr_assert_str_eq(text, "  NAME        BYTES\n"
                         "  a\\x0ab  , 2.0 KiB  █████████████████\n");
  free(text);
  emitter = emitter_new(true);
  emit_table(emitter);
  text = finish(emitter);
  json_t *root = json_loads(text, 0, NULL);
  cr_assert_eq(json_array_size(json_object_get(root, "records")), 1);
  json_decref(root);
  free(text);
}

Test(emitter, opens_an_object_again) {
  struct emitter *emitter = emitter_new(true);
  for (int i = 0; i < 2; i++) {
    emitter_begin_object(emitter, "one");
    emitter_fields(emitter, &fields[i], 1, &full);
    emitter_end(emitter);
  }
  char *text = finish(emitter);
  json_t *root = json_loads(text, 0, NULL);
  cr_assert_eq(json_object_size(json_object_get(root, "one")), 2);
  json_decref(root);
  free(text);
}

Test(emitter, hides_text_but_no_json) {
  struct emitter *emitter = emitter_new(false);
  emitter_hide_text(emitter);
  emitter_hide_text(emitter);
  emit_parts(emitter, &full);
  emitter_show_text(emitter);
  emit_table(emitter);
  emitter_remark(emitter, "remark", "", "unseen");
  emitter_show_text(emitter);
  emitter_remark(emitter, "remark", "so: ", "seen");
  char *text = finish(emitter);
  cr_assert_str_eq(text, "so: seen\n");
  free(text);
}

/* Longer than what a field or a remark can hold, and with bytes that those would escape. */
Test(emitter, puts_out_text_verbatim) {
  char long_text[5000];
  memset(long_text, 'x', sizeof long_text);
  memcpy(long_text, "a\\b\tc\"\xc3\xa9", 8);
  struct emitter *emitter = emitter_new(false);
  emitter_verbatim(emitter, "text", long_text, sizeof long_text);
  char *text = finish(emitter);
  cr_assert_eq(strlen(text), sizeof long_text + 1);
  cr_assert_eq(memcmp(text, long_text, sizeof long_text), 0);
  cr_assert_eq(text[sizeof long_text], '\n');
  free(text);

  emitter = emitter_new(true);
  emitter_verbatim(emitter, "text", long_text, sizeof long_text);
  text = finish(emitter);
  json_t *root = json_loads(text, 0, NULL);
  json_t *string = json_object_get(root, "text");
  cr_assert_eq(json_string_length(string), sizeof long_text);
  cr_assert_eq(memcmp(json_string_value(string), long_text, sizeof long_text), 0);
  json_decref(root);
  free(text);
}

Test(emitter, writes_nothing_of_nothing) {
  for (int is_json = 0; is_json < 2; is_json++) {
    char *text = finish(emitter_new(is_json));
    cr_assert_str_empty(text);
    free(text);
  }
}

Test(emitter, says_when_the_disk_is_full) {
  for (int is_json = 0; is_json < 2; is_json++) {
    FILE *disk = fopen("/dev/full", "we");
    struct emitter *emitter = emitter_new(is_json);
    emit_parts(emitter, &full);
    cr_assert_eq(emitter_finish(emitter, disk), -ENOSPC);
    emitter_free(emitter);
    fclose(disk);
  }
}

Test(emitter, passes_on_to_a_file_that_is_opened_then) {
  char path[] = "/tmp/ration-emitter-XXXXXX";
  int fd = mkstemp(path);
  char seen[32] = "";
  struct emitter *emitter = emitter_new(false);
  cr_assert_eq(write(fd, "old", 3), 3);
  emitter_follow_to(emitter, path);
  emitter_text_line(emitter, "", "one");
  cr_expect_null(emitter_take_followed(emitter));
  cr_expect_eq(pread(fd, seen, sizeof seen, 0), 3);
  cr_assert_eq(emitter_pass_on(emitter), 0);
  cr_expect_eq(pread(fd, seen, sizeof seen, 0), 4);
  cr_expect_str_eq(seen, "one\n");
  FILE *followed = emitter_take_followed(emitter);
  emitter_text_line(emitter, "", "two");
  cr_assert_not_null(followed);
  cr_assert_eq(emitter_finish(emitter, followed), 0);
  cr_assert_eq(fclose(followed), 0);
  cr_expect_eq(pread(fd, seen, sizeof seen, 0), 8);
  cr_expect_str_eq(seen, "one\ntwo\n");
  emitter_free(emitter);
  close(fd);
  unlink(path);
}
