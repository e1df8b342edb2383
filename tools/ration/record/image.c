/*
 * image.c: what is looked at in each moment, and what once a second.
 */
#include "record/image.h"

#define ORIGINS_EVERY_NS UINT64_C(1000000000)

static int look_at_origins(struct image *image, const struct books *books, const struct image_look *look);

int image_open(const struct segment_file *file, const struct layout *layout, struct recording_writer *writer,
               bool is_over, struct image *ret_image) {
  struct image image = {.has_looked = false};
  int error = mirror_open(file, layout, writer, !is_over, &image.mirror);
  if (error) return error;
  error = origins_open(&image.mirror, &image.origins);
  if (error) {
    mirror_forget(&image.mirror);
    return error;
  }
  *ret_image = image;
  return 0;
}

void image_close(struct image *image) {
  origins_close(&image->origins);
  mirror_close(&image->mirror);
}

/* What points to something comes behind it, and the header last: a reader finds its way wherever a recording ends. */
int image_look(struct image *image, const struct image_look *look) {
  struct mirror *mirror = &image->mirror;
  struct books books;
  int error = books_begin(mirror, &books);
  if (!error) error = books_take(mirror, &books, look->is_at_rest);
  if (!error) error = rows_take(mirror, &books, !image->has_looked);
  if (!error) error = happenings_take(&image->happenings, mirror, &books, look->now, look->is_last);
  if (!error) error = points_take(&image->points, mirror, &books, look->is_last);
  if (!error) error = look_at_origins(image, &books, look);
  if (error) return error;
  books.process.stream_next = books.process.stream_lost = 0; /* that ring is not recorded */
  books_put(mirror, &books);
  image->has_looked = true;
  if (!look->wants_largest) return 0;
  return holdings_take_largest(&image->holdings, mirror, &books, look->now, look->is_last);
}

static int look_at_origins(struct image *image, const struct books *books, const struct image_look *look) {
  if (look->now < image->origins_due_at && !look->is_last) return 0;
  image->origins_due_at = look->now + ORIGINS_EVERY_NS;
  int error = origins_take(&image->origins, &image->mirror, books, look->is_last);
  if (error) return error;
  return holdings_take(&image->holdings, &image->mirror, books, look->now, look->is_last);
}
