/*
 * say.h: the one place of the shim that writes to the program's stderr, and only where its user asked for it.
 */
#ifndef RATION_BASE_SAY_H
#define RATION_BASE_SAY_H

/* Writes "ration: WORDS\n" to descriptor 2 in one write(2); a line over 512 bytes is cut. Keeps errno. */
void say(const char *words);

#endif
