/*
 * colour.h: the few words of a report that stand out on a terminal that shows colours: levels, states, outcomes; and bars.
 */
#ifndef RATION_TOOL_VIEW_COLOUR_H
#define RATION_TOOL_VIEW_COLOUR_H

/* What decides of a field's colour. */
enum tint {
  TINT_NONE,
  TINT_WORD, /* the gravest word that is in it: `critical`, `running` ... */
  TINT_BAR,
};

/* The sequence that begins the colour of `text`; NULL: it has none. COLOUR_END ends each. */
const char *colour_of(enum tint tint, const char *text);
#define COLOUR_END "\033[0m"

#endif
