/*
 * gone.h: what an image held when exec replaced it: nothing of that lives any more, as soon as the image that came after it
 * stands beside it. Its peaks, and what it has allocated, are still its own.
 */
#ifndef RATION_TOOL_DIFF_GONE_H
#define RATION_TOOL_DIFF_GONE_H

#include "reader/site_list.h"
#include "subject/subject.h"

/* Forgets what lives of those that were replaced. One that is named alone stands as it was then. */
void gone_forget(struct subject *subject);

/* Whether that was forgotten: then it is to be forgotten wherever else it is read, too. */
bool gone_is(const struct process *process);
void gone_forget_sites(struct site_list *sites);

#endif
