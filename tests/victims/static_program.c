/*
 * A static program has no loader that would preload anything. Expected: it runs; there is no segment.
 *
 * link: -static
 */
#include <ration/tag.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  RATION_SCOPE("never/counted") free(malloc(100));
  printf("%d\n", ration_tag_is_present());
  return 0;
}
