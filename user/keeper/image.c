// SPDX-License-Identifier: GPL-2.0-only
/* image.c - segments, dynamic symbols, relocations and .eh_frame of an ELF file, as libelf reads them. */
#include "keeper/image.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gelf.h>

#define N_SEGMENTS_MAX 64 /* a linker makes ten or so */
#define N_ALIKE_MAX                                                                                \
	4 /* sections of a kind: a linker makes one or two, a file may claim thousands */

struct image {
	Elf *elf;
	int fd;
	unsigned machine;
};

struct image *image_open(int fd)
{
	struct image *image;
	GElf_Ehdr header;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	image = calloc(1, sizeof(*image));
	if (!image)
		return NULL;
	image->fd = fd;
	image->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF ||
	    gelf_getclass(image->elf) != ELFCLASS64 || !gelf_getehdr(image->elf, &header)) {
		image_close(image);
		return NULL;
	}
	image->machine = header.e_machine;
	return image;
}

void image_close(struct image *image)
{
	if (!image)
		return;
	elf_end(image->elf);
	free(image);
}

unsigned image_machine(const struct image *image)
{
	return image->machine;
}

/* --- symbols --------------------------------------------------------------------------------- */

static void look_through(const struct image *image, Elf_Scn *section, const GElf_Shdr *header,
			 const char *const names[], unsigned n_names, uint64_t addresses[])
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = data ? data->d_size / sizeof(Elf64_Sym) : 0;
	GElf_Sym symbol;

	for (size_t i = 0; data && i < n; i++) {
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol) || !symbol.st_value)
			continue;
		name = elf_strptr(image->elf, header->sh_link, symbol.st_name);
		for (unsigned j = 0; name && j < n_names; j++)
			if (!strcmp(name, names[j]))
				addresses[j] = symbol.st_value;
	}
}

void image_symbols(const struct image *image, const char *const names[], unsigned n,
		   uint64_t addresses[])
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	unsigned n_looked = 0;

	memset(addresses, 0, n * sizeof(*addresses));
	while (n_looked < N_ALIKE_MAX && (section = elf_nextscn(image->elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM) {
			look_through(image, section, &header, names, n, addresses);
			n_looked++;
		}
}

bool image_library(const struct image *image, const char *prefix, char *name, size_t size)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Dyn entry;

	while ((section = elf_nextscn(image->elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNAMIC)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL;
		     i++) {
			const char *found = NULL;

			if (entry.d_tag == DT_NEEDED)
				found = elf_strptr(image->elf, header.sh_link, entry.d_un.d_val);
			if (found && !strncmp(found, prefix, strlen(prefix)) &&
			    strlen(found) < size) {
				strcpy(name, found);
				return true;
			}
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

/* The relocation of an address, if it is one that only this file decides: false otherwise. */
static bool value_of(const struct image *image, const GElf_Shdr *header, const GElf_Rela *rela,
		     uint64_t *value)
{
	bool is_arm = image->machine == EM_AARCH64;
	unsigned type = (unsigned)GELF_R_TYPE(rela->r_info);
	Elf_Scn *symbols = elf_getscn(image->elf, header->sh_link);
	GElf_Sym symbol;

	*value = (uint64_t)rela->r_addend;
	if (type == (is_arm ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE))
		return true;
	if (type != (is_arm ? R_AARCH64_ABS64 : R_X86_64_64) ||
	    !gelf_getsym(elf_getdata(symbols, NULL), (int)GELF_R_SYM(rela->r_info), &symbol) ||
	    !symbol.st_value)
		return false;
	*value += symbol.st_value;
	return true;
}

/* 1: it is relocated here; 0: not here; -1: here, to what another file decides. */
static int relocated(const struct image *image, Elf_Scn *section, const GElf_Shdr *header,
		     uint64_t address, uint64_t *value)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = data ? data->d_size / sizeof(Elf64_Rela) : 0;
	GElf_Rela rela;

	for (size_t i = 0; data && i < n; i++)
		if (gelf_getrela(data, (int)i, &rela) && rela.r_offset == address)
			return value_of(image, header, &rela, value) ? 1 : -1;
	return 0;
}

/* A packed relocation (SHT_RELR), or none at all: the word stands in the file as it is. */
uint64_t image_pointer(const struct image *image, uint64_t address)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	uint64_t value = 0;
	unsigned n_looked = 0;

	while (n_looked < N_ALIKE_MAX && (section = elf_nextscn(image->elf, section))) {
		int found = 0;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_RELA && ++n_looked)
			found = relocated(image, section, &header, address, &value);
		if (found)
			return found > 0 ? value : 0;
	}
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
