/*
 * Tests of doctor/finding.c: what is added is there, once, with its words.
 */
#include "doctor/finding.h"

#include <criterion/criterion.h>
#include <string.h>

static struct findings findings;

static void set_up(void) {
  findings = (struct findings){.count = 0};
}

Test(finding, puts_what_it_is_about_in_its_words, .init = set_up) {
  finding_add(&findings, FINDING_NO_LOADER, "/lib/ld.so");
  cr_assert_eq(findings.count, 1);
  cr_assert_str_eq(findings.list[0].words,
                   "it asks for the loader /lib/ld.so, which is not there, so it cannot be run");
  cr_assert(strlen(findings.list[0].advice) > 0);
  finding_add(&findings, FINDING_GO, NULL);
  cr_assert_null(strchr(findings.list[1].words, '{'));
}

Test(finding, of_a_kind_is_the_first, .init = set_up) {
  finding_add(&findings, FINDING_NO_LOADER, "first");
  finding_add(&findings, FINDING_NO_LOADER, "second");
  cr_assert_eq(findings.count, 1);
  cr_assert(strstr(findings.list[0].words, "first"));
}

Test(finding, parts_a_sentence_into_what_is_so_and_what_to_do, .init = set_up) {
  finding_add_words(&findings, FINDING_STATIC, "it is static; build it anew; or not");
  cr_assert_str_eq(findings.list[0].words, "it is static");
  cr_assert_str_eq(findings.list[0].advice, "build it anew; or not");
  finding_add_words(&findings, FINDING_MUSL, "it is musl's");
  cr_assert_str_eq(findings.list[1].words, "it is musl's");
  cr_assert_str_eq(findings.list[1].advice, "nothing");
}

Test(finding, holds_words_of_any_length, .init = set_up) {
  static char endless[4096];
  memset(endless, 'x', sizeof endless - 1);
  finding_add(&findings, FINDING_NO_LOADER, endless);
  finding_add_words(&findings, FINDING_STATIC, endless);
  cr_assert_eq(strlen(findings.list[0].words), FINDING_WORDS_BYTES - 1);
  cr_assert_eq(strlen(findings.list[1].words), FINDING_WORDS_BYTES - 1);
}

Test(finding, counts_by_severity_and_drops_what_stops, .init = set_up) {
  finding_add(&findings, FINDING_SCRIPT, "sh");
  finding_add(&findings, FINDING_SANITIZER, "libasan.so.8");
  finding_add(&findings, FINDING_GO, NULL);
  cr_assert_eq(findings_count(&findings, SEVERITY_STOPS), 1);
  findings_drop_stops(&findings);
  cr_assert_eq(findings.count, 2);
  cr_assert(findings_have(&findings, FINDING_SCRIPT) && findings_have(&findings, FINDING_GO));
  cr_assert_not(findings_have(&findings, FINDING_SANITIZER));
}

Test(finding, has_a_name_of_its_own) {
  for (int kind = 0; kind < FINDING_COUNT; kind++) {
    const char *name = finding_name((enum finding_kind)kind);
    cr_assert_not_null(name, "kind %d", kind);
    for (int other = 0; other < kind; other++)
      cr_assert_str_neq(name, finding_name((enum finding_kind)other));
  }
}
