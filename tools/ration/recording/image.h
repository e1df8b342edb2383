/*
 * image.h: an image as it is replayed: a file in memory that is of the segment's size, and as good as one for those who
 * read segments. It takes memory where something has been written alone.
 */
#ifndef RATION_TOOL_RECORDING_IMAGE_H
#define RATION_TOOL_RECORDING_IMAGE_H

#include "reader/fault.h"
#include "recording/varint.h"

#define IMAGE_BYTES_MOST (UINT64_C(1) << 32)
#define IMAGE_PATH_BYTES 32

/* Pages that images may take, all of them together: a patch of a few bytes can ask for any of them. */
struct image_pages {
  uint64_t used;
  uint64_t most;
};
struct image_pages image_pages_of_machine(void);

struct image {
  int fd; /* < 0: it takes no patches, see image_leave_out */
  uint64_t bytes;
  uint64_t *words;        /* mapped, while it is being replayed; NULL: not now */
  unsigned char *touched; /* a bit a page */
  struct image_pages *pages;
};

/* `name` is for /proc. Returns 0; -EBADMSG: no segment is of such a size; -EMFILE, -ENOMEM ...; with words. */
int image_open(struct image *image, const char *name, uint64_t bytes, struct image_pages *pages,
               struct fault *ret_fault);
void image_close(struct image *image);

/* In the place of image_open: of one that nobody wants, nothing is kept. Returns 0, or -EBADMSG with words. */
int image_leave_out(struct image *image, uint64_t bytes, struct fault *ret_fault);

/* Nothing will be written for a while: it gives back what it takes to write. */
void image_rest(struct image *image);

/* Returns 0; -EBADMSG: the patch makes no sense; -E2BIG: images take too many pages; -ENOMEM or -errno. */
int image_patch(struct image *image, struct varint_source *patch);

/* What readers of segments take, as a memfd. */
void image_path(const struct image *image, char ret_path[IMAGE_PATH_BYTES]);

#endif
