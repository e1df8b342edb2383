/*
 * A small game: each part takes the kind of memory that its data lives by, all from one manager, which says at the end
 * of each frame what is in use.
 */
#include <ration/kit/manager.h>

#include <stdio.h>
#include <string.h>

struct tree {
  double height;
};

static size_t load(struct ration_memory *memory, size_t count) {
  struct tree *trees = ration_memory_allocate_array(memory, count, sizeof *trees, _Alignof(struct tree));
  for (size_t i = 0; trees && i < count; i++) trees[i].height = 2.0 + (double)(i % 5);
  return trees ? count : 0;
}

/* Sorts keys in scratch memory, and leaves what is to be drawn to the frame. */
static void draw(struct ration_memory *frame, struct ration_memory *scratch, size_t count) {
  unsigned *keys = ration_memory_allocate_array(scratch, count, sizeof *keys, _Alignof(unsigned));
  unsigned *commands = ration_memory_allocate_array(frame, count, sizeof *commands, _Alignof(unsigned));
  if (!keys || !commands) return;
  for (size_t i = 0; i < count; i++) keys[i] = (unsigned)(count - i);
  memcpy(commands, keys, count * sizeof *keys);
  ration_memory_release(scratch, keys, count * sizeof *keys, _Alignof(unsigned));
}

static int show(const struct ration_manager_part *part, void *unused) {
  (void)unused;
  printf("  %-11s %-6s %5zu bytes in use\n", part->memory->type->name, part->name, part->used);
  return 0;
}

int main(void) {
  struct ration_manager manager;
  if (ration_manager_init(&manager, NULL, NULL)) return 1;
  struct ration_memory *level = ration_manager_arena(&manager, "level");
  struct ration_memory *scratch = ration_manager_stack(&manager, "draw");
  size_t trees = load(level, 100);
  void *player = ration_memory_allocate(ration_manager_thread(&manager), 200, 16);
  for (int frame = 0; frame < 3; frame++) {
    draw(ration_manager_frame(&manager), scratch, trees - 10 * (size_t)frame);
    if (frame == 1) ration_arena_reset(ration_arena_of(level));
    printf("frame %d\n", frame);
    ration_manager_visit(&manager, show, NULL);
    ration_manager_flip(&manager);
  }
  ration_memory_release(ration_manager_thread(&manager), player, 200, 16);
  struct ration_manager_figures found;
  ration_manager_stats(&manager, &found);
  printf("the same arena by its name: %s; %d frames\n",
         ration_manager_arena(&manager, "level") == level ? "yes" : "no", (int)found.frame);
  ration_manager_done(&manager);
  return 0;
}
