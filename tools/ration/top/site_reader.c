/*
 * site_reader.c: see site_reader.h. Symbols of one process stay open until another one is asked for.
 */
#include "top/site_reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "reader/process.h"
#include "reader/procfs.h"
#include "sites/short_name.h"
#include "sites/site_table.h"
#include "sites/stack.h"
#include "view/escape.h"

#define END_PATIENCE_MS 100

struct site_reader {
  pthread_t thread;
  pthread_mutex_t mutex; /* over these four */
  pthread_cond_t changed;
  bool is_over, is_asked, is_answered;
  struct site_question question;
  struct site_answer answer;
  int fd;

  struct process *process;  /* the thread's own, as these: room for one */
  struct process_kept kept; /* of it */
  struct symbols *symbols;
  struct place_name symbols_of;
};

static void *work(void *context);
static void answer_question(struct site_reader *reader, struct site_answer *answer);
static int read_lines(struct site_reader *reader, struct site_answer *answer, struct fault *ret_fault);
static int open_symbols(struct site_reader *reader);
static int fill_lines(struct site_reader *reader, const struct site_list *sites,
                      const struct site_table *table, struct site_answer *answer);
static int fill_line(struct site_reader *reader, const struct site_list *sites, const struct site_row *row,
                     struct site_line *line);
static void hand_over(struct site_reader *reader, struct site_answer *answer);
static bool is_process(const struct place_name *a, const struct place_name *b);

int site_reader_begin(struct site_reader **ret_reader) {
  struct site_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return -ENOMEM;
  reader->process = malloc(sizeof *reader->process);
  reader->fd = reader->process ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
  int error = reader->fd >= 0 ? 0 : reader->process ? -errno : -ENOMEM;
  if (!error) {
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->changed, NULL);
    error = -pthread_create(&reader->thread, NULL, work, reader);
    if (error) close(reader->fd);
  }
  if (error) {
    free(reader->process);
    free(reader);
    return error;
  }
  *ret_reader = reader;
  return 0;
}

void site_reader_end(struct site_reader *reader) {
  struct timespec until;
  if (!reader) return;
  pthread_mutex_lock(&reader->mutex);
  reader->is_over = true;
  pthread_cond_signal(&reader->changed);
  pthread_mutex_unlock(&reader->mutex);
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += END_PATIENCE_MS * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  if (pthread_timedjoin_np(reader->thread, NULL, &until) != 0) return;
  site_answer_free(&reader->answer);
  symbols_close(reader->symbols);
  close(reader->fd);
  free(reader->process);
  free(reader);
}

int site_reader_fd(const struct site_reader *reader) {
  return reader->fd;
}

void site_reader_ask(struct site_reader *reader, const struct site_question *question) {
  pthread_mutex_lock(&reader->mutex);
  reader->question = *question;
  reader->is_asked = true;
  pthread_cond_signal(&reader->changed);
  pthread_mutex_unlock(&reader->mutex);
}

bool site_reader_take(struct site_reader *reader, struct site_answer *ret_answer) {
  uint64_t count;
  while (read(reader->fd, &count, sizeof count) > 0) continue;
  pthread_mutex_lock(&reader->mutex);
  bool is_there = reader->is_answered;
  if (is_there) {
    *ret_answer = reader->answer;
    reader->answer = (struct site_answer){.count = 0};
    reader->is_answered = false;
  }
  pthread_mutex_unlock(&reader->mutex);
  return is_there;
}

void site_answer_free(struct site_answer *answer) {
  free(answer->line);
  *answer = (struct site_answer){.count = 0};
}

bool site_question_is_same(const struct site_question *a, const struct site_question *b) {
  return a->id == b->id && is_process(&a->name, &b->name) && strcmp(a->path, b->path) == 0;
}

static bool is_process(const struct place_name *a, const struct place_name *b) {
  return a->pid == b->pid && a->start_ticks == b->start_ticks && a->pid_namespace == b->pid_namespace &&
         a->image == b->image;
}

/* ---- the thread ------------------------------------------------------------------------------------------ */

static void *work(void *context) {
  struct site_reader *reader = context;
  for (;;) {
    struct site_answer answer = {.count = 0};
    pthread_mutex_lock(&reader->mutex);
    while (!reader->is_over && !reader->is_asked) pthread_cond_wait(&reader->changed, &reader->mutex);
    bool is_over = reader->is_over;
    answer.question = reader->question;
    reader->is_asked = false;
    pthread_mutex_unlock(&reader->mutex);
    if (is_over) return NULL;
    answer_question(reader, &answer);
    hand_over(reader, &answer);
  }
}

static void hand_over(struct site_reader *reader, struct site_answer *answer) {
  const uint64_t one = 1;
  pthread_mutex_lock(&reader->mutex);
  site_answer_free(&reader->answer);
  reader->answer = *answer;
  reader->is_answered = true;
  pthread_mutex_unlock(&reader->mutex);
  while (write(reader->fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static void answer_question(struct site_reader *reader, struct site_answer *answer) {
  struct site_question *question = &answer->question;
  struct fault fault;
  int error =
      process_read_books(question->path, question->is_memfd, NULL, &reader->kept, reader->process, &fault);
  if (!error && !is_process(&reader->process->snapshot.name, &question->name))
    error = fault_set(&fault, -ENOENT, "has ended");
  if (!error) error = read_lines(reader, answer, &fault);
  if (error) answer->fault = fault;
}

static int read_lines(struct site_reader *reader, struct site_answer *answer, struct fault *ret_fault) {
  const struct snapshot *snapshot = &reader->process->snapshot;
  struct selection selection = {.depth = UINT32_MAX};
  if (answer->question.id > RATION_CATEGORY_TOTAL && answer->question.id <= snapshot->category_count)
    selection.category = snapshot->categories[answer->question.id].name;
  struct site_wishes wishes = {.order = SITES_BY_LIVE, .selection = &selection};
  struct site_list sites;
  struct site_table table;
  int error = site_list_read_path(reader->process->path, reader->process->is_memfd, snapshot->category_count,
                                  &sites, ret_fault);
  if (error) return error;
  error = site_table_make(&sites, snapshot, &wishes, &table);
  if (!error) {
    answer->samples = table.samples;
    answer->sample_mean = sites.facts.sample_mean;
    answer->live_bytes = (double)table.live_bytes;
    error = open_symbols(reader);
    if (!error) error = fill_lines(reader, &sites, &table, answer);
    site_table_free(&table);
  }
  site_list_free(&sites);
  return error ? fault_set(ret_fault, error, "not enough memory to read its sites") : 0;
}

static int open_symbols(struct site_reader *reader) {
  const struct place_name *name = &reader->process->snapshot.name;
  if (reader->symbols && is_process(name, &reader->symbols_of)) return 0;
  bool is_here = reader->process->state != PROCESS_ELSEWHERE;
  struct symbol_places places = {.pid = is_here ? name->pid : 0};
  symbols_close(reader->symbols);
  reader->symbols = symbols_open(&places);
  reader->symbols_of = *name;
  return reader->symbols ? 0 : -ENOMEM;
}

static int fill_lines(struct site_reader *reader, const struct site_list *sites,
                      const struct site_table *table, struct site_answer *answer) {
  size_t live = 0;
  while (live < table->count && table->row[live].live_bytes > 0) live++;
  size_t count = live < SITE_LINES_MOST ? live : SITE_LINES_MOST;
  answer->line = calloc(count + 1, sizeof *answer->line);
  int error = answer->line ? 0 : -ENOMEM;
  for (size_t i = 0; i < count && !error; i++)
    error = fill_line(reader, sites, &table->row[i], &answer->line[i]);
  if (error) {
    site_answer_free(&(struct site_answer){.line = answer->line});
    answer->line = NULL;
    return error;
  }
  answer->count = count;
  answer->others = live - count;
  return 0;
}

/* What does not fit is left away, from the outermost on. */
static int fill_line(struct site_reader *reader, const struct site_list *sites, const struct site_row *row,
                     struct site_line *line) {
  struct stack stack;
  int error = stack_of(reader->symbols, sites, row->facts, &stack);
  if (error) return error;
  *line =
      (struct site_line){.live_bytes = row->live_bytes, .live = row->live, .live_blocks = row->live_blocks};
  escape(reader->process->snapshot.categories[row->facts->category].name, line->category,
         sizeof line->category);
  for (size_t i = 0, used = 0; i < stack.count && i < SITE_LINE_FRAMES; i++) {
    char place[STACK_PLACE_BYTES], name[SHORT_NAME_BYTES], escaped[2 * SHORT_NAME_BYTES];
    short_name(stack_frame_name(&stack.frame[i], place), name);
    escape(name, escaped, sizeof escaped);
    size_t length = strlen(escaped);
    if (used + length + 2 > sizeof line->calls) break;
    if (used > 0) line->calls[used++] = '\n';
    memcpy(line->calls + used, escaped, length + 1);
    used += length;
  }
  stack_free(&stack);
  return 0;
}
