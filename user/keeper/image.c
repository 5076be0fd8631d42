// SPDX-License-Identifier: GPL-2.0-only
/* image.c - segments, dynamic symbols, relocations and .eh_frame of an ELF file, as libelf reads them. */
#include "keeper/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gelf.h>

/* A file may claim anything: what is looked at is bounded by what linkers make, many times over. */
#define N_SEGMENTS_MAX	  64
#define N_SECTIONS_MAX	  4096
#define N_ALIKE_MAX	  4 /* sections of a kind, where there are one or two */
#define SECTION_BYTES_MAX (16u << 20)
#define N_RELOCATIONS_MAX (1u << 20)

/* An entry of a table of relocations. */
struct relocation {
	GElf_Rela rela;
	uint32_t symbols; /* the section of the symbols that it means */
};

struct image {
	Elf *elf;
	int fd;
	unsigned machine;
	struct relocation *relocations; /* by place, once they were read */
	size_t n_relocations;
};

/*
 * Of 64 bits, little-endian. Numbers of sections and segments that have no room in the header stand
 * elsewhere (elf(5), e_shnum and e_phnum): libelf would make room for as many as are claimed, at once.
 */
static bool is_plausible(int fd, unsigned *machine)
{
	Elf64_Ehdr header;

	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	*machine = header.e_machine;
	return header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
	       header.e_phnum != PN_XNUM && header.e_shnum <= N_SECTIONS_MAX &&
	       (header.e_shnum || !header.e_shoff);
}

struct image *image_open(int fd)
{
	struct image *image;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	image = calloc(1, sizeof(*image));
	if (!image)
		return NULL;
	image->fd = fd;
	if (is_plausible(fd, &image->machine))
		image->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF) {
		image_close(image);
		return NULL;
	}
	return image;
}

void image_close(struct image *image)
{
	if (!image)
		return;
	elf_end(image->elf);
	free(image->relocations);
	free(image);
}

unsigned image_machine(const struct image *image)
{
	return image->machine;
}

/* --- sections -------------------------------------------------------------------------------- */

/* What a section holds; NULL: nothing, or more than is looked at. */
static Elf_Data *data_of(Elf_Scn *section)
{
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header) || header.sh_size > SECTION_BYTES_MAX)
		return NULL;
	return elf_getdata(section, NULL);
}

/* The next section of a kind, behind `section` (NULL: the first), and what it holds; *n of it so far. */
static Elf_Scn *next_of_kind(const struct image *image, Elf_Scn *section, uint32_t kind,
			     unsigned *n, GElf_Shdr *header, Elf_Data **data)
{
	while (*n < N_ALIKE_MAX && (section = elf_nextscn(image->elf, section))) {
		if (!gelf_getshdr(section, header) || header->sh_type != kind)
			continue;
		++*n;
		*data = data_of(section);
		if (*data)
			return section;
	}
	return NULL;
}

/* A text of a section of texts, with how many bytes are left there; NULL: it lies outside. */
static const char *text_at(const struct image *image, uint32_t section, uint64_t offset,
			   size_t *left)
{
	Elf_Data *data = data_of(elf_getscn(image->elf, section));

	if (!data || !data->d_buf || offset >= data->d_size)
		return NULL;
	*left = data->d_size - offset;
	return (const char *)data->d_buf + offset;
}

static void look_through(const struct image *image, Elf_Data *data, const GElf_Shdr *header,
			 const char *const names[], unsigned n_names, uint64_t addresses[])
{
	GElf_Sym symbol;

	for (size_t i = 0; i < data->d_size / sizeof(Elf64_Sym); i++) {
		const char *text;
		size_t left;

		if (!gelf_getsym(data, (int)i, &symbol) || !symbol.st_value)
			continue;
		text = text_at(image, header->sh_link, symbol.st_name, &left);
		for (unsigned j = 0; text && j < n_names; j++)
			if (strlen(names[j]) < left &&
			    !memcmp(text, names[j], strlen(names[j]) + 1))
				addresses[j] = symbol.st_value;
	}
}

void image_symbols(const struct image *image, const char *const names[], unsigned n,
		   uint64_t addresses[])
{
	Elf_Scn *section = NULL;
	unsigned n_looked = 0;
	GElf_Shdr header;
	Elf_Data *data;

	memset(addresses, 0, n * sizeof(*addresses));
	while ((section = next_of_kind(image, section, SHT_DYNSYM, &n_looked, &header, &data)))
		look_through(image, data, &header, names, n, addresses);
}

bool image_library(const struct image *image, const char *prefix, char *name, size_t size)
{
	Elf_Scn *section = NULL;
	unsigned n_looked = 0;
	GElf_Shdr header;
	Elf_Data *data;
	GElf_Dyn entry;

	while ((section = next_of_kind(image, section, SHT_DYNAMIC, &n_looked, &header, &data)))
		for (int i = 0; gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
			const char *text = NULL;
			size_t left = 0;

			if (entry.d_tag == DT_NEEDED)
				text = text_at(image, header.sh_link, entry.d_un.d_val, &left);
			if (text && left > strlen(prefix) &&
			    !memcmp(text, prefix, strlen(prefix)) &&
			    memchr(text, '\0', left < size ? left : size)) {
				strcpy(name, text);
				return true;
			}
		}
	return false;
}

/* --- memory ---------------------------------------------------------------------------------- */

bool image_part(const struct image *image, uint64_t address, struct image_part *part)
{
	GElf_Phdr header;
	size_t n = 0;

	elf_getphdrnum(image->elf, &n);
	for (size_t i = 0; i < n && i < N_SEGMENTS_MAX; i++) {
		if (!gelf_getphdr(image->elf, (int)i, &header))
			return false;
		if (header.p_type != PT_LOAD || address < header.p_vaddr ||
		    address - header.p_vaddr >= header.p_filesz)
			continue;
		part->start = header.p_vaddr;
		part->end = header.p_vaddr + header.p_memsz;
		part->offset = header.p_offset + (address - header.p_vaddr);
		part->is_code = header.p_flags & PF_X;
		return true;
	}
	return false;
}

bool image_read(const struct image *image, uint64_t address, void *to, size_t size)
{
	struct image_part part;

	return image_part(image, address, &part) &&
	       pread(image->fd, to, size, (off_t)part.offset) == (ssize_t)size;
}

/* --- pointers -------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct relocation *one = a, *two = b;

	return (one->rela.r_offset > two->rela.r_offset) -
	       (one->rela.r_offset < two->rela.r_offset);
}

static int take_relocations(struct image *image, Elf_Data *data, uint32_t symbols)
{
	size_t n = data->d_size / sizeof(Elf64_Rela), room = image->n_relocations + n;
	struct relocation *all;

	if (room > N_RELOCATIONS_MAX)
		return -E2BIG;
	all = realloc(image->relocations, (room + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	image->relocations = all;
	for (size_t i = 0; i < n; i++) {
		struct relocation *next = &all[image->n_relocations];

		if (!gelf_getrela(data, (int)i, &next->rela))
			break;
		next->symbols = symbols;
		image->n_relocations++;
	}
	return 0;
}

int image_read_relocations(struct image *image)
{
	Elf_Scn *section = NULL;
	unsigned n_looked = 0;
	GElf_Shdr header;
	Elf_Data *data;
	int err = 0;

	while (!err &&
	       (section = next_of_kind(image, section, SHT_RELA, &n_looked, &header, &data)))
		err = take_relocations(image, data, header.sh_link);
	if (image->n_relocations)
		qsort(image->relocations, image->n_relocations, sizeof(*image->relocations),
		      by_place);
	return err;
}

/* What a relocation makes of its place, if this file alone decides it; else 0. */
static uint64_t value_of(const struct image *image, const struct relocation *relocation)
{
	const GElf_Rela *rela = &relocation->rela;
	bool is_arm = image->machine == EM_AARCH64;
	unsigned type = (unsigned)GELF_R_TYPE(rela->r_info);
	Elf_Data *symbols;
	GElf_Sym symbol;

	if (type == (is_arm ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE))
		return (uint64_t)rela->r_addend;
	if (type != (is_arm ? R_AARCH64_ABS64 : R_X86_64_64))
		return 0;
	symbols = data_of(elf_getscn(image->elf, relocation->symbols));
	if (!gelf_getsym(symbols, (int)GELF_R_SYM(rela->r_info), &symbol) || !symbol.st_value)
		return 0;
	return symbol.st_value + (uint64_t)rela->r_addend;
}

/* A packed relocation (SHT_RELR), or none at all: the word stands in the file as it is. */
uint64_t image_pointer(const struct image *image, uint64_t address)
{
	struct relocation key = { .rela.r_offset = address };
	const struct relocation *found = NULL;
	uint64_t value = 0;

	if (image->n_relocations)
		found = bsearch(&key, image->relocations, image->n_relocations, sizeof(key),
				by_place);
	if (found)
		return value_of(image, found);
	return image_read(image, address, &value, sizeof(value)) ? value : 0;
}

/* --- functions: .eh_frame_hdr, "Linux Standard Base Core", 10.6.2 ------------------------------ */

#define FORMAT_COUNT 0x03 /* DW_EH_PE_udata4 */
#define FORMAT_TABLE 0x3b /* DW_EH_PE_datarel | DW_EH_PE_sdata4 */
#define HEADER_BYTES 12

struct frame_entry {
	int32_t function, frame; /* addresses, from the header's on */
};

static bool find_table(const struct image *image, uint64_t *address, uint32_t *n_entries)
{
	GElf_Phdr header;
	uint8_t head[HEADER_BYTES];
	size_t n = 0;

	elf_getphdrnum(image->elf, &n);
	for (size_t i = 0; i < n && i < N_SEGMENTS_MAX; i++) {
		if (!gelf_getphdr(image->elf, (int)i, &header))
			return false;
		if (header.p_type != PT_GNU_EH_FRAME)
			continue;
		*address = header.p_vaddr;
		if (!image_read(image, *address, head, sizeof(head)) || head[0] != 1 ||
		    head[2] != FORMAT_COUNT || head[3] != FORMAT_TABLE)
			return false;
		memcpy(n_entries, head + 8, sizeof(*n_entries));
		return true;
	}
	return false;
}

/* What the description at `frame` says, if it is of this function and in the usual format. */
static uint64_t described_bytes(const struct image *image, uint64_t frame, uint64_t function)
{
	struct {
		uint32_t length, cie;
		int32_t begin; /* from here on: DW_EH_PE_pcrel | DW_EH_PE_sdata4 */
		uint32_t bytes;
	} described;

	if (!image_read(image, frame, &described, sizeof(described)) ||
	    frame + 8 + (uint64_t)(int64_t)described.begin != function)
		return 0;
	return described.bytes;
}

uint64_t image_function_bytes(const struct image *image, uint64_t address)
{
	uint64_t table;
	uint32_t low = 0, high;

	if (!find_table(image, &table, &high))
		return 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct frame_entry entry;
		uint64_t at = table + HEADER_BYTES + (uint64_t)middle * sizeof(entry), function;

		if (!image_read(image, at, &entry, sizeof(entry)))
			return 0;
		function = table + (uint64_t)(int64_t)entry.function;
		if (function == address)
			return described_bytes(image, table + (uint64_t)(int64_t)entry.frame,
					       address);
		if (function < address)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}
