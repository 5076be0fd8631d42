/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image.h - an ELF file, which anybody may have made: what lies where, once it is loaded. Through
 * libelf, which libbpf brings. Addresses are those of the file, as if it were loaded at 0.
 */
#ifndef SWTCH_IMAGE_H
#define SWTCH_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image; /* of the caller, with `fd` */

/* NULL: it is no ELF file of these machines. `fd` stays the caller's, and open as long as the image. */
struct image *image_open(int fd);
void image_close(struct image *image);

/* EM_*, see elf.h. */
unsigned image_machine(const struct image *image);

/* Addresses of dynamic symbols, by `n` names; 0: there is none. */
void image_symbols(const struct image *image, const char *const names[], unsigned n,
		   uint64_t addresses[]);

/* The first library that it asks for whose name begins so; false: there is none, or none that fits. */
bool image_library(const struct image *image, const char *prefix, char *name, size_t size);

/* What is loaded in one piece with an address: its limits, and where the address lies in the file. */
struct image_part {
	uint64_t start, end, offset;
	bool is_code;
};
bool image_part(const struct image *image, uint64_t address, struct image_part *part);

/* Bytes as they stand in the file; false unless all of them are there. */
bool image_read(const struct image *image, uint64_t address, void *to, size_t size);

/*
 * Read what the loader changes, once, before image_pointer() is asked. 0; -ENOMEM, or -E2BIG: then not all
 * of it is known.
 */
int image_read_relocations(struct image *image);

/* The address in a word of data, as the loader leaves it; 0: none, or of another file. */
uint64_t image_pointer(const struct image *image, uint64_t address);

/* Bytes of the function that begins at `address`, by .eh_frame; 0: nobody says. */
uint64_t image_function_bytes(const struct image *image, uint64_t address);

#endif
