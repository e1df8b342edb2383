/*
 * cxx_name.c: cutting at `::`, and writing each part as it stands in a mangled name.
 */
#include "config/cxx_name.h"

#include <errno.h>

#include "base/glob.h"

#define PARTS_MOST 32

/* The parts of a name; an empty first one stands for `::` at the beginning, and is left out. */
struct parts {
  struct stretch part[PARTS_MOST];
  size_t count;
  bool is_rooted;
};

static int check_bytes(struct stretch glob, struct fault *ret_fault);
static int cut(struct stretch glob, struct parts *ret_parts, struct fault *ret_fault);
static int check_part(struct stretch glob, const struct parts *parts, size_t index, struct fault *ret_fault);
static int write_free(struct stretch glob, struct stretch name, const char *lead, const char *prefix,
                      FILE *to, struct fault *ret_fault);
static int write_std(struct stretch glob, const struct parts *parts, const char *prefix, FILE *to,
                     struct fault *ret_fault);
static void write_parts(const struct parts *parts, size_t from, FILE *to);
static void write_destructor(struct stretch name, struct stretch owner, bool is_after_star, FILE *to);

bool cxx_name_is(struct stretch glob) {
  for (size_t i = 0; i + 1 < glob.count; i++) {
    if (glob.bytes[i] == ':' && glob.bytes[i + 1] == ':') return true;
  }
  return false;
}

int cxx_name_write(struct stretch glob, const char *prefix, FILE *to, struct fault *ret_fault) {
  struct parts parts;
  int error = check_bytes(glob, ret_fault);
  if (!error) error = cut(glob, &parts, ret_fault);
  for (size_t i = 0; !error && i < parts.count; i++) error = check_part(glob, &parts, i, ret_fault);
  if (error) return error;
  if (parts.count == 1) return write_free(glob, parts.part[0], "_Z", prefix, to, ret_fault);
  if (stretch_is(parts.part[0], "std")) return write_std(glob, &parts, prefix, to, ret_fault);
  fprintf(to, "%s_ZN*", prefix);
  write_parts(&parts, 0, to);
  return 0;
}

static bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte == '$' || (unsigned char)byte >= 0x80;
}

/* What a mangled name cannot say so simply is refused by its name. */
static int check_bytes(struct stretch glob, struct fault *ret_fault) {
  static const struct {
    char byte;
    const char *words;
  } refused[] = {
      {'<', "templates cannot be matched by their arguments; expected `name*` in the place of `name<...>`"},
      {'(',
       "argument lists and unnamed namespaces cannot be matched; expected the name alone, or `*` for a part"},
      {'{', "lambdas have no name; expected the function around it, by a glob of its mangled name"},
      {' ', "a blank stands in no such name; expected the name alone, without its type"},
      {'\\', "a backslash stands in no such name; expected names and globs parted by `::`"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    if (!stretch_has(glob, refused[i].byte)) continue;
    return fault_set(ret_fault, -EINVAL, "`%.*s`: %s", STRETCH_SHOWN(glob), refused[i].words);
  }
  return 0;
}

static int cut(struct stretch glob, struct parts *ret_parts, struct fault *ret_fault) {
  *ret_parts = (struct parts){.is_rooted = stretch_begins(glob, "::")};
  struct stretch rest = ret_parts->is_rooted ? stretch_from(glob, 2) : glob;
  for (size_t at = 0; at <= rest.count;) {
    bool is_end = at == rest.count;
    if (!is_end && !(rest.bytes[at] == ':' && at + 1 < rest.count && rest.bytes[at + 1] == ':')) {
      at++;
      continue;
    }
    if (ret_parts->count == PARTS_MOST || at == 0) break;
    ret_parts->part[ret_parts->count++] = (struct stretch){.bytes = rest.bytes, .count = at};
    if (is_end) return 0;
    rest = stretch_from(rest, at + 2);
    at = 0;
  }
  return fault_set(ret_fault, -EINVAL, "`%.*s` is no C++ name; expected 1 to %d names parted by `::`",
                   STRETCH_SHOWN(glob), PARTS_MOST);
}

static bool is_glob(struct stretch part) {
  return stretch_has(part, '*') || stretch_has(part, '?') || stretch_has(part, '[');
}

static bool is_same(struct stretch one, struct stretch other) {
  return one.count && one.count == other.count && memcmp(one.bytes, other.bytes, one.count) == 0;
}

static bool is_operator(struct stretch part) {
  return stretch_begins(part, "operator") && (part.count == 8 || !is_name_byte(part.bytes[8]));
}

/* Bytes of a name, stars, question marks and sets; a last one may be a destructor. */
static int check_part(struct stretch glob, const struct parts *parts, size_t index, struct fault *ret_fault) {
  struct stretch part = parts->part[index];
  if (is_operator(part)) {
    return fault_set(ret_fault, -EINVAL,
                     "`%.*s`: operators cannot be matched by `::`; expected a glob of the mangled name",
                     STRETCH_SHOWN(glob));
  }
  if (part.bytes[0] == '~' && index + 1 == parts->count && index > 0 && part.count > 1) {
    struct stretch owner = parts->part[index - 1];
    part = stretch_from(part, 1);
    if (!is_glob(part) && !is_glob(owner) && !is_same(part, owner)) {
      return fault_set(ret_fault, -EINVAL, "`%.*s` is no destructor; expected `~%.*s`", STRETCH_SHOWN(glob),
                       STRETCH_SHOWN(owner));
    }
  }
  for (size_t at = 0; at < part.count;) {
    int fits;
    size_t set = part.bytes[at] == '[' ? glob_set(part.bytes + at, part.bytes + part.count, 0, &fits) : 0;
    bool is_right = set || is_name_byte(part.bytes[at]) || part.bytes[at] == '*' || part.bytes[at] == '?';
    if (!is_right) {
      return fault_set(ret_fault, -EINVAL,
                       "`%.*s`: `%c` stands in no such name; expected names and globs parted by `::`",
                       STRETCH_SHOWN(glob), part.bytes[at]);
    }
    at += set ? set : 1;
  }
  return 0;
}

/* A function in no namespace, or directly in std: its length stands in front, and arguments follow at once. */
static int write_free(struct stretch glob, struct stretch name, const char *lead, const char *prefix,
                      FILE *to, struct fault *ret_fault) {
  if (is_glob(name) || name.bytes[0] == '~') {
    return fault_set(
        ret_fault, -EINVAL,
        "`%.*s`: the length of the name is part of its symbol; expected the whole name, or globs of "
        "the mangled one, such as %s[0-9]name* and %s[0-9][0-9]name*",
        STRETCH_SHOWN(glob), lead, lead);
  }
  fprintf(to, "%s%s%zu%.*s*", prefix, lead, name.count, (int)name.count, name.bytes);
  return 0;
}

/*
 * A star behind _ZN would find std's abbreviation in the arguments of very many functions; so plain and const members
 * get a glob each.
 */
static int write_std(struct stretch glob, const struct parts *parts, const char *prefix, FILE *to,
                     struct fault *ret_fault) {
  if (parts->count == 2 && stretch_is(parts->part[1], "*")) {
    fprintf(to, "%s_ZSt*|%s_ZNS[a-z]*|%s_ZNKS[a-z]*", prefix, prefix, prefix);
    return 0;
  }
  if (parts->count == 2) return write_free(glob, parts->part[1], "_ZSt", prefix, to, ret_fault);
  fprintf(to, "%s_ZNSt", prefix);
  write_parts(parts, 1, to);
  fprintf(to, "|%s_ZNKSt", prefix);
  write_parts(parts, 1, to);
  return 0;
}

/* A length counts bytes; before a glob that does not begin with a star, the last digit of one is all that is known. */
static void write_part(struct stretch part, bool is_after_star, FILE *to) {
  if (!is_glob(part)) {
    fprintf(to, "%zu", part.count);
  } else if (part.bytes[0] != '*') {
    fputs(is_after_star ? "[0-9]" : "*[0-9]", to);
  } else if (is_after_star) {
    part = stretch_from(part, 1);
  }
  fprintf(to, "%.*s", (int)part.count, part.bytes);
}

static bool ends_in_star(struct stretch part) {
  return is_glob(part) && part.bytes[part.count - 1] == '*';
}

/* The parts from this one on, behind a star (or, in std, behind its abbreviation), and what follows the last. */
static void write_parts(const struct parts *parts, size_t from, FILE *to) {
  bool is_after_star = from == 0;
  for (size_t i = from; i + 1 < parts->count; i++) {
    write_part(parts->part[i], is_after_star, to);
    is_after_star = ends_in_star(parts->part[i]);
  }
  struct stretch last = parts->part[parts->count - 1], owner = parts->part[parts->count - 2];
  if (last.count && last.bytes[0] == '~') {
    write_destructor(stretch_from(last, 1), owner, is_after_star, to);
  } else if (is_same(last, owner)) {
    fputs("C[0-9I]*", to); /* C1, C2, or CI1 for one that is inherited */
  } else {
    write_part(last, is_after_star, to);
    if (!ends_in_star(last)) fputs("[BEI]*", to); /* a tag, the end of the name, template arguments */
  }
}

/* D0, D1 or D2, and never an argument. It has the name of its class, which may have been given only here. */
static void write_destructor(struct stretch name, struct stretch owner, bool is_after_star, FILE *to) {
  if (is_glob(owner) && !is_same(name, owner)) write_part(name, is_after_star, to);
  fputs("D[0-9]Ev*", to);
}
