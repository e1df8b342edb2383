/*
 * emitter.h: the one way out for what ration reports, as text or as JSON.
 *
 * Commands say what there is: objects, lists, records made of fields (field.h). JSON nests them as they are
 * opened. Text puts a record on a line or into a row of the open table, and takes no notice of nesting.
 * Nothing is written before emitter_finish(), or emitter_pass_on(). Where memory runs out, that is said there: other calls need no
 * check.
 */
#ifndef RATION_TOOL_VIEW_EMITTER_H
#define RATION_TOOL_VIEW_EMITTER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "view/field.h"

struct emitter;

/* Opens the outermost object, {"ration": VERSION ...}. NULL: no memory. */
struct emitter *emitter_new(bool is_json);
void emitter_free(struct emitter *emitter);

/* Text that is emitted from now on has colours: they are bytes like others to whoever takes it. */
void emitter_colour(struct emitter *emitter);

/* JSON goes out without blanks and line ends: for programs alone. */
void emitter_compact(struct emitter *emitter);

/* How many lines of text there are so far that have not been passed on. */
size_t emitter_lines(struct emitter *emitter);

/* Writes all to `to` and flushes it; nothing, where nothing was emitted. May be called again. Returns 0 or -errno (-ENOSPC,
 * -EPIPE, -ENOMEM ...). */
int emitter_finish(struct emitter *emitter, FILE *to);

/*
 * Of what comes bit by bit: the text so far goes out, to stdout unless emitter_follow_to() has named a file, which is opened
 * then, and kept open. Returns 0 or -errno, which emitter_finish() then returns, too.
 */
void emitter_follow_to(struct emitter *emitter, const char *path);
int emitter_pass_on(struct emitter *emitter);

/* That file, to be written on and closed by the caller. NULL: none was opened. */
FILE *emitter_take_followed(struct emitter *emitter);

/* What was emitted is not written: the command has failed on its way. */
void emitter_discard(struct emitter *emitter);

/* Whether it goes out as JSON: then all there is is wanted. */
bool emitter_is_json(const struct emitter *emitter);

/* Whether it goes to a file of the user's choice. */
bool emitter_has_file(const struct emitter *emitter);

/* Adds true or false to the innermost object of JSON. */
void emitter_truth(struct emitter *emitter, const char *key, bool is_true);

/* JSON's nesting. `key` is NULL inside a list. An object whose key is there already is opened again. */
void emitter_begin_object(struct emitter *emitter, const char *key);
void emitter_begin_list(struct emitter *emitter, const char *key);
void emitter_end(struct emitter *emitter);

/* Adds the fields to the innermost object of JSON. */
void emitter_fields(struct emitter *emitter, const struct field *fields, size_t count, const void *record);

/* The same; in text they go on the line, phrase by phrase. */
void emitter_part(struct emitter *emitter, const struct field *fields, size_t count, const void *record);

/* The line goes out; a blank one if nothing stands on it. */
void emitter_end_line(struct emitter *emitter);

/*
 * Text's table: rows, and their cells from the left: fields with a heading, which stand in JSON by one of the
 * calls above. A sum is not compared by bars.
 */
enum row_kind { ROW_PLAIN, ROW_SUM };
void emitter_begin_table(struct emitter *emitter);
void emitter_row(struct emitter *emitter);
void emitter_cells(struct emitter *emitter, enum row_kind kind, const struct field *fields, size_t count,
                   const void *record);
/* A line of text alone below the row. */
void emitter_row_note(struct emitter *emitter, unsigned indent, const char *words);
void emitter_end_table(struct emitter *emitter);

/* Between the two, text takes nothing: what is emitted is JSON's alone. They nest. */
void emitter_hide_text(struct emitter *emitter);
void emitter_show_text(struct emitter *emitter);

/* Text of any length for a key of JSON's object; in text a line of its own. It must be what escape() leaves alone,
 * but for backslashes and tabs: it goes out as it is. */
void emitter_verbatim(struct emitter *emitter, const char *key, const char *text, size_t bytes);

/* Words for a key of JSON's object (NULL: in a list); in text a line of its own after `lead`. */
void emitter_remark(struct emitter *emitter, const char *key, const char *lead, const char *remark);

/* A line of text alone, for what JSON has by one of the calls above. */
void emitter_text_line(struct emitter *emitter, const char *lead, const char *words);

#endif
