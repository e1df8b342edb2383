/*
 * Tests of the formats: what each writes of segments made by hand, of one process and of two, to the letter where that is
 * short; a profile is unpacked again. And of segments with wrong bytes: something, or a fault, but no crash.
 */
#include "export/format.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <profile.pb-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/random.h"
#include "reader/fake_segment.h"

static struct fake_segment segment;
static char folder[PATH_MAX];
static struct process process, other;
static struct process *both[] = {&process, &other};
static struct subject subject = {.processes = both, .count = 1};
static struct export_wishes wishes;
static char *text;
static size_t size;

static void read_process(const char *name, struct process *ret_process) {
  struct fault fault;
  fake_segment_save(&segment, sizeof segment, folder, name, ret_process->path);
  cr_assert_eq(snapshot_read_path(ret_process->path, false, &ret_process->snapshot, &fault), 0, "%s",
               fault.words);
  process_set_ended(ret_process, 0, ret_process->snapshot.started_at_ns + 2 * FAKE_SECOND);
}

static void set_up(void) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  fake_segment_add_sites(&segment);
  fake_folder_make(folder);
  read_process("one", &process);
  read_process("two", &other);
  wishes = (struct export_wishes){.order = SITES_BY_LIVE};
  subject.count = 1;
}

static void tear_down(void) {
  free(text);
  text = NULL;
  fake_folder_remove(folder);
}

static int run(const char *name) {
  struct fault fault = {""};
  free(text);
  text = NULL;
  FILE *to = open_memstream(&text, &size);
  int error = export_format_find(name)->write(to, &subject, &wishes, &fault);
  cr_expect_eq(ferror(to), 0);
  fclose(to);
  cr_expect_eq(error != 0, fault.words[0] != 0, "%s", fault.words);
  return error;
}

static void has(const char *words) {
  cr_expect(strstr(text, words), "`%s` is not in:\n%s", words, text);
}

static void lacks(const char *words) {
  cr_expect_not(strstr(text, words), "`%s` is in:\n%s", words, text);
}

Test(formats, are_found_by_name_and_listed) {
  char list[EXPORT_FORMAT_LIST_BYTES];
  cr_expect_null(export_format_find("svg"));
  cr_expect_null(export_format_find(""));
  cr_expect_str_eq(export_format_find("csv")->name, "csv");
  export_format_list(0, list);
  cr_expect_str_eq(list, "pprof, folded, speedscope, json, csv, massif, openmetrics");
  export_format_list(EXPORT_TAKES_ORDER, list);
  cr_expect_str_eq(list, "folded");
}

/* Help has no table to be made from, so it has the names once more. */
Test(formats, are_named_in_help_as_in_the_table) {
  char names[EXPORT_FORMAT_LIST_BYTES] = "";
  for (const struct export_format *format = export_formats; format->name; format++)
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", names[0] ? "|" : "", format->name);
  cr_expect_str_eq(names, EXPORT_FORMAT_NAMES);
}

Test(formats, folded_is_a_line_a_stack, .init = set_up, .fini = tear_down) {
  cr_assert_eq(run("folded"), 0);
  char *alone = strdup(text);
  has("lib/a.so;");
  lacks("victim;lib/a.so");
  wishes.order = SITES_BY_COUNT;
  cr_assert_eq(run("folded"), 0);
  cr_expect_str_neq(text, alone, "another weight");
  subject.count = 2;
  wishes.order = SITES_BY_LIVE;
  cr_assert_eq(run("folded"), 0);
  has("victim;lib/a.so;");
  unsigned lines = 0, before = 0;
  for (const char *at = text; (at = strchr(at, '\n')); at++) lines++;
  for (const char *at = alone; (at = strchr(at, '\n')); at++) before++;
  cr_expect_gt(before, 0);
  cr_expect_eq(lines, before, "the other's stacks read the same");
  free(alone);
  other.snapshot.name.pid++;
  cr_assert_eq(run("folded"), 0);
  char frame[64];
  snprintf(frame, sizeof frame, "victim (pid %u);lib/a.so;", process.snapshot.name.pid);
  has(frame);
  snprintf(frame, sizeof frame, "victim (pid %u);lib/a.so;", other.snapshot.name.pid);
  has(frame);
  memcpy(other.snapshot.program, "else", sizeof "else");
  cr_assert_eq(run("folded"), 0);
  has("else;lib/a.so;");
  has("victim;lib/a.so;");
}

Test(formats, folded_has_nothing_live_of_what_exec_replaced, .init = set_up, .fini = tear_down) {
  subject.count = 2;
  memcpy(process.snapshot.program, "sh", sizeof "sh");
  process.state = PROCESS_REPLACED;
  cr_assert_eq(run("folded"), 0);
  lacks("sh;");
  has("victim;lib/a.so;");
  wishes.order = SITES_BY_TOTAL;
  cr_assert_eq(run("folded"), 0);
  has("sh;lib/a.so;");
  wishes.order = SITES_BY_LIVE;
  subject.count = 1;
  cr_assert_eq(run("folded"), 0);
  has("lib/a.so;");
}

Test(formats, openmetrics_has_each_category_of_each_process, .init = set_up, .fini = tear_down) {
  char line[256];
  cr_assert_eq(run("openmetrics"), 0);
  snprintf(line, sizeof line, "\nration_live_bytes{pid=\"%u\",program=\"victim\",session=\"",
           process.snapshot.name.pid);
  has(line);
  has("category=\"lib/a.so\"} 60000\n");
  has("ration_allocations_total{");
  has("# TYPE ration_allocations counter\n");
  has("ration_budget_bytes{");
  has("ration_pressure_level{");
  has("what=\"samples_lost\"} 3\n");
  has("ration_slack_bytes{");
  lacks("ration_growth_bytes_per_hour{");
  cr_expect_str_eq(text + size - 6, "# EOF\n");
  size_t alone = size;
  subject.count = 2;
  cr_assert_eq(run("openmetrics"), 0);
  cr_expect_eq(size, alone, "of two with the same labels one stands there");
  other.snapshot.session_start++;
  cr_assert_eq(run("openmetrics"), 0);
  cr_expect_gt(size, alone, "the session is a label, too");
  other.snapshot.session_start--;
  other.snapshot.name.pid++;
  cr_assert_eq(run("openmetrics"), 0);
  cr_expect_gt(size, alone);
  const char *head = strstr(text, "# TYPE ration_live_bytes ");
  cr_expect_not(strstr(head + 1, "# TYPE ration_live_bytes "), "a family has one head");
  process.state = PROCESS_REPLACED;
  cr_assert_eq(run("openmetrics"), 0);
  cr_expect_eq(size, alone, "what exec has replaced is not counted");
}

/* Two points of a process of ten minutes, of the tier of the finest; a third one would lie outside. */
static struct {
  struct fake_segment segment;
  struct ration_segment_strip strips[2];
} grown;

static void read_grown(uint64_t points) {
  grown.segment = segment;
  grown.segment.header.segment_bytes = sizeof grown;
  grown.segment.header.tables[RATION_SEGMENT_TABLES - 1] =
      (struct ration_segment_table){RATION_TABLE_TIMELINE, sizeof grown.strips[0], sizeof grown.segment, 2};
  grown.segment.process.started_at = FAKE_STARTED_AT;
  grown.segment.process.timeline_points[0] = points;
  for (size_t i = 0; i < 2; i++) grown.strips[i].bytes[0] = FAKE_STARTED_AT + (240 + i * 120) * FAKE_SECOND;
  struct fault fault;
  fake_segment_save(&grown, sizeof grown, folder, "grown", process.path);
  cr_assert_eq(snapshot_read_path(process.path, false, &process.snapshot, &fault), 0, "%s", fault.words);
  uint32_t id = 1;
  while (strcmp(process.snapshot.categories[id].name, "lib/a.so") != 0) id++;
  grown.strips[0].bytes[id] = 5000;
  grown.strips[1].bytes[id] = 2000;
  fake_segment_save(&grown, sizeof grown, folder, "grown", process.path);
  process.until_at = FAKE_STARTED_AT + 600 * FAKE_SECOND;
}

/* 3000 less once, and nothing in most of the window: that is no slope. */
Test(formats, growth_is_the_same_in_all, .init = set_up, .fini = tear_down) {
  read_grown(2);
  cr_assert_eq(run("openmetrics"), 0);
  has("category=\"lib/a.so\",window=\"5m\"} 0\n");
  lacks("window=\"6h\"");
  process.snapshot.growth.is_known[0] = false;
  cr_assert_eq(run("json"), 0);
  has("\"growth_5m_bytes_per_hour\": 0");
  process.snapshot.growth.is_known[0] = false;
  cr_assert_eq(run("csv"), 0);
  cr_expect(process.snapshot.growth.is_known[0]);
}

/* Else it would be missing as if the process were too young. */
Test(formats, of_a_timeline_that_cannot_be_read_are_none, .init = set_up, .fini = tear_down) {
  read_grown(3);
  const char *const names[] = {"openmetrics", "json", "csv"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    cr_expect_eq(run(names[i]), -EBADMSG, "%s", names[i]);
  process.until_at = FAKE_STARTED_AT + FAKE_SECOND;
  cr_expect_eq(run("openmetrics"), 0, "of one so young it is not asked for");
}

Test(formats, csv_has_rows_as_they_are_asked_for, .init = set_up, .fini = tear_down) {
  cr_assert_eq(run("csv"), 0);
  cr_expect_eq(strncmp(text, "pid,program,image,name,live_bytes,", 34), 0);
  has(",victim,0,lib/a.so,60000,");
  cr_expect_str_eq(text + size - 2, "\r\n");
  wishes.rows = EXPORT_SITES;
  cr_assert_eq(run("csv"), 0);
  cr_expect_eq(strncmp(text, "pid,program,image,category,live_bytes,", 38), 0);
  has("victim+0x");
  wishes.rows = EXPORT_TIMELINE;
  cr_assert_eq(run("csv"), 0);
  cr_expect_str_eq(text, "pid,program,image,seconds,category,live_bytes\r\n", "it has no timeline");
}

Test(formats, json_has_all_looks_of_all_processes, .init = set_up, .fini = tear_down) {
  subject.count = 2;
  cr_assert_eq(run("json"), 0);
  json_t *root = json_loads(text, 0, NULL), *processes = json_object_get(root, "processes");
  cr_assert_eq(json_array_size(processes), 2);
  const char *const lists[] = {"categories", "sites",  "timeline", "size_histogram",
                               "by_thread",  "events", "pools"};
  for (size_t i = 0; i < 2; i++)
    for (size_t at = 0; at < sizeof lists / sizeof *lists; at++)
      cr_expect(json_is_array(json_object_get(json_array_get(processes, i), lists[at])), "%s", lists[at]);
  json_decref(root);
}

Test(formats, speedscope_has_profiles_of_each_process, .init = set_up, .fini = tear_down) {
  subject.count = 2;
  cr_assert_eq(run("speedscope"), 0);
  json_t *root = json_loads(text, 0, NULL), *profiles = json_object_get(root, "profiles");
  cr_expect_eq(json_array_size(profiles), 10);
  json_t *profile = json_array_get(profiles, 0), *weights = json_object_get(profile, "weights");
  json_int_t sum = 0;
  cr_expect_gt(json_array_size(weights), 0);
  for (size_t i = 0; i < json_array_size(weights); i++) sum += json_integer_value(json_array_get(weights, i));
  cr_expect_eq(json_integer_value(json_object_get(profile, "endValue")), sum);
  cr_expect_eq(json_array_size(weights), json_array_size(json_object_get(profile, "samples")));
  json_decref(root);
}

Test(formats, speedscope_has_nothing_live_of_what_exec_replaced, .init = set_up, .fini = tear_down) {
  subject.count = 2;
  process.state = PROCESS_REPLACED;
  cr_assert_eq(run("speedscope"), 0);
  json_t *root = json_loads(text, 0, NULL), *profiles = json_object_get(root, "profiles");
  for (size_t i = 0; i < 10; i++) {
    json_t *end = json_object_get(json_array_get(profiles, i), "endValue");
    if (i == 0) cr_expect_eq(json_integer_value(end), 0);
    if (i == 2 || i == 5) cr_expect_gt(json_integer_value(end), 0);
  }
  json_decref(root);
}

Test(formats, massif_has_a_peak_and_an_end, .init = set_up, .fini = tear_down) {
  cr_assert_eq(run("massif"), 0);
  has("cmd: victim\ntime_unit: ms\n");
  has("heap_tree=peak\n");
  has("snapshot=1\n#-----------\ntime=2000\nmem_heap_B=60500\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree="
      "detailed\n");
  subject.count = 2;
  cr_expect_eq(run("massif"), -ERANGE, "it has room for one");
}

/* ms_print ends where a part is more than the whole; one sample may stand for more than lives. */
Test(formats, massif_has_no_part_above_the_whole, .init = set_up, .fini = tear_down) {
  process.snapshot.total.live_bytes = 100;
  cr_assert_eq(run("massif"), 0);
  const char *end = strstr(text, "heap_tree=detailed\n");
  cr_assert_not_null(end);
  size_t parts = 0;
  for (const char *at = end; (at = strchr(at, '\n')) && at[1]; at++) {
    unsigned long bytes, children;
    if (sscanf(at + 1, " n%lu: %lu ", &children, &bytes) != 2) continue;
    cr_expect_leq(bytes, 100, "%lu", bytes);
    parts++;
  }
  cr_expect_gt(parts, 1);
}

/* The profile, to be given back by profile__profile__free_unpacked. */
static Profile__Profile *unpack(void) {
  static unsigned char bytes[1 << 20];
  z_stream stream = {.next_in = (unsigned char *)text,
                     .avail_in = (unsigned)size,
                     .next_out = bytes,
                     .avail_out = sizeof bytes};
  cr_assert_eq(inflateInit2(&stream, 15 + 16), Z_OK);
  cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
  size_t count = stream.total_out;
  inflateEnd(&stream);
  Profile__Profile *profile = profile__profile__unpack(NULL, count, bytes);
  cr_assert_not_null(profile);
  return profile;
}

Test(formats, pprof_has_sites_as_samples, .init = set_up, .fini = tear_down) {
  cr_assert_eq(run("pprof"), 0);
  Profile__Profile *profile = unpack();
  char **words = profile->string_table;
  cr_expect_str_eq(words[0], "");
  cr_assert_eq(profile->n_sample_type, 4);
  const char *const types[] = {"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"};
  for (size_t i = 0; i < 4; i++) cr_expect_str_eq(words[profile->sample_type[i]->type], types[i]);
  cr_expect_str_eq(words[profile->default_sample_type], "inuse_space");
  cr_expect_eq(profile->period, 10000);
  cr_expect_eq(profile->duration_nanos, 2000000000);
  cr_assert_eq(profile->n_mapping, 2, "one stands there twice");
  cr_expect_str_eq(words[profile->mapping[0]->filename], "/bin/victim");
  cr_expect_gt(profile->n_sample, 0);
  for (size_t i = 0; i < profile->n_sample; i++) {
    const Profile__Sample *sample = profile->sample[i];
    cr_expect_eq(sample->n_value, 4);
    cr_assert_eq(sample->n_label, 1);
    cr_expect_str_eq(words[sample->label[0]->key], "category");
    for (size_t at = 0; at < sample->n_location_id; at++)
      cr_assert(sample->location_id[at] > 0 && sample->location_id[at] <= profile->n_location);
  }
  for (size_t i = 0; i < profile->n_location; i++) {
    const Profile__Location *location = profile->location[i];
    cr_expect_eq(location->id, i + 1);
    cr_expect_leq(location->mapping_id, profile->n_mapping);
  }
  profile__profile__free_unpacked(profile, NULL);
}

Test(formats, pprof_tells_processes_apart, .init = set_up, .fini = tear_down) {
  cr_assert_eq(run("pprof"), 0);
  Profile__Profile *one = unpack();
  subject.count = 2;
  cr_assert_eq(run("pprof"), 0);
  Profile__Profile *two = unpack();
  cr_expect_eq(two->n_sample, 2 * one->n_sample);
  cr_expect_eq(two->n_mapping, 2 * one->n_mapping);
  cr_expect_eq(two->n_location, 2 * one->n_location, "the same address in another process is another place");
  cr_assert_eq(two->sample[0]->n_label, 3);
  cr_expect_str_eq(two->string_table[two->sample[0]->label[1]->str], "victim");
  cr_expect_eq(two->sample[0]->label[2]->num, process.snapshot.name.pid);
  profile__profile__free_unpacked(one, NULL);
  profile__profile__free_unpacked(two, NULL);
}

Test(formats, pprof_has_nothing_live_of_what_exec_replaced, .init = set_up, .fini = tear_down) {
  subject.count = 2;
  process.state = PROCESS_REPLACED;
  cr_assert_eq(run("pprof"), 0);
  Profile__Profile *profile = unpack();
  int64_t sums[2][4] = {{0}};
  for (size_t i = 0; i < profile->n_sample; i++)
    for (size_t at = 0; at < 4; at++) sums[i >= profile->n_sample / 2][at] += profile->sample[i]->value[at];
  for (size_t at = 0; at < 2; at++) {
    cr_expect_gt(sums[0][at], 0);
    cr_expect_eq(sums[0][at], sums[1][at], "what was allocated counts");
    cr_expect_eq(sums[0][2 + at], 0);
    cr_expect_gt(sums[1][2 + at], 0);
  }
  profile__profile__free_unpacked(profile, NULL);
}

Test(formats, of_a_process_without_samples_are_empty, .init = set_up, .fini = tear_down) {
  fake_segment_fill(&segment);
  read_process("bare", &process);
  cr_assert_eq(run("folded"), 0);
  cr_expect_eq(size, 0);
  cr_assert_eq(run("pprof"), 0);
  Profile__Profile *profile = unpack();
  cr_expect_eq(profile->n_sample, 0);
  profile__profile__free_unpacked(profile, NULL);
  cr_assert_eq(run("massif"), 0);
  has("mem_heap_B=60500\n");
  cr_assert_eq(run("openmetrics"), 0);
  lacks("ration_slack_bytes{");
}

/* Words all over the segment are made what nobody expects, one at a time: whoever reads it may find it wanting. */
Test(formats, take_segments_with_wrong_bytes, .init = set_up, .fini = tear_down, .timeout = 300) {
  static const uint64_t wrong[] = {0, 1, 0x7fffffff, UINT64_C(1) << 47, UINT64_MAX};
  struct fake_segment sound = segment;
  struct random random = {.seed = 1};
  const size_t first = offsetof(struct fake_segment, process) / 8;
  const size_t rows = offsetof(struct fake_segment, samples) / 8 - first;
  unsigned written = 0;
  for (unsigned round = 0; round < 400; round++) {
    struct fault fault;
    segment = sound;
    for (unsigned i = 0; i < 3; i++) {
      size_t at = i == 0 ? random_below(&random, first) : first + random_below(&random, rows);
      memcpy((char *)&segment + 8 * at, &wrong[random_below(&random, 5)], 8);
    }
    fake_segment_save(&segment, sizeof segment, folder, "wrong", process.path);
    if (snapshot_read_path(process.path, false, &process.snapshot, &fault) != 0) continue;
    for (const struct export_format *format = export_formats; format->name; format++)
      written += run(format->name) == 0;
  }
  cr_expect_gt(written, 100, "most of it is as it was");
}
