/* sparse_array.c: memories of creatures, by a 64-bit index; idle ones are compressed, here as runs of equal bytes. */
#include <ration/kit/sparse_array.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct memory {
  char what[64];
};

static ptrdiff_t compress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  const unsigned char *in = from;
  unsigned char *out = to;
  size_t written = 0;
  (void)context;
  for (size_t i = 0, run; i < bytes; i += run) {
    for (run = 1; run < 255 && i + run < bytes && in[i + run] == in[i];) run++;
    if (room - written < 2) return -ENOSPC;
    out[written++] = (unsigned char)run;
    out[written++] = in[i];
  }
  return (ptrdiff_t)written;
}

static ptrdiff_t decompress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  const unsigned char *in = from;
  size_t written = 0;
  (void)context;
  for (size_t i = 0; i + 1 < bytes; written += in[i], i += 2) {
    if (in[i] > room - written) return -EBADMSG;
    memset((unsigned char *)to + written, in[i + 1], in[i]);
  }
  return (ptrdiff_t)written;
}

int main(void) {
  static const struct ration_compression runs = {"runs", NULL, compress, decompress, NULL};
  const struct ration_sparse_array_settings settings = {.chunk = 256, .idle = 60, .compression = &runs};
  struct ration_sparse_array memories;
  struct ration_sparse_array_figures figures;
  if (ration_sparse_array_init(&memories, NULL, sizeof(struct memory), 1, &settings)) return 1;
  for (uint64_t creature = 0; creature < 100; creature++) {
    struct memory memory = {"a fox at the river"};
    if (ration_sparse_array_set(&memories, creature * 1000000, &memory)) return 1;
  }
  for (uint64_t second = 0; second < 100; second++) /* at most 8 chunks each time */
    if (ration_sparse_array_tick(&memories, second) < 0) return 1;
  ration_sparse_array_stats(&memories, &figures);
  printf("%d memories of %d bytes in %d\n", (int)figures.elements, (int)figures.plain_bytes,
         (int)figures.stored_bytes);

  const struct memory *found = ration_sparse_array_find(&memories, 42000000);
  printf("creature 42 remembers %s\n", found ? found->what : "nothing");
  uint64_t index = 42000001;
  if (!ration_sparse_array_next(&memories, &index)) printf("the next memory is at %d\n", (int)index);
  ration_sparse_array_done(&memories);
  return 0;
}
