// SPDX-License-Identifier: GPL-2.0-only
/* python.c - the dynamic symbols of an ELF file, through libelf, which libbpf brings. */
#include "keeper/python.h"

#include <string.h>
#include <unistd.h>

#include <gelf.h>

/* Functions and data that an interpreter exports. */
enum {
	SYMBOL_SEND,
	SYMBOL_LEAVE,
	SYMBOL_LEAVE_IF,
	SYMBOL_VERSION,
	SYMBOL_COROUTINE,
	SYMBOL_GENERATOR,
	N_SYMBOLS
};

static const char *const symbols[N_SYMBOLS] = {
	"PyIter_Send",	     "_PyDict_DelItem_KnownHash",
	"_PyDict_DelItemIf", "Py_Version",
	"PyCoro_Type",	     "PyGen_Type",
};

/*
 * Where a coroutine has its frame's state and its name: _PyGenObject_HEAD, Include/cpython/genobject.h;
 * the states are enum _framestate, Include/internal/pycore_frame.h. Where a str has its characters:
 * PyASCIIObject, Include/cpython/unicodeobject.h. What ends a step: leave_task(), Modules/_asynciomodule.c.
 */
static const struct layout {
	unsigned minor;
	uint32_t frame_offset, state_offset;
	int32_t created;
	uint32_t name_offset, text_offset;
	unsigned leave;
} layouts[] = {
	{ 10, 16, 108, -2, 40, 48, SYMBOL_LEAVE }, /* f_state of its frame object */
	{ 11, 0, 75, -2, 32, 48, SYMBOL_LEAVE },   /* has gi_code before */
	{ 12, 0, 67, -2, 24, 40, SYMBOL_LEAVE },   /* its str has no wstr any more */
	{ 13, 0, 67, -3, 24, 40, SYMBOL_LEAVE_IF },
};

static bool has_all(const uint64_t found[N_SYMBOLS])
{
	for (unsigned i = 0; i < N_SYMBOLS; i++)
		if (!found[i])
			return false;
	return true;
}

static void look_through(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			 uint64_t found[N_SYMBOLS])
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	for (size_t i = 0; data && i < n && !has_all(found); i++) {
		const char *name;

		if (!gelf_getsym(data, (int)i, &symbol) || !symbol.st_value)
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		for (unsigned j = 0; name && j < N_SYMBOLS; j++)
			if (!strcmp(name, symbols[j]))
				found[j] = symbol.st_value;
	}
}

static void find_symbols(Elf *elf, uint64_t found[N_SYMBOLS])
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM)
			look_through(elf, section, &header, found);
}

/* Where in the file an address lies; 0: nowhere. `code`: and what is loaded with it as code. */
static uint64_t offset_of(Elf *elf, uint64_t address, struct interpreter *code)
{
	GElf_Phdr part;
	size_t n = 0;

	elf_getphdrnum(elf, &n);
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &part) || part.p_type != PT_LOAD ||
		    address < part.p_vaddr || address - part.p_vaddr >= part.p_filesz)
			continue;
		if (code && !(part.p_flags & PF_X))
			return 0;
		if (code) {
			code->code_start = part.p_vaddr;
			code->code_end = part.p_vaddr + part.p_memsz;
		}
		return part.p_offset + (address - part.p_vaddr);
	}
	return 0;
}

/* Py_Version is PY_VERSION_HEX, and there since 3.11; PyIter_Send() came with 3.10. */
static unsigned minor_of(Elf *elf, int fd, uint64_t address)
{
	uint64_t at = address ? offset_of(elf, address, NULL) : 0;
	unsigned char version[8];

	if (!address)
		return 10;
	if (!at || pread(fd, version, sizeof(version), (off_t)at) != (ssize_t)sizeof(version))
		return 0;
	return version[3] == 3 ? version[2] : 0; /* little-endian, as both architectures are */
}

/* All zero: nobody knows the version's. */
static struct layout layout_of(unsigned minor)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].minor == minor)
			return layouts[i];
	return (struct layout){ .leave = SYMBOL_LEAVE };
}

static bool read_elf(Elf *elf, int fd, struct interpreter *interpreter, uint64_t *send_offset,
		     uint64_t *leave_offset)
{
	uint64_t found[N_SYMBOLS] = { 0 }, leave;
	struct layout layout;

	find_symbols(elf, found);
	if (!found[SYMBOL_SEND])
		return false;
	layout = layout_of(minor_of(elf, fd, found[SYMBOL_VERSION]));
	*interpreter = (struct interpreter){
		.send = found[SYMBOL_SEND],
		.types = { found[SYMBOL_COROUTINE], found[SYMBOL_GENERATOR] },
		.frame_offset = layout.frame_offset,
		.state_offset = layout.state_offset,
		.created = layout.created,
		.name_offset = layout.name_offset,
		.text_offset = layout.text_offset,
	};
	*send_offset = offset_of(elf, found[SYMBOL_SEND], interpreter);
	leave = found[layout.leave];
	*leave_offset = leave ? offset_of(elf, leave, interpreter) : 0;
	interpreter->leave = *leave_offset ? leave : 0;
	return *send_offset;
}

bool python_read(int fd, struct interpreter *interpreter, uint64_t *send_offset,
		 uint64_t *leave_offset)
{
	bool is_read = false;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return false;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		is_read = read_elf(elf, fd, interpreter, send_offset, leave_offset);
	elf_end(elf);
	return is_read;
}
