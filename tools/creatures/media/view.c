/*
 * view.c: a picture of letters.
 */
#include "media/view.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "media/commands.h"
#include "media/media.h"

#define UNITS_A_COLUMN 2.0f
#define UNITS_A_ROW    4.0f /* letters are twice as high as wide */
#define PANEL_ROWS     11u
#define CELL_BYTES     12u /* of a letter with its colour, at most */
#define SECOND         INT64_C(1000000000)
#define ENTER          "\033[?1049h\033[?25l\033[2J"
#define LEAVE          "\033[?25h\033[?1049l"

/* The first STATES are those of creatures. */
enum glyph { GLYPH_GROUND = STATES, GLYPH_WATER, GLYPH_PLANT, GLYPH_EATEN, GLYPHS };

static void measure(struct view *view);
static void draw_ground(struct view *view, const struct simulation *simulation);
static void draw_creatures(struct view *view, const struct simulation *simulation);
static void send_picture(struct view *view, const struct simulation *simulation);
static size_t append_cells(const struct view *view, size_t used);
static size_t append_figures(const struct view *view, const struct simulation *simulation, size_t used);
static size_t append_panel(const struct view *view, const char *panel, size_t used);
static size_t append(const struct view *view, size_t used, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void send(const struct view *view, const char *bytes, size_t count);
static int64_t now(void);

static const char glyphs[GLYPHS + 1] = "osef!&%z .\"'";
static const char *const colours[GLYPHS] = {"37", "33", "32", "35", "31", "95",
                                            "36", "90", "30", "34", "32", "90"};
static const char *const level_words[] = {"none", "low", "medium", "high", "critical"};

_Static_assert(sizeof glyphs == GLYPHS + 1, "a letter for each");

int view_start(struct view *view, struct ration_memory *memory, int descriptor) {
  if (!isatty(descriptor)) return -ENOTTY;
  struct view made = {.descriptor = descriptor, .memory = memory};
  made.cell_bytes = (size_t)VIEW_COLUMNS_MOST * VIEW_ROWS_MOST;
  made.written_bytes = made.cell_bytes * CELL_BYTES + 8192;
  made.cells = ration_memory_allocate(memory, made.cell_bytes, 1);
  made.written = made.cells ? ration_memory_allocate(memory, made.written_bytes, 1) : NULL;
  if (!made.written) {
    int error = -errno;
    ration_memory_release(memory, made.cells, made.cell_bytes, 1);
    return error;
  }
  made.due = made.drawn = now();
  *view = made;
  send(view, ENTER, strlen(ENTER));
  return 0;
}

void view_stop(struct view *view) {
  if (!view->written) return;
  send(view, LEAVE, strlen(LEAVE));
  ration_memory_release(view->memory, view->written, view->written_bytes, 1);
  ration_memory_release(view->memory, view->cells, view->cell_bytes, 1);
  *view = (struct view){.cells = NULL};
}

void view_show(struct view *view, const struct simulation *simulation) {
  int64_t at = now();
  view->due += SECOND / FRAMES_A_SECOND;
  if (at > view->due) {
    view->due = at; /* what is late is not made good */
  } else {
    struct timespec due = {.tv_sec = view->due / SECOND, .tv_nsec = view->due % SECOND};
    /* A signal that ends the run is not waited out. */
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
  }
  if (simulation->frame % 2) return;
  at = now();
  double seconds = (double)(at - view->drawn) / SECOND;
  if (seconds > 0) view->frames_per_second += (2 / seconds - view->frames_per_second) * 0.1;
  view->drawn = at;
  measure(view);
  draw_ground(view, simulation);
  draw_creatures(view, simulation);
  send_picture(view, simulation);
}

/* The terminal may have another size than in the last picture. */
static void measure(struct view *view) {
  struct winsize size = {.ws_col = 80, .ws_row = 24};
  (void)ioctl(view->descriptor, TIOCGWINSZ, &size);
  unsigned columns = size.ws_col ? size.ws_col : 80, rows = size.ws_row ? size.ws_row : 24;
  rows = rows > PANEL_ROWS + 4 ? rows - PANEL_ROWS : 4;
  view->columns = columns < VIEW_COLUMNS_MOST ? columns : VIEW_COLUMNS_MOST;
  view->rows = rows < VIEW_ROWS_MOST ? rows : VIEW_ROWS_MOST;
}

static void draw_ground(struct view *view, const struct simulation *simulation) {
  const struct terrain *terrain = &simulation->terrain;
  const struct plants *plants = &simulation->plants;
  float left = simulation->camera.x - (float)view->columns * UNITS_A_COLUMN / 2;
  float top = simulation->camera.y - (float)view->rows * UNITS_A_ROW / 2;
  for (unsigned row = 0; row < view->rows; row++)
    for (unsigned column = 0; column < view->columns; column++) {
      float x = left + ((float)column + 0.5f) * UNITS_A_COLUMN, y = top + ((float)row + 0.5f) * UNITS_A_ROW;
      char *cell = &view->cells[row * view->columns + column];
      *cell = GLYPH_GROUND;
      if (x < 0 || y < 0 || x >= terrain->units || y >= terrain->units) continue;
      uint32_t place = terrain_cell(terrain, x, y), plant = plants->at[place];
      if (terrain->is_water[place]) *cell = GLYPH_WATER;
      if (plant == NOTHING) continue;
      const struct plant_place *is = &plants->places[plant];
      int is_there = is->x >= x - UNITS_A_COLUMN / 2 && is->x < x + UNITS_A_COLUMN / 2 &&
                     is->y >= y - UNITS_A_ROW / 2 && is->y < y + UNITS_A_ROW / 2;
      if (is_there) *cell = is->food < PLANT_LEAST ? GLYPH_EATEN : GLYPH_PLANT;
    }
}

static void draw_creatures(struct view *view, const struct simulation *simulation) {
  size_t count;
  const struct render_command *commands = media_commands(simulation, &count);
  float left = simulation->camera.x - (float)view->columns * UNITS_A_COLUMN / 2;
  float top = simulation->camera.y - (float)view->rows * UNITS_A_ROW / 2;
  for (size_t i = 0; i < count; i++) {
    float column = (commands[i].x - left) * (1 / UNITS_A_COLUMN);
    float row = (commands[i].y - top) * (1 / UNITS_A_ROW);
    if (column < 0 || row < 0 || column >= (float)view->columns || row >= (float)view->rows) continue;
    view->cells[(unsigned)row * view->columns + (unsigned)column] = (char)(commands[i].state % STATES);
  }
}

static void send_picture(struct view *view, const struct simulation *simulation) {
  size_t used = append(view, 0, "\033[H");
  used = append_cells(view, used);
  used = append_figures(view, simulation, used);
  used = append_panel(view, media_panel(simulation), used);
  used = append(view, used, "\033[0m\033[J");
  send(view, view->written, used);
}

static size_t append_cells(const struct view *view, size_t used) {
  int last = -1;
  for (unsigned row = 0; row < view->rows; row++) {
    for (unsigned column = 0; column < view->columns; column++) {
      unsigned glyph = (unsigned char)view->cells[row * view->columns + column];
      if ((int)glyph != last) used = append(view, used, "\033[%sm", colours[glyph]);
      last = (int)glyph;
      view->written[used++] = glyphs[glyph];
    }
    used = append(view, used, "\r\n");
  }
  return used;
}

static size_t append_figures(const struct view *view, const struct simulation *simulation, size_t used) {
  struct ration_allocator_figures figures;
  struct ration_allocator *allocator = (struct ration_allocator *)(uintptr_t)&simulation->memory.allocator;
  char line[VIEW_COLUMNS_MOST + 1];
  int columns = (int)view->columns, length = 0;
  snprintf(line, sizeof line, "%6.1f s  %zu creatures  %.0f frames/s  pressure %s",
           (double)simulation->frame / FRAMES_A_SECOND, creatures_count(&simulation->creatures),
           view->frames_per_second, level_words[simulation->level]);
  used = append(view, used, "\033[0;7m%.*s\033[0m\033[K\r\n", columns, line);
  for (size_t i = 0; i < RATION_ALLOCATOR_DEFAULTS && length < (int)sizeof line; i++)
    if (!ration_allocator_stats(allocator, i, &figures))
      length += snprintf(line + length, sizeof line - (size_t)length, "%s%s %.1f M", i ? "  " : "",
                         figures.path, (double)figures.used / (1 << 20));
  return append(view, used, "%.*s\033[K\r\n", columns, line);
}

/* Its lines, each with the end of the terminal's. */
static size_t append_panel(const struct view *view, const char *panel, size_t used) {
  while (*panel) {
    int length = (int)strcspn(panel, "\n");
    int shown = length < (int)view->columns ? length : (int)view->columns;
    used = append(view, used, "%.*s\033[K", shown, panel);
    panel += length;
    if (*panel) panel++;
    if (*panel) used = append(view, used, "\r\n");
  }
  return used;
}

static size_t append(const struct view *view, size_t used, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(view->written + used, view->written_bytes - used, format, arguments);
  va_end(arguments);
  size_t after = used + (size_t)(length < 0 ? 0 : length);
  return after < view->written_bytes ? after : view->written_bytes - 1;
}

/* What the terminal does not take is lost: the next picture is complete again. */
static void send(const struct view *view, const char *bytes, size_t count) {
  while (count) {
    ssize_t sent = write(view->descriptor, bytes, count);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    bytes += sent;
    count -= (size_t)sent;
  }
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}
