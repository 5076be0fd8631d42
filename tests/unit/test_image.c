// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_image.c - ELF files that were made to keep whoever reads them busy, or to have it take memory. What
 * takes too long here is ended by the deadline of tests/run: once it was an hour.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/image.h"

#define N_SECTIONS 4 /* none, a table, texts, and one more table */

struct made {
	int fd;
	Elf64_Ehdr header;
	Elf64_Shdr sections[N_SECTIONS];
	uint64_t end; /* of what was written so far */
};

static void put(const struct made *made, const void *bytes, size_t size, uint64_t at)
{
	assert_int_equal(pwrite(made->fd, bytes, size, (off_t)at), (ssize_t)size);
}

static struct made make_file(void)
{
	struct made made = { .fd = memfd_create("made", MFD_CLOEXEC),
			     .header = { .e_type = ET_DYN,
					 .e_machine = EM_X86_64,
					 .e_version = EV_CURRENT,
					 .e_ehsize = sizeof(Elf64_Ehdr),
					 .e_shentsize = sizeof(Elf64_Shdr),
					 .e_shoff = sizeof(Elf64_Ehdr),
					 .e_shnum = N_SECTIONS } };

	assert_true(made.fd >= 0);
	memcpy(made.header.e_ident, ELFMAG, SELFMAG);
	made.header.e_ident[EI_CLASS] = ELFCLASS64;
	made.header.e_ident[EI_DATA] = ELFDATA2LSB;
	made.header.e_ident[EI_VERSION] = EV_CURRENT;
	made.end = 4096;
	return made;
}

/* A section of `size` bytes, `part` over and over. */
static void add_section(struct made *made, unsigned number, uint32_t type, const void *part,
			size_t part_size, size_t size)
{
	char *bytes = malloc(size);

	assert_non_null(bytes);
	for (size_t at = 0; at < size; at += part_size)
		memcpy(bytes + at, part, size - at < part_size ? size - at : part_size);
	put(made, bytes, size, made->end);
	free(bytes);
	made->sections[number] = (Elf64_Shdr){ .sh_type = type,
					       .sh_offset = made->end,
					       .sh_size = size,
					       .sh_link = 2,
					       .sh_addralign = 8,
					       .sh_entsize = part_size };
	made->end += (size + 7) / 8 * 8;
}

static struct image *finish(const struct made *made)
{
	put(made, &made->header, sizeof(made->header), 0);
	put(made, made->sections, sizeof(made->sections), made->header.e_shoff);
	return image_open(made->fd);
}

static void end(struct image *image, const struct made *made)
{
	image_close(image);
	close(made->fd);
}

/* Half a million symbols, each with a name that is looked for its end through 8 MB: libelf does that. */
static void test_names_without_end_are_not_looked_through(void **state)
{
	static const char *const names[] = { "AAAA", "B" };
	const Elf64_Sym symbol = { .st_name = 1, .st_value = 4096 };
	struct made made = make_file();
	uint64_t addresses[2];
	struct image *image;
	char name[64];

	(void)state;
	add_section(&made, 1, SHT_DYNSYM, &symbol, sizeof(symbol), 12u << 20);
	add_section(&made, 2, SHT_STRTAB, "A", 1, 8u << 20);
	add_section(&made, 3, SHT_DYNAMIC, &(Elf64_Dyn){ .d_tag = DT_NEEDED, .d_un.d_val = 1 },
		    sizeof(Elf64_Dyn), 12u << 20);
	image = finish(&made);
	assert_non_null(image);
	image_symbols(image, names, 2, addresses);
	assert_int_equal(addresses[0], 0);
	assert_int_equal(addresses[1], 0);
	assert_false(image_library(image, "AAAA", name, sizeof(name)));
	end(image, &made);
}

/* As many names as room for them. */
static void test_names_at_the_end_of_their_section_are_found(void **state)
{
	static const char *const names[] = { "BCD", "BC", "BCDE" };
	const Elf64_Sym symbol = { .st_name = 1, .st_value = 4096 };
	struct made made = make_file();
	uint64_t addresses[3];
	struct image *image;
	char name[4];

	(void)state;
	add_section(&made, 1, SHT_DYNSYM, &symbol, sizeof(symbol), sizeof(symbol));
	add_section(&made, 2, SHT_STRTAB, "\0BCD", 5, 5);
	add_section(&made, 3, SHT_DYNAMIC, &(Elf64_Dyn){ .d_tag = DT_NEEDED, .d_un.d_val = 1 },
		    sizeof(Elf64_Dyn), sizeof(Elf64_Dyn));
	image = finish(&made);
	assert_non_null(image);
	image_symbols(image, names, 3, addresses);
	assert_int_equal(addresses[0], 4096);
	assert_int_equal(addresses[1], 0);
	assert_int_equal(addresses[2], 0);
	assert_true(image_library(image, "BC", name, sizeof(name)));
	assert_string_equal(name, "BCD");
	assert_false(image_library(image, "BC", name, 3));
	end(image, &made);
}

/* A section that is larger than any of an interpreter is not read into memory. */
static void test_large_section_is_passed_over(void **state)
{
	static const char *const names[] = { "B" };
	const Elf64_Sym symbol = { .st_name = 0, .st_value = 4096 };
	struct made made = make_file();
	struct image *image;
	uint64_t address;

	(void)state;
	add_section(&made, 1, SHT_DYNSYM, &symbol, sizeof(symbol), sizeof(symbol));
	add_section(&made, 2, SHT_STRTAB, "B", 2, 2);
	made.sections[1].sh_size = sizeof(symbol) * (5u << 20);
	assert_int_equal(ftruncate(made.fd, 256 << 20), 0);
	image = finish(&made);
	assert_non_null(image);
	image_symbols(image, names, 1, &address);
	assert_int_equal(address, 0);
	end(image, &made);
}

/* Numbers that stand in the first section: libelf made room for three million. */
static void test_sections_that_need_another_header_are_refused(void **state)
{
	struct made made = make_file();

	(void)state;
	assert_int_equal(ftruncate(made.fd, 256 << 20), 0);
	made.header.e_shnum = 0;
	made.sections[0].sh_size = 3u << 20;
	assert_null(finish(&made));
	made.header.e_shnum = 0xff00;
	assert_null(finish(&made));
	made.header.e_shnum = N_SECTIONS;
	made.header.e_phnum = PN_XNUM;
	assert_null(finish(&made));
	made.header.e_phnum = 0;
	made.header.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_null(finish(&made));
	close(made.fd);
}

/* In no order, and of all kinds that are known. */
static void test_relocations_are_found_by_place(void **state)
{
	enum { N = 1000 };
	struct made made = make_file();
	Elf64_Rela relocations[N];
	struct image *image;

	(void)state;
	for (unsigned i = 0; i < N; i++)
		relocations[i] = (Elf64_Rela){ .r_offset = 8 * ((i * 611u) % N),
					       .r_addend = 8 * ((i * 611u) % N) + 1,
					       .r_info = ELF64_R_INFO(0, R_X86_64_RELATIVE) };
	relocations[7].r_info = ELF64_R_INFO(0, R_X86_64_GLOB_DAT);
	add_section(&made, 1, SHT_RELA, relocations, sizeof(relocations), sizeof(relocations));
	image = finish(&made);
	assert_non_null(image);
	assert_int_equal(image_read_relocations(image), 0);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(image_pointer(image, relocations[i].r_offset),
				 i == 7 ? 0 : relocations[i].r_offset + 1);
	assert_int_equal(image_pointer(image, 4), 0);
	end(image, &made);
}

static void test_too_many_relocations_are_refused(void **state)
{
	const Elf64_Rela relocation = { .r_info = ELF64_R_INFO(0, R_X86_64_RELATIVE) };
	struct made made = make_file();
	struct image *image;

	(void)state;
	add_section(&made, 1, SHT_RELA, &relocation, sizeof(relocation), 15u << 20);
	made.sections[3] = made.sections[1];
	image = finish(&made);
	assert_non_null(image);
	assert_int_equal(image_read_relocations(image), -E2BIG);
	end(image, &made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_without_end_are_not_looked_through),
		cmocka_unit_test(test_names_at_the_end_of_their_section_are_found),
		cmocka_unit_test(test_large_section_is_passed_over),
		cmocka_unit_test(test_sections_that_need_another_header_are_refused),
		cmocka_unit_test(test_relocations_are_found_by_place),
		cmocka_unit_test(test_too_many_relocations_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
