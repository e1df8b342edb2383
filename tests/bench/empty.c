/*
 * empty: a preload that defines nothing: what the loader asks for any preload, wanted or not.
 *
 * link: -shared -fPIC
 */
extern const int bench_empty;
const int bench_empty = 1;
