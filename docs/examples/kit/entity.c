/* entity.c: ids with generations: who kept the id of an ended entity does not meet its successor. */
#include <ration/kit/entity.h>

#include <stdio.h>

static void tell(const char *who, struct ration_entity entity, struct ration_entity living) {
  printf("%s: ", who);
  if (ration_entity_is_none(entity))
    printf("none\n");
  else
    printf("index %u generation %u, %s\n", entity.index, entity.generation,
           ration_entity_is_same(entity, living) ? "the living one" : "not the living one");
}

int main(void) {
  struct ration_entity first = {4, 1}, second = {4, 2}; /* the first has ended, the second has its index */
  tell("first", first, second);
  tell("second", second, second);
  tell("third", ration_entity_none(), second);

  /* As a word it can be a key, or be kept in a file. */
  uint64_t word = ration_entity_word(second);
  printf("as a word: %llx\n", (unsigned long long)word);
  tell("read back", ration_entity_of_word(word), second);
  return 0;
}
