/*
 * archive.h: the memories, relations and behaviours of a creature, packed by Zstandard. New memories may be added while
 * there is an archive: they are newer than what is in it, and join it when it is packed again; of more than the limit the
 * oldest go then. Relations are either in a page or in the archive, and so are behaviours.
 */
#ifndef CREATURES_STORE_ARCHIVE_H
#define CREATURES_STORE_ARCHIVE_H

#include "store/creatures.h"

struct archive {
  uint32_t bytes;                           /* packed */
  uint32_t plain_bytes;                     /* unpacked */
  uint64_t checksum;                        /* of the plain bytes */
  uint32_t memories, relations, behaviours; /* how many are in it */
  uint32_t spare;
  unsigned char packed[];
};

/* Packs what lies in pages, and what was packed before. Bytes that pages and archive had, less what the new one takes; 0:
   there was nothing in pages; -ENOMEM: all is as before; -EBADMSG: what was packed before is corrupt, and is dropped; the
   pages are as before. */
ptrdiff_t archive_pack(struct creatures *creatures, struct cold *cold);

/* Back into pages. 0 also where there is none. -ENOMEM, -ENOSPC: all is as before; -EBADMSG: the bytes are corrupt, and
   are dropped. */
int archive_open(struct creatures *creatures, struct cold *cold);

/* Drops it, with what is in it. */
void archive_drop(struct creatures *creatures, struct cold *cold);

/* Bytes of the pages that it has, all of which an archive would take in. */
size_t archive_page_bytes(const struct creatures *creatures, const struct cold *cold);

uint64_t archive_checksum(const void *bytes, size_t count);

static inline size_t archive_bytes(const struct archive *archive) {
  return archive ? sizeof *archive + archive->bytes : 0;
}

#endif
