/*
 * select.c: --depth, --tree and --category, parsed.
 */
#include "select.h"

#include "base/text.h"
#include "commands.h"
#include "complain.h"

static error_t parse(int key, char *argument, struct argp_state *state);
static error_t parse_depth(const char *argument);

/* Keys of options without a letter. */
enum { DEPTH_KEY = 0x100, TREE_KEY, CATEGORY_KEY };

static const struct argp_option row_options[] = {
    {"depth", DEPTH_KEY, "N", 0, "fold categories deeper than N into those above them", 2},
    {"category", CATEGORY_KEY, "NAME", 0, "show this category and those below it alone", 2},
    {0},
};
const struct argp select_rows_argp = {.options = row_options, .parser = parse};

static const struct argp_option options[] = {
    {"tree", TREE_KEY, NULL, 0, "show categories below one another, each with all that lies below it", 2},
    {0},
};
static const struct argp_child children[] = {{.argp = &select_rows_argp}, {0}};
const struct argp select_argp = {.options = options, .parser = parse, .children = children};

struct selection selected = {.depth = UINT32_MAX};

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  switch (key) {
  case DEPTH_KEY:
    return parse_depth(argument);
  case TREE_KEY:
    selected.is_tree = true;
    return 0;
  case CATEGORY_KEY:
    selected.category = argument;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t parse_depth(const char *argument) {
  uint64_t depth;
  size_t digits = text_read_decimal(argument, &depth);
  if (digits == 0 || argument[digits] != 0 || depth == 0 || depth > SELECTION_DEEPEST) {
    complain("--depth", "`%s`: a number from 1 to %d expected", argument, SELECTION_DEEPEST);
    return COMMAND_COMPLAINED;
  }
  selected.depth = (uint32_t)depth;
  return 0;
}
