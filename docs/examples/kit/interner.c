/*
 * interner.c: words of a text as numbers, which index an array of counts; two names are compared by one comparison.
 *
 *     cc interner.c $(pkg-config --cflags --libs rationkit) -o interner && ./interner
 */
#include <ration/kit/interner.h>
#include <ration/kit/system.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  static const char text[] = "the wolf saw the deer and the deer saw the wolf";
  unsigned counts[16] = {0};
  struct ration_system heap;
  struct ration_interner words;
  struct ration_interner_settings settings = {.maximum = 15};
  ration_system_init(&heap, "names");
  if (ration_interner_init(&words, &heap.memory, &settings)) return 1;

  for (const char *word = text; *word;) {
    size_t length = strcspn(word, " ");
    uint32_t id = ration_interner_add_bytes(&words, word, length);
    if (!id) return 1;
    counts[id]++;
    word += length + (word[length] == ' ');
  }

  for (uint32_t id = 1; id <= ration_interner_count(&words); id++)
    printf("%u: %s, %u times\n", (unsigned)id, ration_interner_text(&words, id), counts[id]);

  uint32_t deer = ration_interner_find(&words, "deer");
  printf("deer is %u; bear is %s\n", (unsigned)deer,
         ration_interner_find(&words, "bear") ? "known" : "not known");
  struct ration_interner_figures figures;
  if (ration_interner_stats(&words, &figures)) return 1;
  printf("%zu bytes of text became %llu\n", strlen(text), (unsigned long long)figures.text_bytes);
  ration_interner_done(&words);
  return 0;
}
