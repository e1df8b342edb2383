/*
 * Tests of view/colour.c, and of colours in tables and on lines: they take no room, and are there only if they are wanted.
 */
#include "view/colour.h"

#include <criterion/criterion.h>
#include <string.h>

#include "view/shown.h"

struct record {
  const char *name;
  const char *state;
  uint64_t bytes;
};

#define AT(member) .offset = offsetof(struct record, member), .name = #member

static const struct field fields[] = {
    {AT(name), .kind = FIELD_NAME, .heading = "NAME"},
    {AT(state), .kind = FIELD_NAME, .heading = "STATE", .phrase = "%s", .tint = TINT_WORD},
    {AT(bytes), .kind = FIELD_COUNT, .heading = "BYTES", .has_bar = true},
};
static const struct record records[] = {{"one", "running", 10}, {"running", "exited", 5}};

Test(colour, is_that_of_the_gravest_word) {
  cr_assert_str_eq(colour_of(TINT_WORD, "running"), "\033[32m");
  cr_assert_str_eq(colour_of(TINT_WORD, "low (critical)"), "\033[1;31m");
  cr_assert_str_eq(colour_of(TINT_WORD, " high"), colour_of(TINT_WORD, "gone"));
  cr_assert_null(colour_of(TINT_WORD, "exited"));
  cr_assert_null(colour_of(TINT_WORD, ""));
  cr_assert_null(colour_of(TINT_NONE, "critical"));
}

static char *show(bool is_coloured, bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  if (is_coloured) emitter_colour(emitter);
  emitter_part(emitter, FIELDS(fields), &records[0]);
  emitter_end_line(emitter);
  emitter_begin_table(emitter);
  for (size_t i = 0; i < 2; i++) {
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(fields), &records[i]);
  }
  emitter_end_table(emitter);
  return shown_end(&shown);
}

Test(colour, takes_no_room) {
  shown_is(show(true, false), "\033[32mrunning\033[0m\n"
                              "  NAME     STATE    BYTES\n"
                              "  one      \033[32mrunning\033[0m     10  \033[36m█████████████████\033[0m\n"
                              "  running  exited       5  \033[36m████████▌\033[0m\n");
}

Test(colour, is_not_there_unless_it_is_wanted) {
  shown_lacks(show(false, false), "\033");
  shown_lacks(show(true, true), "\033");
}

Test(colour, counts_lines_alike) {
  struct emitter *emitter = emitter_new(false);
  cr_assert_eq(emitter_lines(emitter), 0);
  emitter_text_line(emitter, "", "a line");
  emitter_end_line(emitter);
  cr_assert_eq(emitter_lines(emitter), 2);
  emitter_discard(emitter);
  cr_assert_eq(emitter_lines(emitter), 0);
  emitter_free(emitter);
  emitter = emitter_new(true);
  cr_assert_eq(emitter_lines(emitter), 0);
  emitter_free(emitter);
}
