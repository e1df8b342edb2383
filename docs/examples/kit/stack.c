/*
 * Temporary memory of calls within calls: each level of a merge sort takes its scratch from one stack and gives it back
 * by its marker. At the deepest point the texts of the markers say what is in place.
 */
#include <ration/kit/stack.h>

#include <stdio.h>
#include <string.h>

static size_t deepest;

static int sort(struct ration_stack *stack, int *numbers, size_t count) {
  struct ration_stack_marker marker;
  if (count < 2) return 0;
  if (ration_stack_push_marker(stack, count > 4 ? "sort of many" : "sort of few", &marker)) return -1;
  size_t half = count / 2, left = 0, right = half;
  int *scratch = RATION_STACK_ARRAY(stack, int, count);
  if (!scratch || sort(stack, numbers, half) || sort(stack, numbers + half, count - half)) return -1;
  for (size_t i = 0; i < count; i++) {
    int is_left = right == count || (left < half && numbers[left] <= numbers[right]);
    scratch[i] = is_left ? numbers[left++] : numbers[right++];
  }
  memcpy(numbers, scratch, count * sizeof *numbers);

  struct ration_stack_figures found;
  ration_stack_stats(stack, &found);
  if (found.depth > deepest) {
    deepest = found.depth;
    printf("%zu levels deep, in a %s within a %s\n", deepest, ration_stack_text(stack, 0),
           ration_stack_text(stack, deepest - 1));
  }
  return ration_stack_pop_marker(stack, marker);
}

int main(void) {
  int numbers[] = {31, 41, 59, 26, 53, 58, 97, 93, 23, 84, 62, 64};
  struct ration_stack stack;
  if (ration_stack_init(&stack, NULL, NULL)) return 1;
  if (sort(&stack, numbers, 12)) return 2;
  for (int i = 0; i < 12; i++) printf("%d%c", numbers[i], i < 11 ? ' ' : '\n');

  struct ration_stack_figures found;
  ration_stack_stats(&stack, &found);
  printf("in use: %zu bytes, %zu markers\n", found.used, found.depth);
  ration_stack_done(&stack);
  return 0;
}
