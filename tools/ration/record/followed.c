/*
 * followed.c: what is looked at in each moment, and what once a second.
 */
#include "record/followed.h"

#include <errno.h>

#define EVERY_NS UINT64_C(1000000000) /* what is looked at the more seldom */

static int look_at_books(struct followed *followed, struct books *books, const struct followed_look *look);
static int look_at_origins(struct followed *followed, const struct books *books,
                           const struct followed_look *look);

int followed_open(const struct segment_file *file, const struct layout *layout,
                  struct recording_writer *writer, bool is_over, struct followed *ret_followed) {
  struct followed followed = {.has_looked = false};
  int error = mirror_open(file, layout, writer, !is_over, &followed.mirror);
  if (error) return error;
  error = origins_open(&followed.mirror, &followed.origins);
  if (!error && (error = mirror_begin(&followed.mirror)) != 0) origins_close(&followed.origins);
  if (error) { /* no image is in the recording, so it may be tried again */
    mirror_forget(&followed.mirror);
    return error;
  }
  *ret_followed = followed;
  return 0;
}

void followed_close(struct followed *followed) {
  origins_close(&followed->origins);
  mirror_close(&followed->mirror);
}

/* What points to something comes behind it, and the header last: a reader finds its way wherever a recording ends. */
int followed_look(struct followed *followed, const struct followed_look *look) {
  struct mirror *mirror = &followed->mirror;
  struct books books;
  if (followed->has_begun && !mirror->bytes) return -EALREADY; /* differences would count a second time */
  followed->has_begun = true;
  int error = books_begin(mirror, &books);
  if (!error) error = look_at_books(followed, &books, look);
  if (!error) error = happenings_take(&followed->happenings, mirror, &books, look->now, look->is_last);
  if (!error) error = points_take(&followed->points, mirror, &books, look->is_last);
  if (!error) error = look_at_origins(followed, &books, look);
  if (error) return error;
  books.process.stream_next = books.process.stream_lost = 0; /* that ring is not recorded */
  books_put(mirror, &books);
  followed->has_looked = true;
  if (!look->wants_largest) return 0;
  return holdings_take_largest(&followed->holdings, mirror, &books, look->now, look->is_last);
}

/* What may be a second old, unless the recording is read as it is now. */
static int look_at_books(struct followed *followed, struct books *books, const struct followed_look *look) {
  struct mirror *mirror = &followed->mirror;
  uint64_t passed = look->now - followed->shown_at;
  bool is_first = !followed->has_looked, is_whole = look->is_last || is_first;
  bool is_shown = is_whole || look->is_shown || passed >= EVERY_NS;
  struct counts_look how = {.passed_ns = is_shown ? passed : 0, .wants_all = is_whole};
  if (is_shown) followed->shown_at = look->now;
  int error = look->is_at_rest || !mirror->bytes ? books_take_at_rest(mirror, books, &followed->counts)
                                                 : books_take(mirror, books, &followed->counts, &how);
  if (!error) error = rows_take(mirror, books, is_first);
  return error || !is_shown ? error : rows_take_seldom(mirror, books);
}

static int look_at_origins(struct followed *followed, const struct books *books,
                           const struct followed_look *look) {
  if (look->now < followed->origins_due_at && !look->is_last) return 0;
  followed->origins_due_at = look->now + EVERY_NS;
  int error = origins_take(&followed->origins, &followed->mirror, books, look->is_last);
  if (error) return error;
  return holdings_take(&followed->holdings, &followed->mirror, books, look->now, look->is_last);
}
