/*
 * two_libraries.c: one library keeps small blocks, another large ones, and the program itself none.
 */
void small_blocks_keep(void);
void large_blocks_keep(void);

int main(void) {
  small_blocks_keep();
  large_blocks_keep();
  return 0;
}
