/*
 * Code that takes its memory from whoever calls it: a list of words, once over the process's heap, and once over a
 * kind of memory of the program's own that counts what is out.
 */
#include <ration/kit/memory.h>

#include <stdio.h>
#include <string.h>

struct counting {
  struct ration_memory memory;
  size_t blocks, bytes;
};

static void *counting_allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct counting *counting = (struct counting *)memory;
  void *block = ration_memory_allocate(NULL, size, alignment);
  if (block) counting->blocks++, counting->bytes += size;
  return block;
}

static int counting_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  struct counting *counting = (struct counting *)memory;
  counting->blocks--, counting->bytes -= size;
  return ration_memory_release(NULL, block, size, alignment);
}

static const struct ration_memory_type counting_type = {
    .name = "counting", .allocate = counting_allocate, .release = counting_release};

struct word {
  struct word *next;
  char text[24];
};

static struct word *add(struct ration_memory *memory, struct word *list, const char *text) {
  struct word *word = ration_memory_allocate(memory, sizeof *word, _Alignof(struct word));
  if (!word) return list;
  snprintf(word->text, sizeof word->text, "%s", text);
  word->next = list;
  return word;
}

static void release(struct ration_memory *memory, struct word *list) {
  for (struct word *next; list; list = next) {
    next = list->next;
    ration_memory_release(memory, list, sizeof *list, _Alignof(struct word));
  }
}

int main(void) {
  struct counting counting = {{&counting_type}, 0, 0};
  struct word *heaped = add(NULL, add(NULL, NULL, "birch"), "alder");
  struct word *counted = add(&counting.memory, add(&counting.memory, NULL, "elm"), "oak");
  printf("%s %s %s %s\n", heaped->text, heaped->next->text, counted->text, counted->next->text);
  printf("%s: %zu blocks, %zu bytes\n", counting.memory.type->name, counting.blocks, counting.bytes);
  release(NULL, heaped);
  release(&counting.memory, counted);
  printf("%s: %zu blocks, %zu bytes\n", counting.memory.type->name, counting.blocks, counting.bytes);
  return 0;
}
