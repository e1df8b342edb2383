# ration: build, test, install. `make help` lists the targets.
#
#   CC=clang            the compiler (gcc by default)
#   SANITIZE=address    address, undefined, both (address,undefined) or thread, for `make check`: command-line tool,
#                       model and track, in a build of its own that preloads nothing; fuzzer: what `make fuzz`
#                       builds; coverage: what `make coverage` does
#   DEBUG=full          every is_valid at every edge
#   CROSS=aarch64       for another machine, by Debian's cross compiler: `make CROSS=aarch64 core`, or, with the libraries that
#                       tests/aarch64/fetch has, `all unit`; tested by `make aarch64`
#   HEAP=page           blocks come from the page heap, unless the setting `heap` says otherwise
#   AGAIN=1             for `make check`: another build of the same sources has passed, so what asks neither for the compiler
#                       nor for the heap is left out
#   PREFIX= DESTDIR=    where `make install` puts things

CC       ?= gcc
CXX      ?= g++
ifeq ($(origin CC),default)
CC       := gcc
endif
ifneq ($(findstring clang,$(CC)),)
CXX      := clang++
endif
OBJCOPY  ?= objcopy
CROSS    ?=
ifneq ($(CROSS),)
SYSROOT  := $(addprefix --sysroot=,$(abspath $(wildcard build/sysroot-$(CROSS))))
CC       := $(strip $(CROSS)-linux-gnu-gcc $(SYSROOT))
CXX      := $(strip $(CROSS)-linux-gnu-g++ $(SYSROOT))
LD       := $(CROSS)-linux-gnu-ld
AR       := $(CROSS)-linux-gnu-ar
OBJCOPY  := $(CROSS)-linux-gnu-objcopy
endif
PREFIX   ?= /usr/local
DESTDIR  ?=
LIBDIR   ?= $(PREFIX)/lib
MANDIR   ?= $(PREFIX)/share/man
# Where each shell looks for the completion of a command, and by which name.
COMPLETE ?= $(PREFIX)/share
SHELLS   := bash:bash-completion/completions/ration zsh:zsh/site-functions/_ration fish:fish/vendor_completions.d/ration.fish
SHAREDIR ?= $(PREFIX)/share/ration
SCHEMADIR ?= $(SHAREDIR)/schema
DEBUG    ?=
SANITIZE ?=
HEAP     ?=
AGAIN    ?=

VERSION  := $(shell sed -n 's/^\#define RATION_VERSION  *"\(.*\)"/\1/p' include/ration/ration.h)
SOMAJOR  := 0

COMMA    := ,
ifneq ($(filter-out address undefined address$(COMMA)undefined thread fuzzer coverage,$(SANITIZE)),)
$(error SANITIZE must be address, undefined, address$(COMMA)undefined, thread, fuzzer or coverage)
endif
ifneq ($(filter-out full,$(DEBUG)),)
$(error DEBUG must be full or empty)
endif

ifneq ($(filter-out aarch64,$(CROSS)),)
$(error CROSS must be aarch64 or empty)
endif
ifneq ($(filter-out page,$(HEAP)),)
$(error HEAP must be page or empty)
endif

# Builds that differ do not share a folder: build/ is the plain one.
VARIANT  := $(if $(SANITIZE),-$(subst $(COMMA),+,$(SANITIZE)))$(if $(DEBUG),-debug)$(if $(HEAP),-page)$(if $(CROSS),-$(CROSS))$(if $(findstring clang,$(CC)),-clang)
B        := build$(if $(VARIANT),/variant$(VARIANT))

WARN     := -Wall -Wextra -Wundef -Wshadow -Wcast-qual -Wwrite-strings -Wvla -Werror
WARN_C   := $(WARN) -Wmissing-prototypes -Wstrict-prototypes
COMMON   := -std=c11 -O2 -g -D_GNU_SOURCE -Iinclude -Isrc
COMMON   += $(if $(DEBUG),-DRATION_DEBUG_FULL=1,-DRATION_DEBUG_FULL=0)
COMMON   += $(if $(HEAP),-DRATION_HEAP_DEFAULT=RATION_HEAP_PAGE)
ifeq ($(SANITIZE),coverage)
SAN      := -fprofile-instr-generate -fcoverage-mapping
else
SAN      := $(if $(SANITIZE),-fsanitize=$(SANITIZE:fuzzer=fuzzer-no-link$(COMMA)address$(COMMA)undefined) -fno-sanitize-recover=all)
endif

# What scripts/check-hardening looks for. A jump goes where one may: by the processor, of either machine.
MACHINE  := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ifeq ($(MACHINE),x86_64)
BRANCHES := -fcf-protection=full
NOTES    := -Wl,-z,ibt -Wl,-z,shstk
endif
ifeq ($(MACHINE),aarch64)
BRANCHES := -mbranch-protection=standard
NOTES    := -Wl,-z,force-bti,-z,pac-plt,--no-warnings # of libgcc, whose atomic operations no pointer leads to
endif
HARDEN   := -fstack-protector-strong $(BRANCHES) $(if $(SANITIZE),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN_L := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

# Two words that were just written, read as one wide one, wait for both to be in the cache: 5 ns each time.
NARROW   := -fno-tree-slp-vectorize
# The shim: nothing but libc, bound at load, never unloaded, its thread state in static TLS.
SHIM_C   := $(COMMON) $(WARN_C) -fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-plt -fno-builtin-malloc \
            -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free -fno-semantic-interposition \
            $(HARDEN) $(NARROW)
# Debian's crti.o and libc_nonshared.a lack the notes of control-flow protection, and one object without them turns
# it off for the whole process. The first is not needed; of the second there is one function, called directly.
LIBRARY  := -shared -nostartfiles $(NOTES) $(HARDEN_L) -Wl,-z,defs
SHIM_LD  := $(LIBRARY) -Wl,-z,nodelete -Wl,--hash-style=gnu -Wl,-soname,libration.so.$(SOMAJOR) \
            -Wl,--version-script,src/shim/libration.map
CRT_BEGIN = $$($(CC) -print-file-name=crtbeginS.o)
CRT_END   = $$($(CC) -print-file-name=crtendS.o)

CORE     := $(sort $(wildcard src/base/*.c src/os/*.c src/model/*.c src/heap/*.c src/heap/page/*.c src/track/*.c))
SHIM     := $(CORE) $(sort $(wildcard src/shim/*.c))
KIT      := $(sort $(wildcard src/kit/*.c))
COMPRESS := $(sort $(wildcard src/kit/compress/*.c))
TOOL     := $(sort $(wildcard tools/ration/*.c tools/ration/*/*.c))
CREATURE := $(sort $(wildcard tools/creatures/*.c tools/creatures/*/*.c))
UNIT     := $(sort $(wildcard tests/unit/*.c tests/unit/*/*.c))
ifeq ($(SANITIZE),thread) # there are no races where there is one thread: without the tests that start none, and use none
UNIT     := $(shell grep -lE 'pthread_create|thread_start|workers_start|lane_start|outbox_open|progress_begin' $(UNIT)) \
            $(shell grep -LE '^(Parameterized)?Test\b' $(UNIT))
endif
ifeq ($(SANITIZE),coverage) # of the tool, and no more
CREATURE :=
UNIT     := tests/unit/test_point.c $(sort $(wildcard $(patsubst tools/ration/%,tests/unit/%/*.c,$(wildcard tools/ration/*))))
endif
# Of another machine are those whose head says so: some have instructions in them.
ABROAD   := $(if $(CROSS),$(shell grep -l '^ \* machine: x86_64$$' $(wildcard tests/victims/*.c tests/unit/*/*.c)))
UNIT     := $(filter-out $(ABROAD),$(UNIT))
VICTIMS  := $(filter-out $(ABROAD),$(sort $(wildcard tests/victims/*.c)))
CORE_UNIT := $(filter-out $(ABROAD),tests/unit/test_point.c $(sort $(wildcard $(patsubst %,tests/unit/%/*.c,base model heap))))
VICTIMXX := $(sort $(wildcard tests/victims/*.cc))
VICTIM_H := $(sort $(wildcard tests/victims/*.h include/ration/*.h* include/ration/kit/*.h))
BENCH    := $(sort $(wildcard tests/bench/*.c))
KITS     := librationkit librationkit-compress
SCHEMAS  := $(sort $(wildcard docs/schema/*.json))
PAGES    := $(notdir $(sort $(wildcard docs/man/*.[0-9])))

SHIM_O   := $(SHIM:%.c=$B/shim/%.o)
KIT_O    := $(KIT:%.c=$B/kit/%.o)
PACK_O   := $(COMPRESS:%.c=$B/kit/%.o)
TOOL_O   := $(TOOL:%.c=$B/tool/%.o) $B/tool/profile.pb-c.o
CREATURE_O := $(CREATURE:%.c=$B/creature/%.o)
CORE_T   := $(CORE:%.c=$B/unit/%.o)
KIT_T    := $(KIT:%.c=$B/unit/%.o) $(COMPRESS:%.c=$B/unit/%.o)
CORE_U   := $(CORE_UNIT:%.c=$B/unit/%.o) $(patsubst %,$B/unit/tools/ration/reader/%.o,event_cursor event_slots layout fault segment_file)
# Of the tool its parts, in their folders: the subcommands are tested as commands. They and the simulation are as in their
# programs, but for those files that have a test point.
PARTS    := $(wildcard tools/ration/*/*.c) $(patsubst %,tools/ration/%.c,argument complain select)
HELD     := $(shell grep -l TEST_POINT $(PARTS))
UNIT_O   := $(UNIT:%.c=$B/unit/%.o) $(patsubst %.c,$B/tool/%.o,$(filter-out $(HELD),$(PARTS))) $(HELD:%.c=$B/unit/%.o) \
            $B/tool/profile.pb-c.o $(patsubst %.c,$B/creature/%.o,$(filter-out %/main.c,$(CREATURE)))
# Programs that feed hostile bytes to whatever reads them; they share what lies in common/.
FUZZ     := $(sort $(wildcard tests/fuzz/*.c))
FUZZED_O := $(patsubst %.c,$B/tool/%.o,$(PARTS) $(CORE)) $(patsubst tests/%.c,$B/%.o,$(wildcard tests/fuzz/common/*.c)) \
            $B/tool/profile.pb-c.o
PACK_LIBS := -llz4 -lzstd
TOOL_LIBS := -linih -ljansson -ldw -lelf -llzma -liberty -lgsl -lgslcblas -lprotobuf-c -lzstd -lz -lncursesw -ltinfo -lm

# tests/plain/ stands in for Criterion, which cannot start under ThreadSanitizer, starts a program anew for each test (half a
# second of AddressSanitizer's), and is in no package for another machine.
ifneq ($(SANITIZE)$(CROSS),)
RUNNER_C := -Itests/plain
RUNNER_O := $B/unit/tests/plain/runner.o
else
RUNNER_L := -lcriterion
endif

.PHONY: all kit web check unit core victims fuzz fuzzers coverage bench benches install uninstall lint format torture aarch64 clean help
.SECONDARY:
all: $B/libration.so $B/ration $B/creatures kit

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | sort

# ---- the shim ----------------------------------------------------------------------------------------------

$B/libration.so: $(SHIM_O) src/shim/libration.map
	$(CC) $(SHIM_LD) $(CRT_BEGIN) $(SHIM_O) $(CRT_END) -o $@
	@ln -sf libration.so $B/libration.so.$(SOMAJOR)

$B/shim/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(SHIM_C) -MMD -MP -c $< -o $@

# ---- the toolkit -------------------------------------------------------------------------------------------

# Bound at load like any library; what is not ration_* stays inside.
KIT_C    := $(COMMON) $(WARN_C) -fPIC -fno-plt -fno-semantic-interposition $(HARDEN)
KIT_LD   := $(LIBRARY) -Wl,--version-script,src/kit/librationkit.map

kit: $B/librationkit.so $B/librationkit.a $B/librationkit-compress.so $B/librationkit-compress.a ## build librationkit
$B/librationkit.so: $(KIT_O) src/kit/librationkit.map
	$(CC) $(KIT_LD) -Wl,-soname,librationkit.so.$(SOMAJOR) $(CRT_BEGIN) $(KIT_O) $(CRT_END) -pthread -o $@
	@ln -sf librationkit.so $B/librationkit.so.$(SOMAJOR)
$B/librationkit-compress.so: $(PACK_O) $B/librationkit.so
	$(CC) $(KIT_LD) -Wl,-soname,librationkit-compress.so.$(SOMAJOR) $(CRT_BEGIN) $(PACK_O) $(CRT_END) $B/librationkit.so \
	  $(PACK_LIBS) -o $@
	@ln -sf librationkit-compress.so $B/librationkit-compress.so.$(SOMAJOR)
# One object, so that what is not ration_* stays inside here, too.
$B/librationkit.a: $(KIT_O)
$B/librationkit-compress.a: $(PACK_O)
%.a:
	@rm -f $@
	$(LD) -r $^ -o $(@:.a=.o)
	$(OBJCOPY) --wildcard --keep-global-symbol='ration_*' $(@:.a=.o)
	$(AR) rcs $@ $(@:.a=.o)

$B/kit/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(KIT_C) -MMD -MP -c $< -o $@

# ---- the command-line tool ---------------------------------------------------------------------------------

$B/ration: $(TOOL_O)
	$(CC) $(SAN) -pie $(HARDEN_L) $(TOOL_O) $(TOOL_LIBS) -o $@

$B/tool/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(WARN_C) $(SAN) -fPIE $(HARDEN) -Itools/ration -isystem $B/proto -MMD -MP -c $< -o $@

# The messages of a pprof profile: generated, so not held to our warnings.
PROTO    := $B/proto
$(PROTO)/profile.pb-c.c $(PROTO)/profile.pb-c.h &: tools/ration/export/profile.proto
	@mkdir -p $(PROTO)
	protoc-c --c_out=$(PROTO) --proto_path=$(<D) $(<F)
$B/tool/profile.pb-c.o: $(PROTO)/profile.pb-c.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g $(SAN) -fPIE $(HARDEN) -c $< -o $@
$B/tool/tools/ration/export/profile.o $B/unit/tests/unit/export/formats.o: $(PROTO)/profile.pb-c.h

# ---- the web page ------------------------------------------------------------------------------------------

# By itself: nothing else needs Node.js. Its packages are fetched once for all builds, those of the lock file.
WEB      := tools/ration/view/web
# What npm writes when all are there.
WEB_PACKAGES := build/web/node_modules/.package-lock.json
web: $B/web/page.html ## build the web page of report --html (needs Node.js)
$B/web/page.html: $(wildcard $(WEB)/*.js $(WEB)/*.mjs $(WEB)/page.*) $(WEB_PACKAGES)
	@mkdir -p $(@D)
	node $(WEB)/build.mjs build/web $@
$(WEB_PACKAGES): $(WEB)/package.json $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "ration: make web: no npm here; scripts/setup web installs it" >&2; exit 3; }
	@mkdir -p build/web
	cp $^ build/web
	cd build/web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# ---- the simulation ----------------------------------------------------------------------------------------

# The toolkit's archives are in it; libration.so is found beside it, or where the system has it.
$B/creatures: $(CREATURE_O) $B/libration.so $B/librationkit.a $B/librationkit-compress.a
	$(CC) $(SAN) $(CREATURE_O) -L$B -l:librationkit-compress.a -l:librationkit.a -lration $(PACK_LIBS) -ljansson -lm -pthread \
	  -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../lib' -pie $(HARDEN_L) -o $@

$B/creature/%.o: %.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -D_GNU_SOURCE -Iinclude -Itools/creatures $(WARN_C) $(SAN) -fPIE $(HARDEN) -MMD -MP -c $< -o $@

# ---- tests -------------------------------------------------------------------------------------------------

unit: $B/tests/unit ## build the unit tests
$B/tests/unit: $(CORE_T) $(KIT_T) $(UNIT_O) $(RUNNER_O)
	@mkdir -p $(@D)
	$(CC) $(SAN) $^ $(TOOL_LIBS) $(PACK_LIBS) $(RUNNER_L) -lm -o $@

# What needs libc alone: the shim, the unit tests of its layers but for its uppermost one, and the victims.
core: $B/libration.so $B/tests/core victims
$B/tests/core: $(CORE_T) $(CORE_U) $(RUNNER_O)
	@mkdir -p $(@D)
	$(CC) $(SAN) $^ -lm -o $@

$B/unit/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(WARN_C) $(SAN) $(RUNNER_C) -DRATION_TEST_POINTS -Itools/ration -Itools/creatures -Itests/unit -I$B/points -isystem $B/proto -MMD -MP -c $< -o $@

# The names of all test points of the shim, so that the test that kills a process at each forgets none; each stands once.
HELD_CORE := $(filter-out %/test_point.h,$(shell grep -rl TEST_POINT src))
$B/points/test_points.inc: $(HELD_CORE) Makefile
	@mkdir -p $(@D)
	sed -n 's/.*TEST_POINT(\("[^"]*"\)).*/\1,/p' $(HELD_CORE) | sort >$@
	@twice=$$(uniq -d $@); [ -z "$$twice" ] || { echo "ration: make: test points that stand twice: $$twice" >&2; rm $@; exit 1; }
$B/unit/tests/unit/track/killed.o: $B/points/test_points.inc

victims: $(VICTIMS:tests/victims/%.c=$B/victims/%) $(VICTIMXX:tests/victims/%.cc=$B/victims/%) ## build the victim programs
$B/victims/%: tests/victims/%.c $(VICTIM_H) $B/libration.so $B/librationkit.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -O1 -g -D_GNU_SOURCE $(WARN) -Wno-unused-result -fno-builtin -Iinclude -Itests/victims $< -L$B \
	  $(shell sed -n 's|^ \* link: ||p' $<) -pthread -o $@
$B/victims/%: tests/victims/%.cc $(VICTIM_H) $B/libration.so
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -fsized-deallocation -O1 -g $(WARN) -fno-builtin -Iinclude -Itests/victims $< \
	  $(shell sed -n 's|^ \* link: ||p' $<) -pthread -o $@

check: $(if $(SANITIZE),unit,all unit victims) ## run every test (minutes)
	@RATION_BUILD=$B scripts/check $(if $(SANITIZE),--unit) $(if $(AGAIN),--again)

fuzz: victims all ## build the fuzz targets (needs clang)
	$(MAKE) CC=clang SANITIZE=fuzzer fuzzers
fuzzers: $(FUZZ:tests/fuzz/%.c=$B/fuzz/%)
FUZZ_C   := $(COMMON) $(WARN_C) $(SAN) -Itools/ration -Itests/fuzz
$B/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(CC) $(FUZZ_C) -MMD -MP -c $< -o $@
$B/fuzz/%: $B/fuzz/%.o $B/fuzz/fuzzed.a
	$(CC) -fsanitize=fuzzer $(SAN) $(shell sed -n 's|^ \* link: ||p' tests/fuzz/$*.c) $^ $(TOOL_LIBS) -pthread -o $@
$B/fuzz/fuzzed.a: $(FUZZED_O)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

coverage: all victims ## which lines of the reporter's reader the tests run (needs clang and llvm)
	@RATION_BUILD=$B scripts/coverage

benches: $(BENCH:tests/bench/%.c=$B/bench/%)
$B/bench/%: tests/bench/%.c $(wildcard tests/bench/*.h include/ration/kit/*.h) $B/libration.so $B/librationkit.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -D_GNU_SOURCE $(WARN) -fno-builtin -Iinclude -Itests/bench $< -L$B \
	  $(shell sed -n 's|^ \* link: ||p' $<) -pthread -o $@

bench: all benches ## timings against glibc and the peers, side by side
	@RATION_BUILD=$B scripts/bench

torture: all unit victims ## the long tests (an hour)
	@RATION_BUILD=$B scripts/check --long

aarch64: all ## build for that machine, and test under an emulator (scripts/setup cross; tests/aarch64/fetch)
	$(MAKE) CROSS=aarch64 core $(if $(wildcard build/sysroot-aarch64),all unit)
	RATION_BUILD=$B tests/aarch64/run --long

# ---- install -----------------------------------------------------------------------------------------------

install: all ## PREFIX=/usr/local DESTDIR=
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include/ration/kit
	install -m 755 $B/ration $B/creatures $(DESTDIR)$(PREFIX)/bin
	install -m 755 $B/libration.so $(DESTDIR)$(LIBDIR)/libration.so.$(VERSION)
	ln -sf libration.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libration.so.$(SOMAJOR)
	ln -sf libration.so.$(SOMAJOR) $(DESTDIR)$(LIBDIR)/libration.so
	for name in $(KITS); do \
	  install -m 755 $B/$$name.so $(DESTDIR)$(LIBDIR)/$$name.so.$(VERSION) && \
	  ln -sf $$name.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$$name.so.$(SOMAJOR) && \
	  ln -sf $$name.so.$(SOMAJOR) $(DESTDIR)$(LIBDIR)/$$name.so && \
	  install -m 644 $B/$$name.a $(DESTDIR)$(LIBDIR) || exit; \
	done
	install -m 644 $(wildcard include/ration/*.h include/ration/*.hpp) $(DESTDIR)$(PREFIX)/include/ration
	install -m 644 $(wildcard include/ration/kit/*.h) $(DESTDIR)$(PREFIX)/include/ration/kit
	for page in $(PAGES); do install -D -m 644 docs/man/$$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$$page || exit; done
	for pair in $(SHELLS); do \
	  install -d $$(dirname $(DESTDIR)$(COMPLETE)/$${pair#*:}) && \
	  $B/ration completion $${pair%%:*} > $(DESTDIR)$(COMPLETE)/$${pair#*:} || exit; \
	done
	install -d $(DESTDIR)$(SCHEMADIR)
	install -m 644 $(SCHEMAS) $(DESTDIR)$(SCHEMADIR)
	if [ -f $B/web/page.html ]; then install -m 644 $B/web/page.html $(DESTDIR)$(SHAREDIR); fi
	for file in src/shim/ration.pc.in src/kit/rationkit.pc.in; do \
	  sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' $$file \
	    > $(DESTDIR)$(LIBDIR)/pkgconfig/$$(basename $$file .in) || exit; \
	done

uninstall: ## take away what install put
	rm -f $(DESTDIR)$(PREFIX)/bin/ration $(DESTDIR)$(PREFIX)/bin/creatures $(DESTDIR)$(LIBDIR)/libration.so $(DESTDIR)$(LIBDIR)/libration.so.$(SOMAJOR) \
	  $(DESTDIR)$(LIBDIR)/libration.so.$(VERSION) $(DESTDIR)$(LIBDIR)/pkgconfig/ration.pc
	for name in $(KITS); do rm -f $(DESTDIR)$(LIBDIR)/$$name.a $(DESTDIR)$(LIBDIR)/$$name.so*; done
	for page in $(PAGES); do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$$page; done
	rm -f $(DESTDIR)$(LIBDIR)/pkgconfig/ration.pc $(DESTDIR)$(LIBDIR)/pkgconfig/rationkit.pc
	for pair in $(SHELLS); do rm -f $(DESTDIR)$(COMPLETE)/$${pair#*:}; done
	rm -rf $(DESTDIR)$(PREFIX)/include/ration $(DESTDIR)$(SCHEMADIR)
	rm -f $(DESTDIR)$(SHAREDIR)/page.html

# ---- care --------------------------------------------------------------------------------------------------

lint: all ## layers, exports, names, man pages, orderings, hazards, shell, static analysis, format
	@RATION_BUILD=$B scripts/lint

format: ## lay the sources out anew
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cc' '*.hpp')

clean: ## remove build/
	rm -rf build

-include $(SHIM_O:.o=.d) $(KIT_O:.o=.d) $(PACK_O:.o=.d) $(TOOL_O:.o=.d) $(CREATURE_O:.o=.d) $(CORE_T:.o=.d) $(KIT_T:.o=.d) $(UNIT_O:.o=.d) \
         $(FUZZED_O:.o=.d) $(FUZZ:tests/%.c=$B/%.d)
