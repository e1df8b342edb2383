/*
 * image.h: an image as it is replayed: a window of a file in memory, of the segment's size, and as good as one for those
 * who read segments. It takes memory where something has been written alone; and all images lie in one file, since a
 * recording may well have more of them than files may be open.
 */
#ifndef RATION_TOOL_RECORDING_IMAGE_H
#define RATION_TOOL_RECORDING_IMAGE_H

#include "reader/fault.h"
#include "reader/segment_file.h"
#include "recording/varint.h"

#define IMAGE_BYTES_MOST (UINT64_C(1) << 32)

/*
 * Pages that images may take, all of them together: a patch of a few bytes can ask for any of them; and the file in which
 * they lie.
 */
struct image_pages {
  uint64_t used;
  uint64_t most;
  uint64_t loose_bytes; /* taken, less than a page */
  int fd;               /* < 0: not yet made */
  uint64_t end;         /* of the last image in it */
};
struct image_pages image_pages_of_machine(void);

/* Behind it no image can be read any more. */
void image_pages_close(struct image_pages *pages);

/* Of memory that a recording asks for elsewhere. Returns 0, or -E2BIG where it is too much. */
int image_pages_take(struct image_pages *pages, uint64_t bytes);

struct image {
  uint64_t bytes;
  uint64_t start;            /* in the file; 0: nothing has been written of it yet */
  uint64_t *words;           /* mapped, while it is being replayed; NULL: not now */
  unsigned char *touched;    /* a bit a page, until it is closed */
  uint64_t own_pages;        /* of those that are used */
  struct image_pages *pages; /* NULL: it takes no patches */
};

/* Where `pages` is NULL nobody wants it, and nothing is kept of it. */
void image_open(struct image *image, uint64_t bytes, struct image_pages *pages);

/*
 * Nothing more is to be written: it gives back what it takes for that, and can be read as before. If something is written
 * all the same, the pages count once more.
 */
void image_close(struct image *image);

/* Whether a segment may be of such a size. */
bool image_may_have(uint64_t bytes);

/* Gives back all that it takes; it takes no patches any more. */
void image_leave_out(struct image *image);

/* Nothing will be written for a while: it gives back what it takes to write. */
void image_rest(struct image *image);

/*
 * Returns 0; -EBADMSG: the patch makes no sense; -E2BIG: images take too many pages; -EFBIG: files may not be so large
 * here; -ENOMEM or -errno.
 */
int image_patch(struct image *image, struct varint_source *patch);

/* What readers of segments take, of one that something has been written of; and its path, as a memfd. */
struct segment_file image_file(const struct image *image);
void image_path(const struct image *image, char ret_path[SEGMENT_WINDOW_PATH_BYTES]);

#endif
