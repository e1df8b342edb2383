/*
 * malloc_figures.h: the next allocator's own malloc_trim, mallinfo2 and malloc_info.
 */
#ifndef RATION_SHIM_MALLOC_FIGURES_H
#define RATION_SHIM_MALLOC_FIGURES_H

/* Looks them up, once. */
void malloc_figures_find(void);

#endif
