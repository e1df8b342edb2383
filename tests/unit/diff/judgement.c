/*
 * Tests of diff/judgement.c: what fails between two processes, of one alone, and of a moment of which nobody knows all.
 */
#include "diff/judgement.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct process *before, *after;
static struct change_list list;
static struct judgement judgement;

static struct process *having(uint32_t pid, const char *category, uint64_t live) {
  struct process *process = calloc(1, sizeof *process);
  struct snapshot *snapshot = &process->snapshot;
  snapshot->name.pid = pid;
  strcpy(snapshot->program, "app");
  snapshot->category_count = 2;
  strcpy(snapshot->categories[1].name, "total");
  strcpy(snapshot->categories[2].name, category);
  snapshot->categories[2].parent = 1;
  snapshot->categories[2].own.live_bytes = live;
  return process;
}

static void set_up(void) {
  before = having(7, "cache", 100000);
  after = having(8, "cache", 103000);
  judgement = (struct judgement){.conditions = &list};
}

static void tear_down(void) {
  judgement_free(&judgement);
  change_list_free(&list);
  free(before);
  free(after);
}

/* Of all conditions so far, the last one. */
static const struct judged *judge(const char *condition, const struct process *was, const struct process *is,
                                  uint64_t doubt) {
  struct fault fault;
  cr_assert_eq(change_add(&list, condition, &fault), 0, "%s", fault.words);
  judgement_free(&judgement);
  judgement.conditions = &list;
  cr_assert_eq(
      judgement_take(&judgement, &(struct observation){was, NULL}, &(struct observation){is, NULL}, doubt),
      0);
  const struct judged *last = judgement.count ? &judgement.judged[judgement.count - 1] : NULL;
  return last && last->condition == &list.change[list.count - 1] ? last : NULL;
}

Test(judgement, of_a_pair, .init = set_up, .fini = tear_down) {
  cr_expect(judge("cache.live>+2%", before, after, 0)->has_failed);
  cr_expect_not(judge("cache.live>+3%", before, after, 0)->has_failed);
  cr_expect_eq(judge("cache.live>+0", before, after, 0)->pid, 8);
  cr_expect_null(judge("other.live>+0", before, after, 0));
}

Test(judgement, growth_that_one_of_them_has_not_is_not_known, .init = set_up, .fini = tear_down) {
  before->snapshot.growth.is_known[0] = true;
  before->snapshot.growth.of[0][2] = (struct category_growth){.own = -1000};
  cr_expect_null(judge("cache.growth_5m_per_hour>0", before, after, 0));
  after->snapshot.growth.is_known[0] = true;
  after->snapshot.growth.of[0][2] = (struct category_growth){.own = 1000};
  cr_expect(judge("cache.growth_5m_per_hour>0", before, after, 0)->has_failed);
  cr_expect_not(judge("cache.growth_5m_per_hour>0", after, before, 0)->has_failed);
  cr_expect(judge("cache.growth_5m_per_hour<-1900", after, before, 0)->has_failed);
  cr_expect_null(judge("cache.growth_5m_per_hour>0", NULL, after, 0), "it has grown from nobody knows what");
  cr_expect_null(judge("cache.growth_5m_per_hour<0", before, NULL, 0));
  before->snapshot.category_count = 1;
  cr_expect_null(judge("cache.growth_5m_per_hour>0", before, after, 0));
}

Test(judgement, what_is_unclear_does_not_fail, .init = set_up, .fini = tear_down) {
  cr_expect(judge("cache.live>+0", before, after, 2999)->has_failed);
  cr_expect_not(judge("cache.live>+0", before, after, 3000)->has_failed);
  cr_expect_not(judge("cache.live<-0", after, before, 3000)->has_failed);
  cr_expect_not(judge("cache.live>+2%", before, after, 3000)->has_failed);
  cr_expect_not(judge("cache.live>+2500", before, after, 1000)->has_failed);
  cr_expect_not(judge("cache.live>+0", before, after, UINT64_MAX)->has_failed);
  cr_expect(judge("cache.live>102999", before, after, 1 << 20)->has_failed, "a value is of now");
}

Test(judgement, one_alone_stands_beside_nothing, .init = set_up, .fini = tear_down) {
  const struct judged *came = judge("cache.live>+10%", NULL, after, 0);
  cr_assert_not_null(came);
  cr_expect(came->has_failed);
  cr_expect_eq(came->before, 0);
  cr_expect_eq(came->after, 103000);
  cr_expect_eq(came->pid, 8);
  const struct judged *went = judge("cache.live<-99%", before, NULL, 0);
  cr_assert_not_null(went);
  cr_expect(went->has_failed);
  cr_expect_eq(went->after, 0);
  cr_expect_eq(went->pid, 7);
  cr_expect_str_eq(went->program, "app");
  cr_expect_null(judge("other.live<-99%", before, NULL, 0));
}
