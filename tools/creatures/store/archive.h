/*
 * archive.h: the memories, relations and behaviours of a creature, packed by Zstandard. New memories may be added while
 * there is an archive: they are newer than what is in it, and join it when it is packed again.
 */
#ifndef CREATURES_STORE_ARCHIVE_H
#define CREATURES_STORE_ARCHIVE_H

#include "store/creatures.h"

struct archive {
  uint32_t bytes;       /* packed */
  uint32_t plain_bytes; /* unpacked */
  uint64_t checksum;    /* of the plain bytes */
  unsigned char packed[];
};

/* Packs what lies in pages, and what was packed before. Bytes that the pages had, less what the archive takes; 0: there
   was nothing; -ENOMEM: all is as before. */
ptrdiff_t archive_pack(struct creatures *creatures, struct cold *cold);

/* Back into pages. 0 also where there is none. -ENOMEM: all is as before; -EBADMSG: the bytes are corrupt, and are
   dropped. */
int archive_open(struct creatures *creatures, struct cold *cold);

/* Drops it, with what is in it. */
void archive_drop(struct creatures *creatures, struct cold *cold);

#endif
