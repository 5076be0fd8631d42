// SPDX-License-Identifier: GPL-2.0-only
/* python.c - CPython's functions and layouts: found by what an interpreter exports, stripped or not. */
#include "keeper/python.h"

#include <string.h>

#include "keeper/image.h"
#include "keeper/returns.h"

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
	{ 14, 0, 67, -3, 24, 40, N_SYMBOLS }, /* leave_task() calls nobody */
};

/* Py_Version is PY_VERSION_HEX, and there since 3.11; PyIter_Send() came with 3.10. */
static unsigned minor_of(const struct image *image, uint64_t address)
{
	unsigned char version[8];

	if (!address)
		return 10;
	if (!image_read(image, address, version, sizeof(version)))
		return 0;
	return version[3] == 3 ? version[2] : 0; /* little-endian, as both architectures are */
}

/* Of a version that nobody knows: nothing. */
static struct layout layout_of(unsigned minor)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].minor == minor)
			return layouts[i];
	return (struct layout){ .leave = N_SYMBOLS };
}

/* Where in the file the code at an address lies; 0: there is none. */
static uint64_t code_offset(const struct image *image, uint64_t address)
{
	struct image_part part;
	uint8_t first;

	if (!address || !image_part(image, address, &part) || !part.is_code)
		return 0;
	return image_read(image, address, &first, sizeof(first)) ? part.offset : 0;
}

/*
 * The function behind a type's method: it is static, but the type that points to it is exported.
 * PyTypeObject, Include/cpython/object.h, and PyMethodDef, Include/methodobject.h, from 3.10 to 3.14.
 */
#define METHODS_OFFSET 232 /* tp_methods */
#define METHOD_BYTES   32  /* name, function, flags, documentation */
#define N_METHODS_MAX  16

static uint64_t find_method(const struct image *image, uint64_t type, const char *name)
{
	uint64_t methods = type ? image_pointer(image, type + METHODS_OFFSET) : 0;
	size_t size = strlen(name) + 1;
	char found[16];

	for (unsigned i = 0; methods && i < N_METHODS_MAX; i++, methods += METHOD_BYTES) {
		uint64_t text = image_pointer(image, methods);

		if (!text || !image_read(image, text, found, size))
			return 0;
		if (!memcmp(found, name, size))
			return image_pointer(image, methods + 8);
	}
	return 0;
}

/* Where a function is best seen to begin; its own address where its code is not understood. */
static uint64_t entry_of(const struct image *image, uint64_t function)
{
	static uint8_t code[RETURNS_CODE_MAX];
	uint64_t size = function ? image_function_bytes(image, function) : 0;
	struct returns returns;

	if (!size || size > sizeof(code) || !image_read(image, function, code, size) ||
	    returns_find(image_machine(image), code, size, &returns))
		return function;
	return function + returns.entry;
}

/* Where a function returns, or the one does that it ends in a jump to. False: nobody knows. */
static bool find_ends(const struct image *image, uint64_t function, struct python_ends *ends)
{
	static uint8_t code[RETURNS_CODE_MAX];
	struct returns returns = { 0 };

	for (int jumps = 0; jumps < 2 && !returns.n; jumps++) {
		uint64_t size = image_function_bytes(image, function += (uint64_t)returns.onward);

		if (!size || size > sizeof(code) || !image_read(image, function, code, size) ||
		    returns_find(image_machine(image), code, size, &returns) ||
		    (!returns.n && !returns.onward))
			return false;
	}
	for (unsigned i = 0; i < returns.n; i++) {
		uint64_t offset = code_offset(image, function + returns.at[i]);

		if (!offset || ends->n == PYTHON_N_ENDS)
			return false;
		ends->at[ends->n++] = offset;
	}
	return returns.n;
}

/* Without its ends no step by hand is told: a thread that sleeps between two would be said to be in one. */
static void find_method_places(const struct image *image, struct interpreter *interpreter,
			       struct python_places *places)
{
	uint64_t method = find_method(image, interpreter->types[0], "send");

	interpreter->method = entry_of(image, method);
	places->method = code_offset(image, interpreter->method);
	if (!places->method || !find_ends(image, method, &places->method_ends))
		places->method = places->method_ends.n = 0;
}

/*
 * PyIter_Send() ends by a jump into the function of the object's type, which is in PyAsyncMethods behind
 * tp_as_async, or returns itself.
 */
#define ASYNC_OFFSET 80 /* tp_as_async */
#define SEND_OFFSET  24 /* am_send */

static void find_send_ends(const struct image *image, const uint64_t found[N_SYMBOLS],
			   struct python_places *places)
{
	uint64_t type = found[SYMBOL_COROUTINE];
	uint64_t methods = type ? image_pointer(image, type + ASYNC_OFFSET) : 0;
	uint64_t send = methods ? image_pointer(image, methods + SEND_OFFSET) : 0;

	if (!send || !find_ends(image, found[SYMBOL_SEND], &places->send_ends) ||
	    !find_ends(image, send, &places->send_ends))
		places->send_ends.n = 0;
}

static bool read_image(struct image *image, struct interpreter *interpreter,
		       struct python_places *places)
{
	uint64_t found[N_SYMBOLS];
	struct image_part code;
	struct layout layout;

	image_symbols(image, symbols, N_SYMBOLS, found);
	if (!found[SYMBOL_SEND] || !image_part(image, found[SYMBOL_SEND], &code) || !code.is_code)
		return false;
	if (image_read_relocations(image))
		return false;
	layout = layout_of(minor_of(image, found[SYMBOL_VERSION]));
	*interpreter = (struct interpreter){
		.send = entry_of(image, found[SYMBOL_SEND]),
		.leave = layout.leave < N_SYMBOLS ? entry_of(image, found[layout.leave]) : 0,
		.code_start = code.start,
		.code_end = code.end,
		.types = { found[SYMBOL_COROUTINE], found[SYMBOL_GENERATOR] },
		.frame_offset = layout.frame_offset,
		.state_offset = layout.state_offset,
		.created = layout.created,
		.name_offset = layout.name_offset,
		.text_offset = layout.text_offset,
	};
	*places = (struct python_places){ .send = code_offset(image, interpreter->send),
					  .leave = code_offset(image, interpreter->leave) };
	if (!places->leave)
		find_send_ends(image, found, places);
	find_method_places(image, interpreter, places);
	return true;
}

bool python_read(int fd, struct interpreter *interpreter, struct python_places *places)
{
	struct image *image = image_open(fd);
	bool is_read = image && read_image(image, interpreter, places);

	image_close(image);
	return is_read;
}
