/*
 * comparison.c: reads what a pair takes, has it compared and shown, and gives it back.
 */
#include "diff/comparison.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "complain.h"
#include "diff/gone.h"
#include "diff/since.h"
#include "view/process_words.h"

/* The samples of one process, and room for its leaks. */
struct side {
  struct site_list sites;
  struct site_table table;
  struct symbols *symbols;
  struct sampled sampled;
  struct leak_count *leaks; /* NULL: not needed */
};

struct both_sides {
  struct side before;
  struct side after;
};

static int take_alone(struct comparison *comparison, const struct pair *pair, const char *name);
static void pass_over(struct comparison *comparison, const struct process *process, const struct fault *why);
static int compare_pair(struct comparison *comparison, const struct pair *pair, const char *name_before,
                        const char *name_after);
static int open_side(const struct comparison *comparison, const struct process *process, struct side *side,
                     const char *name);
static int count_leaks(const struct process *process, struct side *side, struct fault *ret_fault);
static void close_side(struct side *side);
static int show_pair(struct comparison *comparison, const struct pair *pair, const struct both_sides *sides);
static int show_since(struct comparison *comparison, const struct pair *pair, uint64_t age_ns);
static int emit(struct comparison *comparison, const struct diff_report *report, const char *remark);
static const char *remark_on(const struct comparison *comparison, const struct pair *pair,
                             const struct both_sides *sides, char remark[512]);
static bool has_samples(const struct side *side);
static int say_no_memory(void);

int comparison_take(struct comparison *comparison, const struct pair *pair, const char *name_before,
                    const char *name_after) {
  if (pair->before && pair->after) return compare_pair(comparison, pair, name_before, name_after);
  return take_alone(comparison, pair, pair->before ? name_before : name_after);
}

int comparison_take_since(struct comparison *comparison, const struct process *process, const char *name) {
  struct process *before = malloc(sizeof *before);
  struct fault fault;
  uint64_t age_ns;
  if (!before) return say_no_memory();
  int error = since_read(process, comparison->wishes->since_ns, before, &age_ns, &fault);
  int status = STATUS_DONE;
  if (error == -ENODATA) {
    pass_over(comparison, process, &fault);
  } else if (error) {
    complain(name, "%s", fault.words);
    status = STATUS_MISSING;
  } else {
    status = show_since(comparison, &(struct pair){before, process}, age_ns);
  }
  free(before);
  return status;
}

int comparison_finish(struct comparison *comparison) {
  const char *by = measure_word(comparison->wishes->measure);
  const struct field field = {.name = "by", .kind = FIELD_NAME, .offset = 0};
  emitter_fields(comparison->emitter, &field, 1, &by);
  return judgement_tell(&comparison->judgement, comparison->emitter);
}

void comparison_free(struct comparison *comparison) {
  judgement_free(&comparison->judgement);
}

/* To a condition it stands beside one that has nothing. */
static int take_alone(struct comparison *comparison, const struct pair *pair, const char *name) {
  const struct process *process = pair->before ? pair->before : pair->after;
  struct side side = {.leaks = NULL};
  struct fault fault;
  int error =
      change_list_needs_leaks(comparison->judgement.conditions) ? count_leaks(process, &side, &fault) : 0;
  int status = error ? STATUS_MISSING : STATUS_DONE;
  if (error) {
    complain(name, "%s", fault.words);
  } else {
    struct observation there = {process, side.leaks}, none = {.process = NULL};
    bool is_before = pair->before != NULL;
    error = judgement_take(&comparison->judgement, is_before ? &there : &none, is_before ? &none : &there, 0);
    if (error) status = say_no_memory();
  }
  free(side.leaks);
  if (comparison->pairs++ > 0) emitter_end_line(comparison->emitter);
  diff_view_unmatched(comparison->emitter, pair, NULL);
  return status;
}

static void pass_over(struct comparison *comparison, const struct process *process, const struct fault *why) {
  char remark[sizeof why->words + 8];
  snprintf(remark, sizeof remark, "it %s", why->words);
  if (comparison->pairs++ > 0) emitter_end_line(comparison->emitter);
  diff_view_unmatched(comparison->emitter, &(struct pair){NULL, process}, remark);
  comparison->passed_over++;
  comparison->why = *why;
}

static int compare_pair(struct comparison *comparison, const struct pair *pair, const char *name_before,
                        const char *name_after) {
  struct both_sides *sides = calloc(1, sizeof *sides);
  if (!sides) return say_no_memory();
  int status = open_side(comparison, pair->before, &sides->before, name_before);
  if (!status) status = open_side(comparison, pair->after, &sides->after, name_after);
  if (!status) status = show_pair(comparison, pair, sides);
  close_side(&sides->before);
  close_side(&sides->after);
  free(sides);
  return status;
}

static int open_side(const struct comparison *comparison, const struct process *process, struct side *side,
                     const char *name) {
  struct fault fault;
  struct site_wishes wishes = {.order = SITES_BY_LIVE, .selection = comparison->wishes->selection};
  int error = site_list_read_path(process->path, process->is_memfd, process->snapshot.category_count,
                                  &side->sites, &fault);
  if (!error && change_list_needs_leaks(comparison->judgement.conditions))
    error = count_leaks(process, side, &fault);
  if (error) {
    complain(name, "%s", fault.words);
    return STATUS_MISSING;
  }
  if (gone_is(process)) gone_forget_sites(&side->sites);
  side->symbols = subject_symbols(process, &comparison->wishes->places);
  if (!side->symbols || site_table_make(&side->sites, &process->snapshot, &wishes, &side->table) != 0)
    return say_no_memory();
  side->sampled = (struct sampled){process, &side->sites, &side->table, side->symbols};
  return STATUS_DONE;
}

static int count_leaks(const struct process *process, struct side *side, struct fault *ret_fault) {
  struct suppressions none = {0};
  side->leaks = malloc(sizeof *side->leaks);
  if (!side->leaks) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  return leak_count_read(process, &none, side->leaks, ret_fault);
}

static void close_side(struct side *side) {
  symbols_close(side->symbols);
  site_table_free(&side->table);
  site_list_free(&side->sites);
  free(side->leaks);
}

static int show_pair(struct comparison *comparison, const struct pair *pair, const struct both_sides *sides) {
  const struct diff_wishes *wishes = comparison->wishes;
  struct category_diff categories = {0};
  struct site_diff sites = {0};
  char remark[512];
  bool has_sites =
      measure_is_of_sites(wishes->measure) && has_samples(&sides->before) && has_samples(&sides->after);
  int error =
      category_diff_make(pair->before, pair->after, wishes->selection, wishes->measure, 0, &categories);
  if (!error && has_sites)
    error = site_diff_make(&sides->before.sampled, &sides->after.sampled, wishes->measure, &sites);
  struct observation before = {pair->before, sides->before.leaks}, after = {pair->after, sides->after.leaks};
  if (!error) error = judgement_take(&comparison->judgement, &before, &after, 0);
  if (!error)
    error = emit(comparison,
                 &(struct diff_report){.pair = *pair,
                                       .categories = &categories,
                                       .sites = has_sites ? &sites : NULL,
                                       .before = &sides->before.sampled,
                                       .after = &sides->after.sampled},
                 remark_on(comparison, pair, sides, remark));
  site_diff_free(&sites);
  category_diff_free(&categories);
  return error ? say_no_memory() : STATUS_DONE;
}

/* What a timeline has is charged, and so above what was live by as much as threads may have held. */
static int show_since(struct comparison *comparison, const struct pair *pair, uint64_t age_ns) {
  const struct diff_wishes *wishes = comparison->wishes;
  struct category_diff categories = {0};
  struct observation before = {pair->before, NULL}, after = {pair->after, NULL};
  uint64_t doubt = pair->after->snapshot.allowance_bytes;
  int error =
      category_diff_make(pair->before, pair->after, wishes->selection, MEASURE_LIVE, doubt, &categories);
  if (!error) error = judgement_take(&comparison->judgement, &before, &after, doubt);
  if (!error)
    error = emit(comparison,
                 &(struct diff_report){.pair = *pair,
                                       .categories = &categories,
                                       .is_since = true,
                                       .since_ns = wishes->since_ns,
                                       .age_ns = age_ns},
                 process_words_passive_reason(pair->after->snapshot.passive));
  category_diff_free(&categories);
  return error ? say_no_memory() : STATUS_DONE;
}

static int emit(struct comparison *comparison, const struct diff_report *report, const char *remark) {
  struct diff_report whole = *report;
  whole.most = comparison->wishes->most;
  whole.most_frames = comparison->wishes->most_frames;
  if (comparison->pairs++ > 0) emitter_end_line(comparison->emitter);
  return diff_view_pair(comparison->emitter, &whole, remark);
}

static const char *remark_on(const struct comparison *comparison, const struct pair *pair,
                             const struct both_sides *sides, char remark[512]) {
  const struct process *passive = pair->before->snapshot.passive  ? pair->before
                                  : pair->after->snapshot.passive ? pair->after
                                                                  : NULL;
  if (passive) {
    snprintf(remark, 512, "%.63s (pid %u): %.384s", passive->snapshot.program, passive->snapshot.name.pid,
             process_words_passive_reason(passive->snapshot.passive));
    return remark;
  }
  if (comparison->wishes->measure == MEASURE_LIVE && (gone_is(pair->before) || gone_is(pair->after)))
    return "an image that exec replaced has nothing that lives; --by total, peak and count tell of it";
  if (!measure_is_of_sites(comparison->wishes->measure)) return NULL;
  bool has_before = has_samples(&sides->before), has_after = has_samples(&sides->after);
  if (has_before && has_after) return NULL;
  snprintf(remark, 512, "sites are not compared: there are no samples of %s",
           has_before  ? "the second process"
           : has_after ? "the first process"
                       : "either process");
  return remark;
}

static bool has_samples(const struct side *side) {
  return site_diff_mean(&side->sampled) > 0;
}

static int say_no_memory(void) {
  complain("diff", "not enough memory");
  return STATUS_MISSING;
}
