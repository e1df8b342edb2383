/*
 * A request's memory in one arena: what handling it allocates is nowhere given back by itself, and a reset takes it all
 * back. A reference that outlives its request is told.
 */
#include <ration/kit/arena.h>

#include <stdio.h>
#include <string.h>

struct header {
  struct header *next;
  const char *name, *value;
};

static const char *copy(struct ration_arena *arena, const char *text, size_t length) {
  char *bytes = ration_arena_allocate(arena, length + 1, 1);
  if (!bytes) return "";
  memcpy(bytes, text, length);
  bytes[length] = 0;
  return bytes;
}

/* "name:value;name:value" */
static struct header *parse(struct ration_arena *arena, const char *text) {
  struct header *headers = NULL;
  while (*text) {
    size_t name = strcspn(text, ":"), value = strcspn(text + name + 1, ";");
    struct header *header = RATION_ARENA_NEW(arena, struct header);
    if (!header) break;
    *header = (struct header){headers, copy(arena, text, name), copy(arena, text + name + 1, value)};
    headers = header;
    text += name + 1 + value;
    text += *text == ';';
  }
  return headers;
}

int main(void) {
  static const char *const requests[] = {"host:example.org;accept:*", "host:localhost;agent:test;length:12"};
  struct ration_arena arena;
  struct ration_arena_settings settings = {.block_bytes = 4096, .is_private = 1};
  struct ration_arena_reference kept = {NULL, 0};
  if (ration_arena_init(&arena, NULL, &settings)) return 1;
  for (int i = 0; i < 2; i++) {
    if (i == 1)
      printf("of the last request: %s\n", ration_arena_resolve(&arena, kept) ? "still there" : "stale");
    struct header *headers = parse(&arena, requests[i]);
    for (struct header *header = headers; header; header = header->next)
      printf("%s is %s\n", header->name, header->value);
    struct ration_arena_figures found;
    ration_arena_stats(&arena, &found);
    printf("%zu bytes used of one block of %zu\n", found.used, found.reserved);
    kept = ration_arena_refer(&arena, headers);
    ration_arena_reset(&arena);
  }
  ration_arena_done(&arena);
  return 0;
}
