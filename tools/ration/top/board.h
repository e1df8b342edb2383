/*
 * board.h: what the user of top sees, and where he is in it: rows, the selected one, order, filter, what is open.
 *
 * Pure, but for the processes of its scene, whose rows it shows. The selected row stays selected, wherever it moves.
 */
#ifndef RATION_TOOL_TOP_BOARD_H
#define RATION_TOOL_TOP_BOARD_H

#include "top/budget_request.h"
#include "top/prompt.h"
#include "top/rows.h"
#include "top/scene.h"
#include "top/site_reader.h"

#define BOARD_MESSAGE_BYTES 640
#define BOARD_NAME_BYTES    1280

struct board {
  struct scene scene;
  struct rows rows;
  struct order order;
  char filter[PROMPT_BYTES]; /* "": none */
  size_t selected;           /* its number; 0 without rows */
  struct place_name selected_name;
  uint32_t selected_id; /* 0: none is yet */
  size_t first;         /* the uppermost row that is seen */
  size_t seen;          /* how many are at most */
  unsigned name_width;  /* that the widest name needs */
  bool is_folded;       /* as all processes were at last, new ones are */
  bool is_frozen;
  bool hides_sites;
  bool shows_help;
  struct prompt prompt;
  struct budget_target target; /* of a budget that is typed */
  char target_name[BOARD_NAME_BYTES];
  char message[BOARD_MESSAGE_BYTES]; /* until the next key; "": none */
  bool is_alarm;                     /* the message is of what went wrong */
  struct site_answer sites;          /* of some row, perhaps another than the selected one */
};

/* The rows anew: after a look, and after whatever changes which there are, or how they stand. Returns 0 or -ENOMEM: there are
 * none, then. */
int board_update(struct board *board);
void board_free(struct board *board);

/* The selected row; NULL: there are none. */
const struct row *board_row(const struct board *board);

/* So many rows up or down, as far as there are any; and up to the first, down to the last. */
void board_move(struct board *board, long by);

/* So many rows fit. */
void board_see(struct board *board, size_t rows);

/* Folds or unfolds what lies below the selected row; to fold one without is to go to the row above it. */
enum board_fold { BOARD_FOLD, BOARD_UNFOLD, BOARD_TOGGLE };
int board_fold(struct board *board, enum board_fold how);

/* Folds all processes, or unfolds them, where none is open. */
int board_fold_all(struct board *board);

/* The next order, or the one before. */
int board_order(struct board *board, int step);
int board_reverse(struct board *board);

int board_filter(struct board *board, const char *filter);

/* Why there is no row. */
void board_nothing(const struct board *board, char ret_words[BOARD_MESSAGE_BYTES]);

void board_say(struct board *board, bool is_alarm, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a row is called where it stands in the tree, and anywhere; escaped. */
void board_name(const struct row *row, char ret_name[BOARD_NAME_BYTES]);
void board_full_name(const struct row *row, char ret_name[BOARD_NAME_BYTES]);

/* What stands behind the name of a process: its pid, and its state where that is not running. */
void board_state(const struct row *row, char ret_state[BOARD_NAME_BYTES]);

/* How it has ended, and how long ago that was noticed; of one that has not, nothing. */
void board_end(const struct row *row, uint64_t now_ns, char ret_words[BOARD_NAME_BYTES]);

/* Has a budget typed for the selected row; where there can be none, that is said. */
void board_type_budget(struct board *board);

/* What is to be asked about the sites of the selected row. False: there is no row, or nobody would answer. */
bool board_question(const struct board *board, struct site_question *ret_question);

#endif
