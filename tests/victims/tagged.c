/*
 * A program that must not depend on ration, with scopes of tag.h. Weak references to the shim's functions would be
 * dead for good wherever the linker resolves them. Expected, however it is compiled and linked: with the shim three
 * blocks are `tagged/blocks`; without it, or linked statically, nothing happens.
 */
#include <ration/tag.h>
#include <stdio.h>
#include <stdlib.h>

static void *kept[3];

int main(void) {
  for (int i = 0; i < 3; i++) {
    RATION_SCOPE("tagged/blocks") {
      kept[i] = malloc(1000);
      if (i == 1) break;
    }
    free(malloc(10));
  }
  ration_tag_enter(ration_tag_category("tagged/others"));
  free(malloc(10));
  ration_tag_leave();
  fprintf(stderr, "present %d\n", ration_tag_is_present());
  return kept[0] && kept[1] && kept[2] ? 0 : 1;
}
