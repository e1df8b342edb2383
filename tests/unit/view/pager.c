/*
 * Tests of view/pager.c: what has been shown is not shown again.
 */
#include "view/pager.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(pager, that_cannot_be_started_shows_nothing) {
  int error = 0;
  struct emitter *emitter = emitter_new(false);
  emitter_text_line(emitter, "", "text");
  cr_expect_not(pager_show("/nonexistent/pager", emitter, &error));
  cr_expect_not(pager_show("/nonexistent/pager \"$x\" 2>/dev/null", emitter, &error));
  emitter_free(emitter);
}

Test(pager, that_was_started_has_shown_what_there_was) {
  int error = -1;
  struct emitter *emitter = emitter_new(false);
  emitter_text_line(emitter, "", "text");
  cr_expect(pager_show("test $(cat) = text", emitter, &error));
  cr_expect_eq(error, 0);
  emitter_follow_to(emitter, "/dev/full");
  cr_assert_eq(emitter_pass_on(emitter), -ENOSPC);
  cr_expect(pager_show("cat >/dev/null", emitter, &error));
  cr_expect_eq(error, -ENOSPC);
  emitter_free(emitter);
}
