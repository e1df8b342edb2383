/*
 * Tests of sites/short_name.c.
 */
#include "sites/short_name.h"

#include <criterion/criterion.h>
#include <string.h>

#define FIFTY "aaaaaaaaa_aaaaaaaaa_aaaaaaaaa_aaaaaaaaa_aaaaaaaaa_"

static const char *shortened(const char *name) {
  static char text[SHORT_NAME_BYTES];
  short_name(name, text);
  return text;
}

Test(short_name, leaves_what_fits_as_it_is) {
  static const char *const names[] = {"", "main",
                                      "std::vector<int, std::allocator<int> >::push_back(int const&)",
                                      "<alloc::vec::Vec<u8> as core::clone::Clone>::clone", FIFTY FIFTY};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) cr_expect_str_eq(shortened(names[i]), names[i]);
}

/* As few levels as it takes. */
Test(short_name, folds_the_innermost_brackets_first) {
  cr_expect_str_eq(shortened("f<a<b<" FIFTY "> > >::g<c<d> >(" FIFTY "<e>)"),
                   "f<a<b<…> > >::g<c<d> >(" FIFTY "<e>)");
  cr_expect_str_eq(shortened("f<a<b<" FIFTY FIFTY "> > >::g<c<d> >(h<e>)"), "f<a<b<…> > >::g<c<d> >(h<e>)");
  cr_expect_str_eq(shortened("f<a<b>, " FIFTY FIFTY ">::g<c<d> >()"), "f<…>::g<…>()");
  cr_expect_str_eq(shortened("void k(" FIFTY ", " FIFTY ") const"), "void k(…) const");
}

Test(short_name, knows_operators_and_arrows_from_brackets) {
  cr_expect_str_eq(shortened("A<" FIFTY FIFTY ">::operator<<(B<c>)"), "A<…>::operator<<(…)");
  cr_expect_str_eq(shortened("A<" FIFTY FIFTY ">::operator()(B) const"), "A<…>::operator()(…) const");
  cr_expect_str_eq(shortened("A<" FIFTY FIFTY ">::operator->() const"), "A<…>::operator->() const");
  cr_expect_str_eq(shortened("bool operator< <" FIFTY FIFTY ">(a)"), "bool operator< <…>(…)");
  cr_expect_str_eq(shortened("my_operator<" FIFTY FIFTY ">(a)"), "my_operator<…>(…)");
  cr_expect_str_eq(shortened("(anonymous namespace)::f(" FIFTY FIFTY ")"), "(anonymous namespace)::f(…)");
  cr_expect_str_eq(shortened("f<" FIFTY ">(x)::{closure#0}->" FIFTY), "f<…>(…)::{closure#0}->" FIFTY);
}

Test(short_name, keeps_the_type_that_a_name_of_rust_begins_with) {
  cr_expect_str_eq(shortened("<a::Vec<" FIFTY "> as b::Clone<" FIFTY ">>::clone::<d>"),
                   "<a::Vec<…> as b::Clone<…>>::clone::<…>");
}

/* 100 columns, whatever they are made of; and no more bytes than there is room for. */
Test(short_name, cuts_what_is_too_long_all_the_same) {
  cr_expect_str_eq(shortened(FIFTY FIFTY "b"), FIFTY "aaaaaaaaa_aaaaaaaaa_aaaaaaaaa_aaaaaaaaa_aaaaaaaaa…");
  char wide[3 * 150 + 1] = "", odd[5000];
  for (int i = 0; i < 150; i++) strcat(wide, "字");
  const char *text = shortened(wide);
  cr_expect_eq(strlen(text), 3 * SHORT_NAME_COLUMNS);
  cr_expect_str_eq(text + strlen(text) - 6, "字…");
  memset(odd, 0x80, sizeof odd - 1);
  odd[sizeof odd - 1] = '\0';
  cr_expect_lt(strlen(shortened(odd)), SHORT_NAME_BYTES);
  memset(odd, '<', sizeof odd - 1);
  cr_expect_lt(strlen(shortened(odd)), SHORT_NAME_BYTES);
  memset(odd, '>', sizeof odd - 1);
  cr_expect_lt(strlen(shortened(odd)), SHORT_NAME_BYTES);
}
