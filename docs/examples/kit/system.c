/*
 * The process's heap in categories: what each part of a program asks for through its own ration_system is counted
 * for that part where the shim is loaded, and is malloc and free where it is not.
 */
#include <ration/kit/system.h>

#include <stdio.h>
#include <string.h>

static struct ration_system terrain, creatures;

static char *copy(struct ration_system *heap, const char *text) {
  size_t size = strlen(text) + 1;
  char *block = ration_memory_allocate(&heap->memory, size, 1);
  return block ? memcpy(block, text, size) : NULL;
}

int main(void) {
  if (ration_system_init(&terrain, "world/terrain") || ration_system_init(&creatures, "world/creatures"))
    return 1;
  char *hill = copy(&terrain, "a hill");
  char *newt = copy(&creatures, "a newt");
  if (!hill || !newt) return 2;
  printf("%s on %s\n", newt, hill);

  char *grown = ration_memory_reallocate(&terrain.memory, hill, 7, 32, 1); /* it stays terrain's */
  if (!grown) return 3;
  strcat(grown, " with a view");
  printf("%s on %s\n", newt, grown);
  ration_memory_release(&terrain.memory, grown, 32, 1);
  ration_memory_release(&creatures.memory, newt, 7, 1);
  return 0;
}
