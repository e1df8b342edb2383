/* compress.c: the same cold data packed, by LZ4 and by Zstandard; and what bytes that are no compressed ones do. */
#include <ration/kit/compress.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct visit {
  char place[32];
  unsigned second;
};

static int fill(struct ration_sparse_array *visits, const struct ration_compression *compression) {
  const struct ration_sparse_array_settings settings = {.chunk = 256, .compression = compression};
  int error = ration_sparse_array_init(visits, NULL, sizeof(struct visit), 4, &settings);
  for (unsigned i = 0; i < 10000 && !error; i++) {
    struct visit visit = {"the river", i * 60};
    if (i % 3 == 0) strcpy(visit.place, "the burrow");
    error = ration_sparse_array_set(visits, i * UINT64_C(5), &visit);
  }
  return error ? error : ration_sparse_array_close(visits);
}

int main(void) {
  struct ration_zstd zstd;
  if (ration_zstd_init(&zstd, 12)) return 1;
  const struct ration_compression *compressions[] = {NULL, ration_compression_lz4(), &zstd.compression};
  for (int i = 0; i < 3; i++) {
    struct ration_sparse_array visits;
    struct ration_sparse_array_figures figures;
    if (fill(&visits, compressions[i]) || ration_sparse_array_stats(&visits, &figures)) return 1;
    const struct visit *visit = ration_sparse_array_find(&visits, 4999 * 5);
    printf("%-4s: a third of its bytes or less: %s; visit 4999 was to %s\n",
           i ? compressions[i]->name : "none", figures.stored_bytes * 3 <= figures.plain_bytes ? "yes" : "no",
           visit ? visit->place : "nowhere");
    ration_sparse_array_done(&visits);
  }

  /* Bytes that are none of its own are an error, and nothing worse. */
  char text[64] = "no compressed bytes at all", to[64];
  ptrdiff_t bytes = zstd.compression.decompress(text, sizeof text, to, sizeof to, zstd.compression.context);
  printf("decompressing other bytes: %s\n", bytes == -EBADMSG ? "refused" : "taken");
  ration_zstd_done(&zstd);
  return 0;
}
