/*
 * compress.h: LZ4 and Zstandard as compressions of sparse_array.h. Of librationkit-compress, which needs liblz4 and
 * libzstd; nothing else of the toolkit does.
 *
 *     const struct ration_sparse_array_settings settings = {.idle = 60, .compression = ration_compression_lz4()};
 *
 *     struct ration_zstd zstd;
 *     ration_zstd_init(&zstd, 9);
 *     ... = {.compression = &zstd.compression};
 *
 * LZ4 is faster by far, in decompression above all; Zstandard makes bytes smaller, the more so at higher levels.
 *
 * What the functions return, besides bytes: compress: -ENOSPC (they do not fit into `room`), decompress: -EBADMSG (no
 * such compressed bytes, or more than `room` in them); both: -EINVAL (NULL), -EOVERFLOW (more bytes than the library can
 * do at once, some 2^31 for LZ4), -ENOMEM. They may be given any bytes.
 *
 * Memory that the libraries need comes from the process's heap: none for LZ4, 16 KiB of stack; for Zstandard contexts of
 * some 100 KiB to MiB, by level. Source: RFC 8878; the LZ4 block format of lz4.org.
 */
#ifndef RATION_KIT_COMPRESS_H
#define RATION_KIT_COMPRESS_H

#include <ration/kit/sparse_array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* LZ4's block format. Thread-safe; static. */
const struct ration_compression *ration_compression_lz4(void);

/* Zstandard at its default level. Thread-safe; static; makes a context for each call. */
const struct ration_compression *ration_compression_zstd(void);

/* Zstandard at a level, with contexts that are kept. From one thread at a time; must not be moved. */
struct ration_zstd {
  struct ration_compression compression;
  void *compressor, *decompressor; /* private */
  int level;
};

/* 1 (fast) to 22 (small), negative ones faster still, 0 the library's default. -EINVAL: NULL, a level that is none;
   -ENOMEM. */
int ration_zstd_init(struct ration_zstd *zstd, int level);
void ration_zstd_done(struct ration_zstd *zstd);

#ifdef __cplusplus
}
#endif
#endif
